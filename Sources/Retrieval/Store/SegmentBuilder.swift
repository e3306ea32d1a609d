// Writes one segment in bounded memory. The vectors go to their place in the file as they come; when the number of rows
// and their mean are known, they are read back piece by piece and encoded for the two scans; what else there is follows.

import CVectorKernels
import Formats
import Storage

/// Builds a segment file from records and vectors. Nothing is left behind unless `finish` returned.
final class SegmentBuilder {
  let path: String
  let dimension: Int
  private(set) var rows = 0
  private let padded: Int
  private let file: BuildFile
  private let vectors: BlockWriter
  private var vector: [Float]
  private var sums: [Double]
  private let text: BlockWriter
  private let textAt: BlockWriter
  private let metadata: BlockWriter
  private let metadataAt: BlockWriter
  private let places: BlockWriter
  private var ids = RowIDs()
  private var names = NameTable()
  private var indexers: [any SegmentIndexer]

  /// - Parameter dimension: Numbers in a vector; 0 for records without vectors.
  init(_ path: String, dimension: Int, indexers: [any SegmentIndexer]) throws(StoreError) {
    self.path = path
    self.dimension = dimension
    self.indexers = indexers
    padded = SegmentFormat.padded(dimension)
    let file = try store { () throws(StorageError) in try BuildFile(path) }
    self.file = file
    vectors = BlockWriter("f32", in: file, at: SegmentFormat.headSize)
    vector = [Float](repeating: 0, count: padded)
    sums = [Double](repeating: 0, count: padded)
    func spool(_ name: String) -> BlockWriter { BlockWriter(name, spool: "\(path).\(name).tmp") }
    text = spool("text")
    textAt = spool("text.at")
    metadata = spool("metadata")
    metadataAt = spool("metadata.at")
    places = spool("places")
  }

  deinit {
    for name in ["text", "text.at", "metadata", "metadata.at", "places"] {
      _ = try? Files.remove("\(path).\(name).tmp")
    }
  }

  /// Adds a row. The vector is normalised, unless it comes out of another segment.
  ///
  /// - Throws: `.dimension` and `.vector`, naming the record, and what the disk says.
  func add(
    _ record: StoreRecord, _ given: UnsafeBufferPointer<Float>, isNormalised: Bool = false
  ) throws(StoreError) {
    guard given.count == dimension else {
      throw StoreError(path: path, kind: .dimension(stored: dimension, given: given.count))
    }
    if let base = given.baseAddress, dimension > 0 {
      if isNormalised {
        vector.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: base, count: dimension) }
      } else {
        let outcome = vector.withUnsafeMutableBufferPointer { out in
          out.baseAddress.map { awl_normalise(base, dimension, $0) } ?? 0
        }
        if let problem = VectorProblem(rawValue: outcome) {
          throw StoreError(path: path, kind: .vector(row: record.id, what: problem.words))
        }
      }
      for index in 0..<dimension { sums[index] += Double(vector[index]) }
      try vector.withRaw { (bytes) throws(StoreError) in try vectors.append(bytes) }
    }
    try addRecord(record)
  }

  private func addRecord(_ record: StoreRecord) throws(StoreError) {
    ids.append(record.id)
    try textAt.append(UInt64(text.count))
    try text.append(Array(record.text.utf8))
    try metadataAt.append(UInt64(metadata.count))
    if let value = record.metadata { try metadata.append(jsonBytes(value)) }
    try places.append(names.number(of: record.source))
    try places.append(names.number(of: record.heading))
    try places.append(UInt32(clamping: record.lines?.lowerBound ?? 0))
    try places.append(UInt32(clamping: record.lines?.upperBound ?? 0))
    try places.append(record.bytes.map { UInt64(clamping: $0.lowerBound) } ?? .max)
    try places.append(record.bytes.map { UInt64(clamping: $0.upperBound) } ?? .max)
    for index in indexers.indices { indexers[index].add(record, row: rows) }
    rows += 1
  }

  /// Completes the file; when this returns it is on the device, though its name may not be.
  ///
  /// - Returns: The head, and the rows whose id came again later: they are to be deleted.
  func finish() throws(StoreError) -> (head: SegmentHead, replaced: [Int]) {
    var entries: [BlockEntry] = []
    if dimension > 0 {
      let plane = try vectors.finish()
      entries.append(plane)
      entries += try PlaneEncoder(file: file, plane: plane, rows: rows, dimension: padded)
        .encode(centroid: sums.map { rows == 0 ? 0 : Float($0 / Double(rows)) })
    }
    var end = entries.map(\.range.upperBound).max() ?? SegmentFormat.headSize
    func place(_ block: BlockWriter) throws(StoreError) {
      end = SegmentFormat.aligned(end)
      entries.append(try block.finish(into: file, at: end))
      end += block.count
    }
    func place(_ name: String, _ bytes: [UInt8]) throws(StoreError) {
      end = SegmentFormat.aligned(end)
      try store { () throws(StorageError) in try file.write(bytes, at: end) }
      entries.append(BlockEntry(name: name, offset: end, count: bytes.count, checksum: CRC32.checksum(bytes)))
      end += bytes.count
    }
    try textAt.append(UInt64(text.count))
    try metadataAt.append(UInt64(metadata.count))
    for block in [text, textAt, metadata, metadataAt, places] { try place(block) }
    let (order, replaced) = ids.order()
    try place("ids", ids.bytes)
    try place("ids.at", bytesOf(ids.starts))
    try place("ids.order", bytesOf(order))
    try place("names", names.bytes)
    try place("names.at", bytesOf(names.starts))
    for index in indexers.indices {
      for block in indexers[index].finish() { try place(block.name, block.bytes) }
    }
    guard entries.count <= SegmentFormat.blockLimit else {
      throw StoreError(path: path, kind: .damaged(what: "it would have more than \(SegmentFormat.blockLimit) blocks"))
    }
    let head = SegmentHead(rows: rows, fileSize: end, dimension: dimension, blocks: entries)
    try store { () throws(StorageError) in
      // The last block may be empty, and the file must reach its end all the same.
      if end == SegmentFormat.aligned(end), entries.last?.count == 0 { try file.extend(to: end) }
      try file.write(head.bytes, at: 0)
      try file.finish()
    }
    return (head, replaced)
  }
}

/// Why a vector cannot be normalised (`awl_normalise`).
enum VectorProblem: Int32 {
  case zero = 1
  case notFinite = 2

  var words: String {
    switch self {
    case .zero: "consists of zeros"
    case .notFinite: "holds a number that is infinite or none"
    }
  }
}

/// The little-endian bytes of numbers.
func bytesOf<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(numbers.count * MemoryLayout<Number>.size)
  for number in numbers { append(number, to: &bytes) }
  return bytes
}

func jsonBytes(_ value: JSON) -> [UInt8] {
  var writer = JSONWriter()
  writer.value(value)
  return writer.bytes
}
