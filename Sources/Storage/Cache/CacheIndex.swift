// The hash table over a log: as a file that is probed with pread and changed in place, and as a table in memory, which
// is how it is built, grown and, in a directory that cannot be written to, used. Which records it names is the
// caller's business; what does not hold is told, never guessed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A whole index in memory.
struct CacheIndexTable: Sendable {
  private(set) var header: CacheIndexHeader
  /// `[2 × slots]`: fingerprint and offset with its check, as in the file.
  private var words: [UInt64]

  init(generation: UInt64, capacity: Int = 0) {
    header = CacheIndexHeader(generation: generation)
    while header.slots * 5 < capacity * 8 { header.slots *= 2 }
    words = [UInt64](repeating: 0, count: header.slots * 2)
  }

  /// The table of a file; nil where a slot does not hold.
  init?(header: CacheIndexHeader, slots: [UInt8]) {
    self.header = header
    guard slots.count == header.slots * CacheFormat.slotSize else { return nil }
    words = slots.withUnsafeBytes { bytes in (0..<header.slots * 2).map { integer(at: $0 * 8, bytes) } }
    var entries = 0
    for slot in 0..<header.slots where words[slot * 2] != 0 || words[slot * 2 + 1] != 0 {
      guard CacheSlot.offset(fingerprint: words[slot * 2], word: words[slot * 2 + 1]) != nil else { return nil }
      entries += 1
    }
    guard entries == header.entries else { return nil }
  }

  /// The offset of the newest record of a fingerprint.
  func offset(of fingerprint: UInt64) -> Int? {
    let slot = slot(of: fingerprint)
    guard words[slot * 2] != 0 else { return nil }
    return CacheSlot.offset(fingerprint: fingerprint, word: words[slot * 2 + 1])
  }

  /// Puts a record in; gives the offset of the one that it takes the place of.
  @discardableResult
  mutating func insert(_ record: CacheRecordHeader, at offset: Int) -> Int? {
    if header.isFull { grow() }
    let fingerprint = record.key.fingerprint
    let slot = slot(of: fingerprint)
    let before = words[slot * 2] == 0 ? nil : CacheSlot.offset(fingerprint: fingerprint, word: words[slot * 2 + 1])
    if words[slot * 2] == 0 { header.entries += 1 }
    set(slot, fingerprint, CacheSlot.word(fingerprint: fingerprint, offset: offset))
    header.liveBytes += record.size
    header.note(record.time)
    return before
  }

  /// All fingerprints, in no order.
  var fingerprints: some Sequence<UInt64> {
    stride(from: 0, to: words.count, by: 2).lazy.map { words[$0] }.filter { $0 != 0 }
  }

  /// Takes the size of a record out of the live bytes: another has taken its place.
  mutating func forget(bytes: Int) { header.liveBytes -= bytes }

  /// Everything up to this byte of the log has been seen.
  mutating func cover(_ end: Int) { header.covered = end }

  private mutating func grow() {
    let old = words
    header.slots *= 2
    words = [UInt64](repeating: 0, count: header.slots * 2)
    for slot in 0..<old.count / 2 where old[slot * 2] != 0 {
      set(self.slot(of: old[slot * 2]), old[slot * 2], old[slot * 2 + 1])
    }
  }

  private mutating func set(_ slot: Int, _ fingerprint: UInt64, _ word: UInt64) {
    words[slot * 2] = fingerprint
    words[slot * 2 + 1] = word
  }

  /// The slot that has the fingerprint, or the empty one where it would go: there is always one.
  private func slot(of fingerprint: UInt64) -> Int {
    let mask = header.slots - 1
    var slot = Int(truncatingIfNeeded: fingerprint) & mask
    while words[slot * 2] != 0, words[slot * 2] != fingerprint { slot = (slot + 1) & mask }
    return slot
  }

  /// Replaces the file at `path`, through a name that only the holder of the log's lock uses.
  func write(_ path: String, isSaved: Bool = false) throws(StorageError) {
    var bytes = header.bytes
    bytes.reserveCapacity(header.fileSize)
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    let temporary = path + ".new"
    do throws(StorageError) {
      let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC, operation: .create)
      try bytes.withRaw { (buffer) throws(StorageError) in try file.writeAll(buffer) }
      if isSaved { try file.synchronizeData() }
      guard rename(temporary, path) == 0 else { throw StorageError(path: path, operation: .rename, errno: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

/// An index as an open file.
final class CacheIndexFile {
  enum Found: Equatable {
    case none
    case record(offset: Int)
    /// A slot on the way is damaged, or is being written.
    case unclear
  }

  private let file: Descriptor
  private let isWritable: Bool

  /// Opens what is there, to write to it where that is allowed; nil where nothing is.
  static func open(_ path: String) throws(StorageError) -> CacheIndexFile? {
    do throws(StorageError) {
      return CacheIndexFile(try Descriptor(opening: path, O_RDWR), isWritable: true)
    } catch  where error.isForbidden {
      return CacheIndexFile(try Descriptor(opening: path, O_RDONLY), isWritable: false)
    } catch  where error.kind == .notFound {
      return nil
    }
  }

  private init(_ file: consuming Descriptor, isWritable: Bool) {
    self.file = file
    self.isWritable = isWritable
  }

  /// The header as it is now; nil where it does not hold or the file is not as long as it says.
  func header() throws(StorageError) -> CacheIndexHeader? {
    guard let header = CacheIndexHeader(try file.bytes(CacheFormat.headerSize, at: 0)),
      try file.status().size == header.fileSize
    else { return nil }
    return header
  }

  func isStillNamed() throws(StorageError) -> Bool { try file.isStillNamed() }

  /// The whole of it; nil where it does not hold.
  func table(_ header: CacheIndexHeader) throws(StorageError) -> CacheIndexTable? {
    CacheIndexTable(
      header: header, slots: try file.bytes(header.slots * CacheFormat.slotSize, at: CacheFormat.headerSize))
  }

  func find(_ fingerprint: UInt64, _ header: CacheIndexHeader) throws(StorageError) -> Found {
    try probe(fingerprint, header).found
  }

  /// Puts a record in under the log's lock, in place. The slot is written before the header that counts it: until then
  /// the log's end is looked through instead.
  ///
  /// - Parameter replaced: gives the size of the record at an offset.
  /// - Returns: false where a slot on the way does not hold, or the table is full.
  func insert(
    _ record: CacheRecordHeader, at offset: Int, covering end: Int, _ header: CacheIndexHeader,
    sizeOfRecord: (Int) throws(StorageError) -> Int?
  ) throws(StorageError) -> Bool {
    guard isWritable, !header.isFull else { return false }
    var header = header
    let fingerprint = record.key.fingerprint
    let (found, slot) = try probe(fingerprint, header)
    switch found {
    case .unclear: return false
    case .none: header.entries += 1
    case .record(let old): header.liveBytes -= try sizeOfRecord(old) ?? 0
    }
    header.liveBytes += record.size
    header.covered = end
    header.note(record.time)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(CacheFormat.slotSize)
    for word in [fingerprint, CacheSlot.word(fingerprint: fingerprint, offset: offset)] {
      withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    try file.writeAll(bytes, at: CacheFormat.headerSize + slot * CacheFormat.slotSize)
    try file.writeAll(header.bytes, at: 0)
    return true
  }

  /// Looks from the fingerprint's own slot on, sixteen slots a read.
  private func probe(
    _ fingerprint: UInt64, _ header: CacheIndexHeader
  ) throws(StorageError) -> (found: Found, slot: Int) {
    var slot = Int(truncatingIfNeeded: fingerprint) & (header.slots - 1)
    var seen = 0
    while seen < header.slots {
      let count = min(16, header.slots - slot)
      let bytes = try file.bytes(
        count * CacheFormat.slotSize, at: CacheFormat.headerSize + slot * CacheFormat.slotSize)
      guard bytes.count == count * CacheFormat.slotSize else { return (.unclear, slot) }
      let hit: (Found, Int)? = bytes.withUnsafeBytes { bytes in
        for index in 0..<count {
          let found: UInt64 = integer(at: index * CacheFormat.slotSize, bytes)
          let word: UInt64 = integer(at: index * CacheFormat.slotSize + 8, bytes)
          if found == 0, word == 0 { return (.none, slot + index) }
          guard let offset = CacheSlot.offset(fingerprint: found, word: word) else { return (.unclear, slot + index) }
          if found == fingerprint { return (.record(offset: offset), slot + index) }
        }
        return nil
      }
      if let hit { return (hit.0, hit.1) }
      seen += count
      slot = (slot + count) & (header.slots - 1)
    }
    return (.unclear, slot)
  }
}

extension StorageError {
  /// Writing is refused here for good, while reading may not be.
  var isForbidden: Bool { kind == .permission || kind == .readOnly || kind == .other(ETXTBSY) }
}
