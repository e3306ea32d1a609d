// Handlebars against the outputs of its own program; what is refused here is refused with words.

import Formats
import Support
import Templates
import Testing

@Suite("Handlebars templates") struct HandlebarsTests {
  private func render(_ template: String, _ context: JSON, _ partials: JSON?) throws(FormatError) -> String {
    let bytes = Array(template.utf8)
    let segments = try Template.handlebars(bytes, in: 0..<bytes.count) { name in
      (partials?[name]?.string).map { Array($0.utf8) }
    }
    var text = ""
    for case .text(let template) in segments { text += try template.render(context) }
    return text
  }

  /// What is refused here and not there: sections (`{{#name}}` with no helper's name), raw blocks, partials with a block, computed partials, `@../`, and helpers and
  /// objects that would print as nothing or as "[object Object]".
  private static let refused: Set<String> = [
    "{{{{raw}}}} {{x}} {{{{/raw}}}}", "{{user}}", "[{{ed}}]",
    "{{#each nested}}{{#each this}}{{@../index}}.{{@index}} {{/each}}{{/each}}",
    "{{#> missing}}fallback{{/missing}}", "{{#> layout}}body{{/layout}}", #"{{> (lookup . "pn")}}"#,
    #"{{#*inline "q"}}I{{name}}{{/inline}}{{> q}}"#, "{{foo a=1}}", #"{{"lit"}}"#, "{{true}}", "{{12}}",
  ]

  @Test(
    "render as Handlebars renders them, but for what is refused",
    .enabled(if: Conformance.isPresent, Conformance.hint))
  func conformance() throws {
    var (right, refused) = (0, 0)
    let lines = try Conformance.bytes("handlebars/cases.jsonl").split(separator: 0x0A)
    for line in lines {
      let test = try JSON.parse(Array(line))
      let template = test["template"]?.string ?? ""
      let expected = test["output"]?.string
      do throws(FormatError) {
        let output = try render(template, test["context"] ?? .object([]), test["partials"])
        if Self.refused.contains(template) { continue }
        // Without escaping Handlebars itself adds numbers that stand side by side; with it, it prints them.
        let other = template.hasPrefix("{{#each m}}{{@index}}") ? test["escaped_output"]?.string : expected
        #expect(output == expected || output == other, "\(template)")
        right += 1
      } catch {
        let isRefused = Self.refused.contains(template) || error.message.hasPrefix("unknown block")
        #expect(expected == nil || isRefused, "\(template): \(error.text(file: "t"))")
        refused += 1
      }
    }
    #expect(right + refused > 200 && right > 160, "\(right) right, \(refused) refused of \(lines.count)")
  }

  @Test(
    "what has no meaning here is refused at its place",
    arguments: [
      ("a\n{{#if x}}", "2:1: 'if' is not closed ({{/if}})"), ("{{shout x}}", "1:1: unknown helper 'shout'"),
      ("{{#repeat x}}{{/repeat}}", "1:1: unknown block 'repeat'"), ("{{x", "1:1: the tag is not closed (}})"),
      ("{{#if x}}{{role \"user\"}}{{/if}}", "1:10: 'role' stands within a block"),
      ("a {{section \"x\"}}", "1:3: 'section' marks a place"), ("{{> nope}}", "1:1: there is no partial 'nope'"),
      ("{{> me}}", "1:1: in the partial 'me': the partial 'me' calls itself"), ("{{../x}}", "1:3: '..' leads out"),
      ("{{media x}}", "1:1: media needs its address"), ("{{role x}}", "1:1: a role is written as text"),
    ])
  func refusals(template: String, message: String) {
    do throws(FormatError) {
      _ = try render(template, .object([]), ["me": "{{> me}}"])
      Issue.record("\(template) is taken")
    } catch {
      #expect(error.text(file: "t").hasPrefix("t:" + message), "\(error.text(file: "t"))")
    }
  }

  @Test("deep nesting is refused in bounded time") func depth() {
    let steps = "x" + String(repeating: ".a", count: 20_000)
    let within = String(repeating: "{{#with a.b.c.d}}", count: 90) + "{{x}}" + String(repeating: "{{/with}}", count: 90)
    let looked = "{{#with (lookup this this)}}"
    for template in [
      String(repeating: "{{#if x}}", count: 10_000), String(repeating: "{{a (", count: 10_000), "{{\(steps)}}", within,
      "{{#with x}}" + String(repeating: looked, count: 80) + String(repeating: "{{/with}}", count: 81),
    ] {
      #expect(throws: FormatError.self) { try render(template, .object([]), nil) }
    }
  }

  @Test("partials that call partials twice are bounded; the same one many times is not") func partials() throws {
    var doubling: [(String, JSON?)] = (0..<30).map { ("p\($0)", .string("{{> p\($0 + 1)}}{{> p\($0 + 1)}}")) }
    doubling.append(("p30", "x"))
    let error = #expect(throws: FormatError.self) { try render("{{> p0}}", .object([]), .object(doubling)) }
    #expect(error?.message.hasSuffix("partials are called too often") == true, "\(error?.message ?? "")")
    let often = try render(String(repeating: "{{> p}}", count: 1_000), .object([]), ["p": "x"])
    #expect(often == String(repeating: "x", count: 1_000))
    #expect(try render("{{> p}}\n  {{> p}}\n", .object([]), ["p": "x\ny\n"]) == "x\ny\n  x\n  y\n")
  }

  @Test("the tree is written as source of our own language that means the same") func ownSource() throws {
    let source = "{{#each xs}}{{this}}{{#unless @last}}, {{/unless}}{{/each}}{{#if u.a}}{{u.b}}{ {{else}}-{{/if}}"
    let bytes = Array(source.utf8)
    let segments = try Template.handlebars(bytes, in: 0..<bytes.count)
    let template = try #require(segments.lazy.compactMap { if case .text(let text) = $0 { text } else { nil } }.first)
    let written = try #require(template.ownSource())
    let own = try Template(written)
    for context: JSON in [
      ["xs": ["a", "b"], "u": ["a": 1]], ["xs": .object([]), "u": .object([])], .object([]),
      ["xs": [["a", "b"], .null, 1], "u": ["a": true, "b": [1, "x"]]], ["xs": [[]], "u": ["a": 1, "b": .null]],
    ] {
      #expect(try own.render(context) == template.render(context), "\(written)")
    }
  }
}
