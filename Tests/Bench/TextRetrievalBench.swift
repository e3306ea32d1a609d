// Chunking and the keyword index measured on 20 MB of mixed text: prose of a vocabulary with natural frequencies, Markdown
// and code. Rates say what the machine does today; the ratio beside the token estimate, which chunking contains, does not
// hang on the machine. Where the Python package tantivy is at hand it indexes the same text beside it.

import Formats
import Foundation
import Retrieval
import Support

func textRetrieval(_: String) async throws -> [Row] {
  let text = mixedText(20_000_000)
  var chunks: [Range<Int>] = []
  var blocks: [SegmentBlock] = []
  let estimate = best { _ = TokenEstimate.count(utf8: text) }
  let chunking = best {
    chunks.removeAll(keepingCapacity: true)
    var chunker = Chunker(ChunkOptions(strategy: .markdown))
    text.withUnsafeBytes { chunker.cut($0) { chunks.append($0.bytes) } }
  }
  let indexing = best {
    let indexer = KeywordIndexer()
    text.withUnsafeBytes { all in for chunk in chunks { indexer.add(UnsafeRawBufferPointer(rebasing: all[chunk])) } }
    blocks = indexer.finish()
  }
  var rows = [
    Row(
      "chunking (Markdown)", Measure.rate(text.count, chunking), "\(Measure.rate(text.count, estimate)) (tokens alone)",
      Measure.ratio(estimate / chunking), "≥ 66 MB/s"),
    Row("keyword index built", Measure.rate(text.count, indexing), "", "", ""),
    Row("chunking and keyword index", Measure.rate(text.count, chunking + indexing), "", "", "≥ 2 × tantivy"),
  ]
  guard let index = try KeywordIndex(path: "bench", block: { name in blocks.first { $0.name == name }.map(Block.init) })
  else { throw BenchError("no keyword index was built") }
  for query in ["w1", "w1 w2 w40 w900", "w30000 w7"] {
    let seconds = best { _ = try? KeywordSearch.search(query, in: [KeywordSegment(index: index)], k: 10) }
    rows.append(
      Row("keyword query '\(query)', \(chunks.count) chunks", Measure.milliseconds(seconds), "", "", "≤ 5 ms"))
  }
  return rows
}

private struct Block: SegmentBytes {
  let bytes: [UInt8]
  var count: Int { bytes.count }
  init(_ block: SegmentBlock) { bytes = block.bytes }
  func read(_ range: Range<Int>) throws(StoreError) -> [UInt8] { Array(bytes[range]) }
}

/// The fewest seconds of five rounds.
private func best(_ body: () -> Void) -> Double {
  (0..<5).map { _ in Measure.seconds(ContinuousClock().measure(body)) }.min() ?? 0
}

func mixedText(_ size: Int) -> [UInt8] {
  var state: UInt64 = 42
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  // Rank r comes about 1 / r as often: the exponent of an even number is spread as in natural text.
  func word() -> String {
    let rank = Int(exp(Double(next(1 << 20)) / Double(1 << 20) * log(50_000)))
    return next(8) == 0 ? "word\(rank)Of" : "w\(rank)"
  }
  var text: [UInt8] = []
  text.reserveCapacity(size + 4096)
  while text.count < size {
    text += Array("## Section \(next(100_000))\n\n".utf8)
    for _ in 0..<4 {
      for _ in 0..<5 {
        text += Array("\((0..<(6 + next(14))).map { _ in word() }.joined(separator: " ").capitalized). ".utf8)
      }
      text += Array("\n\n".utf8)
    }
    if next(3) == 0 {
      text += Array("```swift\n".utf8)
      for _ in 0..<8 { text += Array("  let \(word()) = \(word())(\(next(1000)), with: \"\(word())\")\n".utf8) }
      text += Array("```\n\n".utf8)
    }
  }
  return text
}
