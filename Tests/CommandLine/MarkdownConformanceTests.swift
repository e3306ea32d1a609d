// Markdown as it is read for the terminal, against the examples of the CommonMark specification.

import Foundation
import Support
import Testing

@testable import awl

/// Examples of what is not supported, by reason. All others must hold, and these must not.
private let unsupported: [(reason: String, examples: Set<Int>)] = [
  (
    "reference links: their definitions may come after what has been printed; both are shown as they are",
    [
      23, 33, 194, 195, 196, 197, 198, 200, 202, 204, 205, 206, 207, 208, 209, 210, 212, 216, 217, 218, 219, 220, 319,
      529,
      530, 531, 532, 533, 534, 535, 536, 537, 538, 539, 540, 541, 542, 543, 544, 545, 546, 547, 551, 552, 555, 556, 557,
      558, 559, 560, 561, 562, 563, 564, 565, 566, 567, 568, 569, 570, 571, 572, 573, 575, 578, 579, 584, 585, 586, 587,
      588, 589, 590, 591, 593, 594, 595,
    ]
  ),
  ("entities with rare names: only those are known that models write", [25]),
]

@Suite("Markdown against CommonMark") struct MarkdownConformanceTests {
  struct Example: Sendable {
    var number: Int
    var section: String
    var markdown: String
    var html: String
  }

  static func examples() throws -> [Example] {
    try Conformance.load("commonmark/examples.jsonl").map { object in
      Example(
        number: object["example"] as? Int ?? 0, section: object["section"] as? String ?? "",
        markdown: object["markdown"] as? String ?? "", html: object["html"] as? String ?? "")
    }
  }

  @Test("what is drawn has the structure of the example's HTML", .enabled(if: Conformance.isPresent, Conformance.hint))
  func structure() throws {
    let known = unsupported.reduce(into: Set<Int>()) { $0.formUnion($1.examples) }
    for example in try Self.examples() {
      let drawn = HTMLSink.comparable(HTMLSink.render([example.markdown]))
      let wanted = HTMLSink.comparable(example.html)
      #expect((drawn == wanted) != known.contains(example.number), "\(example.number) \(example.section): \(drawn)")
    }
  }

  @Test(
    "a text cut at each character means what the whole means",
    .enabled(if: Conformance.isPresent, Conformance.hint))
  func cuts() throws {
    for example in try Self.examples() {
      let whole = HTMLSink.render([example.markdown])
      #expect(HTMLSink.render(example.markdown.unicodeScalars.map { String($0) }) == whole, "\(example.number)")
    }
  }
}
