// `chunk`: a text in parts of some size, each with its place in the text.

import Formats
import Models
import Retrieval

struct ChunkStep: ImmediateStep {
  static let keys = ["chunk"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("text", .template, required: true), Shape.Field("by", .choice(ChainFormat.chunkings)),
      Shape.Field("size", .templated(.integer(.from(1)))), Shape.Field("overlap", .templated(.integer(.from(0)))),
    ])
  ]

  private let text: ChainTemplate
  private let strategy: ChunkOptions.Strategy
  private let size: ChainValue
  private let overlap: ChainValue

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["chunk"], let text = json["text"].flatMap(reader.template) else { return nil }
    self.text = text
    strategy = json["by"]?.string.flatMap(ChunkOptions.Strategy.init) ?? .recursive
    size = json["size"].map { reader.value($0) } ?? .constant(300)
    overlap = json["overlap"].map { reader.value($0) } ?? .constant(0)
    if let size = size.constantValue?.int, let overlap = overlap.constantValue?.int, overlap >= size {
      reader.report(
        "'overlap' is not less than 'size'", at: json["overlap"]?.sourceOffset ?? json.sourceOffset)
    }
  }

  func compute(_ context: StepContext) throws(StepFailure) -> StepOutcome {
    func number(_ value: ChainValue, _ name: String, _ least: Int) throws(StepFailure) -> Int {
      guard let number = try context.json(value).int, number >= least else {
        throw context.failure("'\(name)' is to be a whole number from \(least)", .usage, at: value.offset)
      }
      return number
    }
    let text = try context.text(text)
    let options = ChunkOptions(
      strategy: strategy, size: try number(size, "size", 1), overlap: try number(overlap, "overlap", 0))
    let bytes = Array(text.utf8)
    let chunks = Chunker.chunks(text, options).map { chunk in
      JSON.object([
        ("text", .string(String(decoding: bytes[chunk.bytes], as: UTF8.self))),
        ("start", .number(chunk.bytes.lowerBound)),
        ("end", .number(chunk.bytes.upperBound)), ("heading", .string(chunk.headings.joined(separator: " > "))),
      ])
    }
    return StepOutcome(.array(chunks), isTainted: context.isTainted(self.text.uses))
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([("chunk", .string(strategy.rawValue))]) }
}
