// The seam between the store and what is indexed in it beside vectors (keywords, filter columns): while a segment is
// written each record passes by, at the end come named blocks of bytes; while it is read the same bytes are handed
// back by name. The store keeps, aligns, checks and compacts them without knowing what they mean.

/// A named run of bytes in a segment.
package struct SegmentBlock: Sendable {
  /// At most 24 ASCII bytes, unique in the segment: `keywords.terms`.
  package var name: String
  package var bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Builds blocks for one segment from the records in it. A new one is made for each segment.
package protocol SegmentIndexer {
  /// Called once for each row in order; `row` counts from 0 within the segment.
  mutating func add(_ record: StoreRecord, row: Int)
  /// Called after the last row: the blocks to keep.
  mutating func finish() -> [SegmentBlock]
}

/// A block as it is read. A file that was cut, or a range that lies outside, is an error and never a crash.
package protocol SegmentBytes: Sendable {
  /// Length in bytes.
  var count: Int { get }
  /// A copy of a part of the block.
  func read(_ range: Range<Int>) throws(StoreError) -> [UInt8]
}
