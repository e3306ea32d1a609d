// Templates as those who write them see them: errors with their place, bounds, and text that stays text.

import Formats
import Templates
import Testing

@Suite("templates") struct TemplateTests {
  @Test(
    "what is wrong is told with its place",
    arguments: [
      ("{{ name", "1:1: the tag is not closed (}})"),
      ("a\n  {% if x %}b", "2:3: the block is not closed ({% endif %})"),
      ("{{ x | uper }}", "1:6: unknown filter 'uper' (did you mean 'upper'?)"),
      ("{{ x is definde }}", "1:6: unknown test 'definde' (did you mean 'defined'?)"),
      ("{{ x.items() }}", "1:5: '.items()' calls a method, which templates cannot (use a filter: | items)"),
      ("{{ range(3) }}", "1:4: 'range()' calls a function, which templates cannot"),
      ("{% macro m() %}{% endmacro %}", "1:1: 'macro' is not part of this language (it has if, for, set and raw)"),
      ("{% fro x in y %}", "1:1: unknown tag 'fro' (if, for, set and raw)"),
      ("{{ 1 + }}", "1:8: the tag ends here: a value is expected"),
      ("{{ 'abc }}", "1:4: the string is not closed"),
      ("{% endif %}", "1:1: 'endif' stands where nothing is open for it"),
      ("{{ a ? b : c }}", "1:6: unexpected character '?' in a tag"),
    ])
  func compileErrors(source: String, message: String) {
    let error = #expect(throws: FormatError.self) { try Template(source) }
    #expect(error?.text(file: "t").dropFirst(2) ?? "" == message[...])
  }

  @Test(
    "what cannot be rendered is told with its place",
    arguments: [
      ("Dear {{ nme }}", "1:6: 'nme' is not defined (give it, or use | default(…))"),
      ("{{ user.zip }}", "1:1: 'user.zip' is not defined (give it, or use | default(…))"),
      ("{{ 1 / 0 }}", "1:6: division by zero"),
      ("{{ user + 1 }}", "1:9: '+' cannot take an object and a number (~ joins texts)"),
      ("{% for x in 5 %}{% endfor %}", "1:1: a number cannot be gone over (a list is expected)"),
      ("{{ 9223372036854775807 + 1 }}", "1:24: the number is too large"),
    ])
  func renderErrors(source: String, message: String) throws {
    let template = try Template(source)
    let error = #expect(throws: FormatError.self) { try template.render(["user": ["name": "Ada"]]) }
    #expect(error?.text(file: "t").dropFirst(2) ?? "" == message[...])
  }

  @Test("a value is rendered once: braces in it stay text") func renderedOnce() throws {
    let template = try Template("{% for d in docs %}{{ d }}|{% endfor %}{{ docs }}")
    let text = try template.render(["docs": ["{{ secret }}", "{% endfor %}"], "secret": "leaked"])
    #expect(text == #"{{ secret }}|{% endfor %}|["{{ secret }}", "{% endfor %}"]"#)
  }

  @Test(
    "values print in JSON's forms",
    arguments: [
      ("{{ true }} {{ none }} {{ 1.0 }} {{ 0.1 + 0.2 }}", "true null 1 0.30000000000000004"),
      ("{{ {'b': [1, 'x'], 'a': none} }}", #"{"b": [1, "x"], "a": null}"#), ("{{ 'a' ~ 1 ~ true }}", "a1true"),
    ])
  func printed(source: String, expected: String) throws {
    #expect(try Template(source).render([:]) == expected)
  }

  @Test("a template that is one expression keeps its type") func typed() throws {
    #expect(try Template("{{ xs | first }}").value(["xs": [[1, 2]]]) == [1, 2])
    #expect(try Template("{{ 1 }} ").value([:]) == nil)
  }

  @Test(
    "loops and output are bounded",
    arguments: [
      ("{% for a in xs %}{% for b in xs %}{% endfor %}{% endfor %}", "loops go round more than"),
      ("{% set s = 'ab' * 1000 %}{% for a in xs %}{{ s }}{% endfor %}", "the output is larger than"),
      ("{{ 'ab' * 100000000000 }}", "the text is larger than"),
      ("{{ 'abc'" + String(repeating: " | join('---')", count: 60) + " }}", "the text is"),
      (
        "{% set ns = xs %}{{ (xs + xs + xs) | map('string') | join | length }}" + "{% set a = xs %}"
          + String(repeating: "{% set a = a + a %}", count: 50), "the list is longer than"
      ),
    ])
  func bounded(source: String, message: String) throws {
    let context: JSON = .object([("xs", .array((0..<100).map { .number($0) }))])
    let error = #expect(throws: FormatError.self) {
      try Template(source).render(context, limits: TemplateLimits(rounds: 5_000, output: 50_000))
    }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test(
    "nesting is bounded and never overflows the stack", arguments: ["(", "[", "not ", "-", "{% if a %}", "x|default("])
  func deep(piece: String) {
    let source =
      piece.hasPrefix("{%")
      ? String(repeating: piece, count: 100_000) : "{{ " + String(repeating: piece, count: 100_000)
    #expect(throws: FormatError.self) { try Template(source) }
  }
}
