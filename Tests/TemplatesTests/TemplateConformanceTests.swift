// Our templates against the outputs of Jinja and Nunjucks for 941 templates. Where the two spell a value differently
// (`True` and `true`) Nunjucks' column counts. What is not ours is listed with its reason, and has to fail or differ.

import Formats
import Foundation
import Support
import Templates
import Testing

private struct Case: Sendable {
  var name: String
  var feature: String
  var template: String
  var context: JSON
  /// `nil`: an error is expected.
  var output: String?
  var isPython: Bool
}

private func cases() throws -> [Case] {
  try Conformance.bytes("templates/cases.jsonl").split(separator: 0x0A).map { line in
    let row = try JSON.parse(Array(line))
    let portable = row["portable"]?.string ?? ""
    let output = portable == "bool-text" ? row["nunjucks_output"]?.string : row["output"]?.string
    return Case(
      name: row["name"]?.string ?? "", feature: row["feature"]?.string ?? "", template: row["template"]?.string ?? "",
      context: row["context"] ?? .object([]), output: output, isPython: portable == "no")
  }
}

/// Python's spelling of a printed value in JSON's: `True` → `true`, `None` → `null`, `'a'` → `"a"`, tuples as lists, whole
/// numbers without `.0`.
private func respelled(_ python: String) -> String {
  python.replacing("True", with: "true").replacing("False", with: "false").replacing("None", with: "null")
    .replacing("'", with: "\"").replacing("(", with: "[").replacing(")", with: "]")
    .replacing(#/(\d)\.0(?!\d)/#) { "\($0.1)" }
}

@Suite("templates against Jinja and Nunjucks", .enabled(if: Conformance.isPresent, Conformance.hint))
struct TemplateConformanceTests {
  /// What is not part of the language, or differs on purpose, by reason.
  private static let exceptions: [String: [String]] = [
    "calls and methods are refused": [
      "for-12", "for-13", "for-14", "for-15", "for-27", "for-28", "for-29", "for-30", "for-31", "for-34", "for-46",
      "for-47", "for-48", "set-09", "set-10", "filter-convert-06", "filter-group-09",
    ],
    "other tags are refused": ["set-06", "set-17", "set-18", "set-19", "filter-chain-14", "filter-chain-15"],
    "filters that are not ours are refused": [
      "filter-number-36", "filter-number-37", "filter-number-38", "filter-number-39", "filter-number-40",
      "filter-number-41", "filter-text-22", "filter-text-24", "filter-text-25", "filter-text-33", "filter-text-34",
      "filter-group-12", "arithmetic-39",
    ],
    "tojson keeps the order of keys and escapes nothing for HTML": [
      "filter-tojson-06", "filter-tojson-07", "filter-tojson-08", "filter-tojson-13", "filter-tojson-15",
      "filter-tojson-16", "filter-tojson-22", "filter-tojson-24", "filter-tojson-26", "unicode-29", "prompt-06",
    ],
    "numbers print as JavaScript prints them": [
      "literal-29", "filter-tojson-19", "filter-tojson-20", "filter-tojson-27",
    ],
    "an undefined value in a list or filter is an error": ["undefined-20", "filter-convert-17"],
    "null prints as null": ["filter-case-11"],
    "a boolean is no number": ["test-13"],
    "lower case without regard to the place in a word": ["filter-case-13"],
    "urlencode takes text and objects": ["filter-text-30"],
  ]

  @Test("every case of a feature that is ours gives the expected text or an error") func conformance() throws {
    let excepted = Set(Self.exceptions.values.joined())
    var checked = 0
    for test in try cases() where !["method", "macro", "python-repr"].contains(test.feature) {
      let result = try? Template(test.template).render(test.context)
      let isRight = result == test.output || test.isPython && result != nil && result == test.output.map(respelled)
      // An exception that holds no more is to be struck from the list.
      #expect(
        isRight != excepted.contains(test.name),
        "\(test.name) \(test.template.debugDescription) gives \(result ?? "an error"), not \(test.output ?? "an error")"
      )
      checked += 1
    }
    #expect(checked > 850)
  }

  @Test("methods and macros are refused when the template is compiled") func refused() throws {
    for test in try cases() where ["method", "macro"].contains(test.feature) && test.output != nil {
      #expect(throws: FormatError.self, "\(test.template)") { try Template(test.template) }
    }
  }
}
