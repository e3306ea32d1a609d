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
      ("{{ -(0 - 9223372036854775807 - 1) }}", "1:4: the number is too large"),
      ("{{ (0 - 9223372036854775807 - 1) // -1 }}", "1:34: the number is too large"),
      ("{{ (0 - 9223372036854775807 - 1) | abs }}", "1:34: the number is too large"),
      ("{{ 'abcde' | center(-9223372036854775807) }}", "1:12: the width is out of range"),
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
      ("{{ 6 is divisibleby(-1) }} {{ 7 is divisibleby(-2) }}", "true false"),
      ("{{ 'a' 'b' \"c\" }}", "abc"),
      ("{{ 'a\\r\\nb\\nc' | lines }} {{ 'a\\r\\n' | lines }}", #"["a", "b", "c"] ["a"]"#),
      ("{{ 'a\\r\\nb' | indent(2) }}", "a\n  b"),
      ("{{ [1, 1.0, true, 'A', 'a', [1], [1.0], {'k': 1}] | unique }}", #"[1, "A", [1], {"k": 1}]"#),
      ("{{ [{'a': 1, 'b': 2}, {'b': 2, 'a': 1}, 'x'] | unique | length }}", "2"),
      ("{{ [1, 'x', [2]] | intersect([[2.0], 1.0]) }}", "[1, [2]]"),
      (
        "{{ [{'k': 1, 'v': 2}, {'k': 1.0, 'v': 3}, {'k': 0, 'v': 4}] | groupby('k') | map('last') | map('length') }}",
        "[1, 2]"
      ),
      (
        "{% for x in 'abc' %}{{ loop.index }}{{ loop.previtem | default('-') }}{{ loop.last }} {% endfor %}",
        "1-false 2afalse 3btrue "
      ),
      ("{% for x in 'ab' %}{% for y in 'c' %}{{ loop.length }}{% endfor %}{{ loop.revindex }}{% endfor %}", "1211"),
      ("{% for x in 'a' %}{% set loop = {'index': 7} %}{{ loop.index }}{% endfor %}", "7"),
      ("{% for x in 'a' %}{{ loop | length }}{% endfor %}", "8"),
      ("{% set x = 0 %}{% for x in 'ab' %}{% set y = x %}{{ y }}{% endfor %}{{ x }}", "ab0"),
      ("{{ ('one two three ' * 200) | take_tokens(3) }}", "one two three"),
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
    "nesting is bounded and never overflows the stack",
    arguments: [
      ("{{ ", "(", ")"), ("{{ ", "[", "]"), ("{{ ", "{'k': ", "}"), ("{{ ", "not ", ""), ("{{ ", "-", ""),
      ("", "{% if a %}", ""), ("{{ ", "x|default(", ")"), ("{{ ", "x[", "]"), ("{{ 1", "+1", ""), ("{{ 1", "~1", ""),
      ("{{ 1", "**1", ""), ("{{ x", ".a", ""), ("{{ x", "[0]", ""), ("{{ x", "|string", ""),
      ("{{ x", " is defined", ""), ("{{ x", " or x", ""), ("{{ x", " and x", ""), ("{{ x", " if x", ""),
      ("{{ ", "[1+1+1+1+1][0]+(", ")"),
    ])
  func deep(start: String, piece: String, close: String) {
    let (pieces, closes) = (String(repeating: piece, count: 50_000), String(repeating: close, count: 50_000))
    let error = #expect(throws: FormatError.self) {
      try Template(start + pieces + closes + (start.isEmpty ? "" : " }}"))
    }
    #expect(error?.message.hasSuffix("too deeply") == true || error?.message == "the expression is too long")
  }

  @Test("what stands side by side is not deep: long lists, arguments, comparisons and strings are taken") func wide()
    throws
  {
    let items = String(repeating: "x + 1 | abs, ", count: 1_000)
    #expect(try Template("{{ [\(items)] | length }}").render(["x": 1]) == "1000")
    #expect(try Template("{{ {\(String(repeating: "'k': x + 1, ", count: 500))} | length }}").render(["x": 1]) == "1")
    #expect(try Template("{{ \(String(repeating: "'ab' ", count: 5_000)) | length }}").render([:]) == "10000")
    #expect(try Template("{{ 1\(String(repeating: " + 1", count: 200)) }}").render([:]) == "201")
  }

  @Test(
    "a name that the template sets itself is asked of nobody, but for what a loop forgets at its end",
    arguments: [
      ("{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", ["a"]),
      ("{% for i in xs %}{% set y = i %}{% endfor %}{{ y }}", ["xs", "y"]),
      ("{% for i in xs %}{{ loop.index }}{% endfor %}{{ i }}", ["xs", "i"]),
      ("{% set z %}{% set w = 1 %}{% endset %}{{ z }}{{ w }}", []),
    ])
  func names(source: String, expected: [String]) throws {
    #expect(try Template(source).names.map(\.name) == expected)
  }

  @Test("places in a list of the context count from both ends") func places() throws {
    let template = try Template("{{ xs[0] }} {{ xs[-1] }} {{ xs[3] | default('none') }} {{ xs[-4] | default('none') }}")
    #expect(try template.render(["xs": [1, [2], "c"]]) == "1 c none none")
    #expect(try Template("{{ xs | join('-') }} {{ xs | length }}").render(["xs": [1, [2], "c"]]) == "1-[2]-c 3")
  }
}
