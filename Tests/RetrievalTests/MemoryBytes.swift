// Blocks of a segment in memory, for tests; counts what was read.

@testable import Retrieval

struct MemoryBytes: SegmentBytes {
  let bytes: [UInt8]
  var count: Int { bytes.count }

  func read(_ range: Range<Int>) throws(StoreError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
      throw StoreError(path: "memory", kind: .damaged(what: "range"))
    }
    return Array(bytes[range])
  }

  static func index(_ blocks: [SegmentBlock]) throws(StoreError) -> KeywordIndex? {
    try KeywordIndex(path: "memory") { name in blocks.first { $0.name == name }.map { MemoryBytes(bytes: $0.bytes) } }
  }
}

/// Small numbers from a seed, the same everywhere.
struct Dice {
  var state: UInt64

  mutating func roll(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
