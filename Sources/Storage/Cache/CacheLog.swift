// A shard's log: opening it, reading one record, and walking over all of them with what is damaged told by place. The
// walk reads in large blocks and passes over values that are longer, so that it costs no more than it must.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open log.
final class CacheLogFile {
  let file: Descriptor
  let isWritable: Bool
  private var header: CacheLogHeader?

  /// - Parameter isCreated: makes the file, and the directory, where there is none.
  /// - Returns: nil where there is none.
  /// - Throws: `.version`, `.corrupt(offset: 0)` for what is no log of a cache.
  static func open(_ path: String, isCreated: Bool) throws(StorageError) -> CacheLogFile? {
    let flags = O_RDWR | O_APPEND | (isCreated ? O_CREAT : 0)
    do throws(StorageError) {
      return try CacheLogFile(try Descriptor(opening: path, flags), isWritable: true)
    } catch  where error.kind == .notFound {
      guard isCreated else { return nil }
      try Files.makeDirectories(Paths.parent(path) ?? "/")
      return try CacheLogFile(try Descriptor(opening: path, flags), isWritable: true)
    } catch  where error.isForbidden && !isCreated {
      return try CacheLogFile(try Descriptor(opening: path, O_RDONLY), isWritable: false)
    }
  }

  private init(_ file: consuming Descriptor, isWritable: Bool) throws(StorageError) {
    self.file = file
    self.isWritable = isWritable
    try readHeader()
  }

  private func readHeader() throws(StorageError) {
    let bytes = try file.bytes(CacheFormat.headerSize, at: 0)
    // Shorter: it was made a moment ago, or its maker died then.
    guard bytes.count == CacheFormat.headerSize else { return }
    guard let header = CacheLogHeader(bytes) else {
      throw StorageError(path: file.path, operation: .read, kind: .corrupt(offset: 0))
    }
    guard header.version == CacheFormat.version else {
      let kind = StorageError.Kind.version(found: header.version, supported: CacheFormat.version)
      throw StorageError(path: file.path, operation: .read, kind: kind)
    }
    self.header = header
  }

  /// The header; nil while nobody has written it.
  func currentHeader() throws(StorageError) -> CacheLogHeader? {
    if header == nil { try readHeader() }
    return header
  }

  /// The header; written first, under the lock, where there is none. A start that was cut short begins anew.
  func headerWriting() throws(StorageError) -> CacheLogHeader {
    if let header = try currentHeader() { return header }
    try file.truncate(to: 0)
    let header = CacheLogHeader()
    try append(header.bytes, after: 0)
    self.header = header
    return header
  }

  /// Appends in one `write`; takes back what did not fit.
  func append(_ bytes: [UInt8], after size: Int) throws(StorageError) {
    do throws(StorageError) {
      try bytes.withRaw { (buffer) throws(StorageError) in try file.writeAll(buffer) }
    } catch {
      try? file.truncate(to: size)
      throw error
    }
  }

  /// What stands at a place.
  enum Found {
    case value(CacheRecordHeader, [UInt8])
    /// The record's header holds, its value does not.
    case damaged
    /// No record begins here.
    case none
  }

  /// The record at `offset`. One read brings all of a short one.
  func record(at offset: Int, _ header: CacheLogHeader) throws(StorageError) -> Found {
    let first = try file.bytes(CacheFormat.recordHeaderSize + 8128, at: offset)
    guard let record = first.withUnsafeBytes({ CacheRecordHeader($0, salt: header.salt) }) else { return .none }
    let end = CacheFormat.recordHeaderSize + record.length
    var value = Array(first[CacheFormat.recordHeaderSize..<min(end, first.count)])
    if end > first.count {
      // What the header says is believed only as far as the file goes.
      guard try file.status().size >= offset + end else { return .damaged }
      value += try file.bytes(end - first.count, at: offset + first.count)
    }
    guard value.count == record.length, CRC32.checksum(value) == record.checksum else { return .damaged }
    return .value(record, value)
  }

  /// The header of the record at `offset`.
  func recordHeader(at offset: Int, _ header: CacheLogHeader) throws(StorageError) -> CacheRecordHeader? {
    try file.bytes(CacheFormat.recordHeaderSize, at: offset)
      .withUnsafeBytes { CacheRecordHeader($0, salt: header.salt) }
  }
}

/// Walks over the records of a log.
struct CacheLogWalk: ~Copyable {
  enum Step {
    case record(CacheRecordHeader, offset: Int)
    /// Bytes that are no record, with one after them.
    case damaged(Range<Int>)
    /// The end of what can be read; beyond it, up to the file's end, lies a torn record or none.
    case end(Int)
  }

  private let log: CacheLogFile
  private let salt: UInt64
  private let end: Int
  private let blockSize: Int
  private var offset: Int
  private var block: [UInt8] = []
  private var blockStart = 0

  /// - Parameters:
  ///   - start: where a record begins.
  ///   - end: the file's size, or where to stop.
  init(_ log: CacheLogFile, _ header: CacheLogHeader, from start: Int, to end: Int, blockSize: Int = 1 << 18) {
    self.log = log
    salt = header.salt
    self.end = end
    self.blockSize = blockSize
    offset = start
  }

  mutating func next() throws(StorageError) -> Step {
    if let record = try header(at: offset) {
      guard offset + record.size <= end else { return .end(offset) }
      defer { offset += record.size }
      return .record(record, offset: offset)
    }
    // A header that does not hold: the next that does is looked for, on the multiples of 8 where records begin.
    let start = offset
    var place = start + 8
    while place + CacheFormat.recordHeaderSize <= end {
      if let record = try header(at: place), place + record.size <= end {
        offset = place
        return .damaged(start..<place)
      }
      place += 8
    }
    return .end(start)
  }

  private mutating func header(at place: Int) throws(StorageError) -> CacheRecordHeader? {
    guard place + CacheFormat.recordHeaderSize <= end else { return nil }
    if place < blockStart || place + CacheFormat.recordHeaderSize > blockStart + block.count {
      block = try log.file.bytes(min(blockSize, end - place), at: place)
      blockStart = place
    }
    let (start, salt) = (place - blockStart, salt)
    return block.withUnsafeBytes { bytes in
      guard start + CacheFormat.recordHeaderSize <= bytes.count else { return nil }
      return CacheRecordHeader(UnsafeRawBufferPointer(rebasing: bytes[start...]), salt: salt)
    }
  }
}
