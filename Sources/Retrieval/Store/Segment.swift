// A segment as it is read: the head is checked when it is opened, what lies in a block when it is looked at. Nothing
// that a damaged file says leads outside of it.

import CVectorKernels
import Formats
import Storage
import Synchronization

/// Rows that never change.
package final class Segment: Sendable {
  let map: MappedFile
  let head: SegmentHead
  let planes: SegmentPlanes?
  private let blocks: [String: BlockEntry]
  /// The modes whose planes have been mapped in by a search.
  private let scanned = Atomic<UInt8>(0)

  package var path: String { map.path }
  package var rows: Int { head.rows }

  init(_ path: String) throws(StoreError) {
    do throws(StorageError) {
      map = try MappedFile(path)
    } catch  where error.kind == .notFound {
      throw StoreError(path: path, kind: .missing)
    } catch {
      throw StoreError(error)
    }
    guard map.count >= SegmentFormat.headSize else {
      throw StoreError(path: path, kind: .damaged(what: "it has only \(map.count) bytes"))
    }
    let map = map
    let bytes = try store { () throws(StorageError) in try map.read(0..<SegmentFormat.headSize) }
    let head = try SegmentHead(bytes, path: path, fileSize: map.count)
    self.head = head
    var blocks: [String: BlockEntry] = [:]
    for block in head.blocks { blocks[block.name] = block }
    self.blocks = blocks
    planes = try Segment.planes(map, head, blocks)
    for name in ["ids", "text", "metadata", "names"] where blocks[name] == nil {
      throw Segment.damaged(map, "it has no block \(name)")
    }
    for (name, size) in [("ids.at", 8), ("text.at", 8), ("metadata.at", 8)] {
      try Segment.expect(map, blocks[name], name, (head.rows + 1) * size)
    }
    try Segment.expect(map, blocks["ids.order"], "ids.order", head.rows * 4)
    try Segment.expect(map, blocks["places"], "places", head.rows * SegmentFormat.placeSize)
    guard let at = blocks["names.at"], at.count >= 8, at.count % 8 == 0 else {
      throw Segment.damaged(map, "it has no block names.at")
    }
  }

  private static func planes(
    _ map: MappedFile, _ head: SegmentHead, _ blocks: [String: BlockEntry]
  ) throws(StoreError) -> SegmentPlanes? {
    guard head.dimension > 0 else { return nil }
    let dimension = head.paddedDimension
    func start<Number>(_ name: String, _ count: Int, _ type: Number.Type) throws(StoreError) -> UnsafePointer<Number> {
      try expect(map, blocks[name], name, count * MemoryLayout<Number>.size)
      return (map.start + (blocks[name]?.offset ?? 0)).assumingMemoryBound(to: Number.self)
    }
    _ = try start("centroid", dimension, Float.self)
    return SegmentPlanes(
      rows: head.rows, dimension: dimension, f32: try start("f32", head.rows * dimension, Float.self),
      int8: try start("int8", head.rows * dimension, Int8.self),
      int8Scale: try start("int8.scale", head.rows, Float.self),
      int8Residual: try start("int8.residual", head.rows, Float.self),
      bits: try start("bits", (head.rows + 31) / 32 * 32 * dimension / 8, UInt8.self),
      bitScale: try start("bits.scale", head.rows, Float.self),
      bitOffset: try start("bits.offset", head.rows, Float.self),
      bitRadius: try start("bits.radius", head.rows, Float.self))
  }

  private static func expect(
    _ map: MappedFile, _ block: BlockEntry?, _ name: String, _ count: Int
  ) throws(StoreError) {
    guard let block else { throw damaged(map, "it has no block \(name)") }
    guard block.count == count else {
      throw damaged(map, "the block \(name) has \(block.count) bytes instead of \(count)")
    }
  }

  private static func damaged(_ map: MappedFile, _ what: String) -> StoreError {
    StoreError(path: map.path, kind: .damaged(what: what))
  }

  func damaged(_ what: String) -> StoreError { Segment.damaged(map, what) }

  /// Runs guarded C over the planes with a job by address.
  func guarded<Job>(
    _ body: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ job: inout Job
  ) throws(StoreError) {
    let isWhole = withUnsafeMutablePointer(to: &job) { job in
      (try? map.guarded(body, UnsafeMutableRawPointer(job))) != nil
    }
    guard isWhole else { throw damaged("it lost bytes while it was read") }
  }

  /// Tells the system what a search will read.
  ///
  /// - Returns: True for the first search in this mode: each of its pieces is then to be mapped in by `populate`, which
  ///   costs a fraction of the page faults that it saves.
  func prepare(_ mode: SearchMode) -> Bool {
    guard let vectors = blocks["f32"] else { return false }
    let bit: UInt8 =
      switch mode {
      case .exact: 1
      case .fast: 2
      case .float32: 4
      }
    let before = scanned.bitwiseOr(bit, ordering: .relaxed).oldValue
    if before & bit == 0 { map.expectReads(vectors.range, isRandom: mode != .float32) }
    return before & bit == 0
  }

  /// Maps in what the scan of some rows reads.
  func populate(_ rows: Range<Int>, _ mode: SearchMode) {
    let names: [String] =
      switch mode {
      case .exact: ["int8", "int8.scale", "int8.residual"]
      case .fast: ["bits", "bits.scale", "bits.offset", "bits.radius"]
      case .float32: ["f32"]
      }
    for name in names {
      guard let block = blocks[name], head.rows > 0 else { continue }
      let size = block.count / (name == "bits" ? (head.rows + 31) / 32 * 32 : head.rows)
      map.populate((block.offset + rows.lowerBound * size)..<(block.offset + rows.upperBound * size))
    }
  }

  // MARK: Rows

  /// The bytes of a block of an index, nil where there is none of this name.
  package func bytes(_ name: String) -> (any SegmentBytes)? {
    blocks[name].map { MappedBlock(map: map, entry: $0) }
  }

  package func id(_ row: Int) throws(StoreError) -> String { String(decoding: try idBytes(row), as: UTF8.self) }

  func idBytes(_ row: Int) throws(StoreError) -> [UInt8] { try element("ids", row) }

  /// The row of an id, deleted or not.
  package func row(of id: String) throws(StoreError) -> Int? {
    let wanted = Array(id.utf8)
    guard let order = blocks["ids.order"] else { return nil }
    func row(_ position: Int) throws(StoreError) -> Int {
      let offset = order.offset + position * 4
      let row = Int(try store { () throws(StorageError) in try map.load(UInt32.self, at: offset) })
      guard row < rows else { throw damaged("ids.order names a row that is not there") }
      return row
    }
    var low = 0
    var high = rows
    while low < high {
      let middle = (low + high) / 2
      if try idBytes(try row(middle)).lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
    }
    guard low < rows else { return nil }
    let found = try row(low)
    return try idBytes(found) == wanted ? found : nil
  }

  /// All that was stored with a row but its vector.
  package func record(_ row: Int) throws(StoreError) -> StoreRecord {
    let place = try place(row)
    let metadata = try element("metadata", row)
    var value: JSON?
    if !metadata.isEmpty {
      do { value = try JSON.parse(metadata) } catch { throw damaged("the metadata of row \(row) is not JSON") }
    }
    return StoreRecord(
      id: try id(row), text: String(decoding: try element("text", row), as: UTF8.self),
      source: try name(place.source), lines: place.lines, bytes: place.bytes, heading: try name(place.heading),
      metadata: value)
  }

  /// Where a row came from, without its text.
  func place(
    _ row: Int
  ) throws(StoreError) -> (source: Int, heading: Int, lines: ClosedRange<Int>?, bytes: Range<Int>?) {
    guard row >= 0, row < rows, let block = blocks["places"] else { throw damaged("row \(row) is not there") }
    let start = block.offset + row * SegmentFormat.placeSize
    let bytes = try store { () throws(StorageError) in try map.read(start..<(start + SegmentFormat.placeSize)) }
    let first = Int(number(bytes, 8, 4))
    let last = Int(number(bytes, 12, 4))
    let begin = number(bytes, 16, 8)
    let end = number(bytes, 24, 8)
    return (
      Int(number(bytes, 0, 4)), Int(number(bytes, 4, 4)), first > 0 && first <= last ? first...last : nil,
      begin <= end && end <= UInt64(Int.max) ? Int(begin)..<Int(end) : nil
    )
  }

  /// Sources and headings by number.
  var nameCount: Int { (blocks["names.at"]?.count ?? 8) / 8 - 1 }

  func name(_ number: Int) throws(StoreError) -> String {
    guard number < nameCount else { throw damaged("it has no name \(number)") }
    return String(decoding: try element("names", number), as: UTF8.self)
  }

  /// The vector of a row, of length 1.
  package func vector(_ row: Int) throws(StoreError) -> [Float] {
    guard row >= 0, row < rows, head.dimension > 0, let block = blocks["f32"] else {
      throw damaged("row \(row) has no vector")
    }
    var vector = [Float](repeating: 0, count: head.dimension)
    let offset = block.offset + row * head.paddedDimension * 4
    try store { () throws(StorageError) in
      try vector.withMutableRaw { (bytes) throws(StorageError) in try map.read(at: offset, into: bytes) }
    }
    return vector
  }

  /// The mean of the rows, padded.
  func centroid() throws(StoreError) -> [Float] {
    guard let block = blocks["centroid"] else { throw damaged("it has no block centroid") }
    var vector = [Float](repeating: 0, count: head.paddedDimension)
    try store { () throws(StorageError) in
      try vector.withMutableRaw { (bytes) throws(StorageError) in try map.read(at: block.offset, into: bytes) }
    }
    return vector
  }

  /// A part of a block whose beginning and end stand in the block `.at`.
  private func element(_ name: String, _ index: Int) throws(StoreError) -> [UInt8] {
    guard index >= 0, let content = blocks[name], let at = blocks[name + ".at"], index * 8 + 16 <= at.count else {
      throw damaged("\(name) \(index) is not there")
    }
    let offset = at.offset + index * 8
    let (start, end) = try store { () throws(StorageError) in
      (try map.load(UInt64.self, at: offset), try map.load(UInt64.self, at: offset + 8))
    }
    guard start <= end, end <= UInt64(content.count) else { throw damaged("\(name) \(index) lies outside") }
    let range = (content.offset + Int(start))..<(content.offset + Int(end))
    return try store { () throws(StorageError) in try map.read(range) }
  }

  // MARK: Checking

  /// Compares every block with its checksum; gives the names of those that do not hold.
  package func damagedBlocks() throws(StoreError) -> [String] {
    var damaged: [String] = []
    for block in head.blocks {
      var checksum = CRC32()
      var offset = block.range.lowerBound
      while offset < block.range.upperBound {
        let end = min(offset + 1 << 20, block.range.upperBound)
        let piece = try store { () throws(StorageError) in try map.read(offset..<end) }
        piece.withUnsafeBytes { checksum.update($0) }
        offset = end
      }
      if checksum.value != block.checksum { damaged.append(block.name) }
    }
    return damaged
  }
}

/// A block of an index in a mapped segment.
private struct MappedBlock: SegmentBytes {
  let map: MappedFile
  let entry: BlockEntry

  var count: Int { entry.count }

  func read(_ range: Range<Int>) throws(StoreError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= entry.count else {
      throw StoreError(path: map.path, kind: .damaged(what: "\(entry.name) points outside"))
    }
    let place = (entry.offset + range.lowerBound)..<(entry.offset + range.upperBound)
    return try store { () throws(StorageError) in try map.read(place) }
  }
}
