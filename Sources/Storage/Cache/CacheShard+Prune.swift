// What changes a shard as a whole: pruning, clearing, setting aside. A pruned log is a new file that takes the old
// one's name while the old one's lock is held; its index takes its name first, so that a process that dies between the
// two leaves the old log with an index that is not its own, which is made again, and never the other way round.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The oldest record that pruning keeps. Of records of one time the key decides, so that a size can be met.
struct CacheCutoff: Comparable, Sendable {
  var time: Int64
  var fingerprint: UInt64 = 0

  static func < (left: CacheCutoff, right: CacheCutoff) -> Bool {
    left.time == right.time ? left.fingerprint < right.fingerprint : left.time < right.time
  }
}

extension CacheShard {
  /// Calls `body` with every record that is the newest of its key, as of the beginning.
  mutating func forEach(_ body: (CacheRecordHeader) -> Void) throws(StorageError) {
    guard let table = try wholeIndex(), let log = try currentLog(), let header = try log.currentHeader(),
      header.generation == table.header.generation
    else { return }
    var walk = CacheLogWalk(log, header, from: CacheFormat.headerSize, to: table.header.covered)
    while true {
      switch try walk.next() {
      case .record(let record, let offset): if table.offset(of: record.key.fingerprint) == offset { body(record) }
      case .damaged: break
      case .end: return
      }
    }
  }

  /// Takes out what is older than `cutoff`, damaged, or superseded. Records from the future count as of now, and are
  /// written so, or a clock that once was ahead would keep them for good.
  ///
  /// - Returns: keys and bytes that are gone.
  mutating func prune(before cutoff: CacheCutoff, now: Int64) throws(StorageError) -> (entries: Int, bytes: Int) {
    try locked { (shard, log) throws(StorageError) in
      guard let header = try log.currentHeader() else { return (0, 0) }
      let table = try shard.lockedTable(log, header)
      let size = try log.file.status().size
      let needed =
        table.header.entries > 0 && (table.header.oldest <= cutoff.time || table.header.newest > now)
        || table.header.liveBytes != size - CacheFormat.headerSize
      guard needed else { return (0, 0) }
      guard log.isWritable else { throw StorageError(path: shard.path, operation: .write, kind: .readOnly) }
      let temporary = shard.path + ".new"
      do throws(StorageError) {
        let copy = try CacheLogCopy(log, header, to: temporary, now: now)
        let kept = try copy.copy(table, from: cutoff, size: size)
        try kept.write(shard.indexPath, isSaved: true)
        guard rename(temporary, shard.path) == 0 else {
          throw StorageError(path: shard.path, operation: .rename, errno: errno)
        }
        shard.close()
        return (table.header.entries - kept.header.entries, size - kept.header.covered)
      } catch {
        unlink(temporary)
        throw error
      }
    } ?? (0, 0)
  }

  /// Removes the shard, of whatever version and however damaged.
  mutating func clear() throws(StorageError) {
    close()
    let leftovers = [indexPath, indexPath + ".new", path + ".new", path + ".damaged"]
    for _ in 0..<100 {
      do throws(StorageError) {
        let file = try Descriptor(opening: path, O_RDONLY)
        _ = try file.acquireLock(waiting: true)
        guard try file.isStillNamed() else { continue }
        // What lies beside the log goes first: as long as the log is there, others wait for its lock.
        for leftover in leftovers { try Files.remove(leftover) }
        try Files.remove(path)
        return
      } catch  where error.kind == .notFound {
        // Without a log nobody uses what lies beside it.
        for leftover in leftovers { try Files.remove(leftover) }
        return
      }
    }
    throw StorageError(path: path, operation: .lock, kind: .other(EAGAIN))
  }
}

extension CacheLogFile {
  /// Moves a log that cannot be read out of the way, unless another process has done so meanwhile.
  static func setAside(_ path: String) throws(StorageError) {
    let file = try Descriptor(opening: path, O_RDWR)
    _ = try file.acquireLock(waiting: true)
    let start = try file.bytes(CacheFormat.headerSize, at: 0)
    guard try file.isStillNamed(), start.count == CacheFormat.headerSize, CacheLogHeader(start) == nil else { return }
    guard rename(path, path + ".damaged") == 0 else {
      throw StorageError(path: path, operation: .rename, errno: errno)
    }
  }
}

/// A new log with some of another's records, its lock being held.
private final class CacheLogCopy {
  private let log: CacheLogFile
  private let header: CacheLogHeader
  private let file: Descriptor
  private let now: Int64
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)
  /// The bytes of the old log that are to be copied next, all in one.
  private var pending = 0..<0
  private var written: Int
  private var kept: CacheIndexTable

  init(_ log: CacheLogFile, _ header: CacheLogHeader, to path: String, now: Int64) throws(StorageError) {
    self.log = log
    self.header = header
    self.now = now
    let new = CacheLogHeader(salt: header.salt)
    kept = CacheIndexTable(generation: new.generation)
    file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, operation: .create)
    written = CacheFormat.headerSize
    try new.bytes.withRaw { (bytes) throws(StorageError) in try file.writeAll(bytes) }
  }

  /// Copies what `table` names and is not before `cutoff`; gives the new log's index. The new log is on the device.
  func copy(_ table: CacheIndexTable, from cutoff: CacheCutoff, size: Int) throws(StorageError) -> CacheIndexTable {
    var walk = CacheLogWalk(log, header, from: CacheFormat.headerSize, to: size)
    walking: while true {
      switch try walk.next() {
      case .damaged: break
      case .record(let record, let offset):
        let fingerprint = record.key.fingerprint
        guard table.offset(of: fingerprint) == offset,
          CacheCutoff(time: min(record.time, now), fingerprint: fingerprint) >= cutoff
        else { break }
        try keep(record, at: offset)
      case .end: break walking
      }
    }
    try copyPending()
    kept.cover(written)
    try file.synchronizeData()
    return kept
  }

  private func keep(_ record: CacheRecordHeader, at offset: Int) throws(StorageError) {
    var record = record
    if pending.upperBound != offset {
      try copyPending()
      pending = offset..<offset
    }
    if record.time > now {
      try copyPending()
      record.time = now
      try record.bytes.withRaw { (bytes) throws(StorageError) in try file.writeAll(bytes) }
      kept.insert(record, at: written)
      written += CacheFormat.recordHeaderSize
      pending = offset + CacheFormat.recordHeaderSize..<offset + record.size
      return
    }
    kept.insert(record, at: written + pending.count)
    pending = pending.lowerBound..<offset + record.size
  }

  private func copyPending() throws(StorageError) {
    let log = log
    while !pending.isEmpty {
      let (start, count) = (pending.lowerBound, min(pending.count, buffer.count))
      let got = try buffer.withMutableRaw { (bytes) throws(StorageError) in
        try log.file.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: start)
      }
      guard got == count else {
        throw StorageError(path: log.file.path, operation: .read, kind: .corrupt(offset: start + got))
      }
      try write(count)
      written += count
      pending = start + count..<pending.upperBound
    }
  }

  private func write(_ count: Int) throws(StorageError) {
    try buffer.withRaw { (bytes) throws(StorageError) in
      try file.writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }
}
