// One shard: what a get and a put do. A get takes no lock: it looks where the index says, and through the little that
// was appended since. Only when that does not come out right (an index that is missing, behind, damaged or being
// written) does it take the lock, mend the index and look again. Both notice by the file's identity that another
// process has replaced it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The log and index of the keys that begin with one hexadecimal digit. Blocks on the lock and the disk.
struct CacheShard {
  let path: String
  let indexPath: String
  /// Values that were asked for and did not hold.
  private(set) var damagedReads = 0
  private var log: CacheLogFile?
  private var index: CacheIndexFile?
  /// The index where it cannot be written.
  private var table: CacheIndexTable?
  /// The log whose index was made anew because it pointed to no record: once is enough.
  private var remadeGeneration: UInt64?

  init(directory: String, number: Int) {
    let digit = String(number, radix: 16)
    path = Paths.join(directory, digit + ".log")
    indexPath = Paths.join(directory, digit + ".idx")
  }

  // MARK: Get and put

  mutating func get(_ key: CacheKey) throws(StorageError) -> [UInt8]? {
    guard let log = try currentLog(), let header = try log.currentHeader() else { return nil }
    switch try read(key, log, header) {
    case .some(let result): return result
    case .none: break
    }
    return try locked { (shard, log) throws(StorageError) in
      guard let header = try log.currentHeader() else { return nil }
      try shard.mend(log, header)
      if case .some(let result) = try shard.read(key, log, header) { return result }
      // The index is whole and still points to no record of this key.
      if shard.remadeGeneration != header.generation {
        shard.remadeGeneration = header.generation
        try shard.mend(log, header, isRemade: true)
        if case .some(let result) = try shard.read(key, log, header) { return result }
      }
      shard.damagedReads += 1
      return nil
    } ?? nil
  }

  mutating func put(_ key: CacheKey, _ value: [UInt8], time: Int64) throws(StorageError) {
    guard value.count <= CacheFormat.valueLimit else {
      throw StorageError(path: path, operation: .write, kind: .tooLarge(limit: CacheFormat.valueLimit))
    }
    let checksum = CRC32.checksum(value)
    _ = try locked(isCreated: true) { (shard, log) throws(StorageError) in
      let header = try log.headerWriting()
      let size = try shard.mend(log, header)
      let record = CacheRecordHeader(
        salt: header.salt, length: value.count, checksum: checksum, time: time, key: key)
      var bytes = record.bytes
      bytes.reserveCapacity(record.size)
      bytes += value
      bytes.append(contentsOf: repeatElement(0, count: record.size - bytes.count))
      try log.append(bytes, after: size)
      // The value is kept; an index that cannot follow is mended by whoever looks next.
      if (try? shard.indexed(record, at: size, log, header)) != true { _ = try? shard.mend(log, header) }
    }
  }

  private mutating func indexed(
    _ record: CacheRecordHeader, at offset: Int, _ log: CacheLogFile, _ header: CacheLogHeader
  ) throws(StorageError) -> Bool {
    guard table == nil, let index, let current = try index.header(), current.covered == offset else { return false }
    return try index.insert(record, at: offset, covering: offset + record.size, current) {
      (old) throws(StorageError) in try log.recordHeader(at: old, header)?.size
    }
  }

  /// The value of a key, `.some(nil)` where it has none or a damaged one; nil where the index does not come out right.
  private mutating func read(
    _ key: CacheKey, _ log: CacheLogFile, _ header: CacheLogHeader
  ) throws(StorageError) -> [UInt8]?? {
    switch try look(key, log, header) {
    case .none: return .some(nil)
    case .unclear: return nil
    case .record(let offset):
      switch try log.record(at: offset, header) {
      case .value(let record, let value) where record.key == key: return value
      case .value, .none: return nil
      case .damaged:
        damagedReads += 1
        return .some(nil)
      }
    }
  }

  /// Where the newest record of a key is.
  private mutating func look(
    _ key: CacheKey, _ log: CacheLogFile, _ header: CacheLogHeader
  ) throws(StorageError) -> CacheIndexFile.Found {
    if table?.header.generation == header.generation {
      try extendTable(log, header, to: log.file.status().size)
      if let offset = table?.offset(of: key.fingerprint) { return .record(offset: offset) }
      return .none
    }
    guard let (index, current, size) = try usableIndex(log, header), size - current.covered <= 1 << 20 else {
      return .unclear
    }
    if size > current.covered {
      var walk = CacheLogWalk(log, header, from: current.covered, to: size)
      var newest: Int?
      walking: while true {
        switch try walk.next() {
        case .record(let record, let offset): if record.key == key { newest = offset }
        case .damaged: break
        case .end: break walking
        }
      }
      if let newest { return .record(offset: newest) }
    }
    return try index.find(key.fingerprint, current)
  }

  // MARK: Files

  /// The log that the path names now, nil where there is none.
  mutating func currentLog(isCreated: Bool = false) throws(StorageError) -> CacheLogFile? {
    if let log, !isCreated || log.isWritable, try log.file.isStillNamed() { return log }
    close()
    do throws(StorageError) {
      log = try CacheLogFile.open(path, isCreated: isCreated)
    } catch  where isCreated && error.kind == .corrupt(offset: 0) {
      try CacheLogFile.setAside(path)
      log = try CacheLogFile.open(path, isCreated: true)
    }
    return log
  }

  mutating func close() { (log, index, table) = (nil, nil, nil) }

  /// Runs `body` under the lock of the log that the path names now; nil where there is none.
  mutating func locked<Result>(
    isCreated: Bool = false, _ body: (inout CacheShard, CacheLogFile) throws(StorageError) -> Result
  ) throws(StorageError) -> Result? {
    for _ in 0..<100 {
      guard let log = try currentLog(isCreated: isCreated) else { return nil }
      _ = try log.file.acquireLock(waiting: true)
      defer { log.file.releaseLock() }
      if try log.file.isStillNamed() { return try body(&self, log) }
      close()
    }
    throw StorageError(path: path, operation: .lock, kind: .other(EAGAIN))
  }

  /// The index of this log, its header, and the size of the log seen after it; nil where there is none that holds.
  /// One that is behind may have been replaced: then the one that the path names now is taken.
  private mutating func usableIndex(
    _ log: CacheLogFile, _ header: CacheLogHeader
  ) throws(StorageError) -> (CacheIndexFile, CacheIndexHeader, size: Int)? {
    for _ in 0..<2 {
      if index == nil { index = try CacheIndexFile.open(indexPath) }
      guard let index else { return nil }
      let found = try index.header()
      let size = try log.file.status().size
      let holds = found.flatMap { $0.generation == header.generation && $0.covered <= size ? $0 : nil }
      if let holds, holds.covered == size { return (index, holds, size) }
      if try index.isStillNamed() { return holds.map { (index, $0, size) } }
      self.index = nil
    }
    return nil
  }

  /// Brings the index up to the log's end, the lock being held: from where it ends, or anew where it does not hold. A
  /// torn record at the log's end is cut off.
  ///
  /// - Parameter isRemade: the index is not believed.
  /// - Returns: the size of the log.
  @discardableResult
  mutating func mend(
    _ log: CacheLogFile, _ header: CacheLogHeader, isRemade: Bool = false
  ) throws(StorageError) -> Int {
    if table?.header.generation != header.generation { table = nil }
    if isRemade { table = nil }
    if !isRemade, table == nil, let (index, current, size) = try usableIndex(log, header) {
      if current.covered == size { return size }
      table = try index.table(current)
    }
    var size = try log.file.status().size
    try extendTable(log, header, to: size)
    if let end = table?.header.covered, end < size, log.isWritable {
      try log.file.truncate(to: end)
      size = end
    }
    if log.isWritable, let table, (try? table.write(indexPath)) != nil {
      self.table = nil
      index = nil
    }
    return size
  }

  /// Takes the log's records from where the table in memory ends into it.
  private mutating func extendTable(
    _ log: CacheLogFile, _ header: CacheLogHeader, to size: Int
  ) throws(StorageError) {
    var table = self.table ?? CacheIndexTable(generation: header.generation)
    if table.header.covered > size { table = CacheIndexTable(generation: header.generation) }
    guard table.header.covered < size else {
      self.table = table
      return
    }
    self.table = nil
    var walk = CacheLogWalk(log, header, from: table.header.covered, to: size)
    walking: while true {
      switch try walk.next() {
      case .damaged: break
      case .record(let record, let offset):
        if let old = table.insert(record, at: offset), let before = try log.recordHeader(at: old, header) {
          table.forget(bytes: before.size)
        }
      case .end(let end):
        table.cover(end)
        break walking
      }
    }
    self.table = table
  }

  /// The index as a whole and the size of what it covers; nil where there is no log yet. Takes the lock.
  mutating func wholeIndex() throws(StorageError) -> CacheIndexTable? {
    try locked { (shard, log) throws(StorageError) in
      guard let header = try log.currentHeader() else { return nil }
      return try shard.lockedTable(log, header)
    } ?? nil
  }

  /// The index in memory, brought up to date; the lock is held.
  mutating func lockedTable(_ log: CacheLogFile, _ header: CacheLogHeader) throws(StorageError) -> CacheIndexTable {
    for isRemade in [false, true] {
      try mend(log, header, isRemade: isRemade)
      if let table { return table }
      if let (index, current, _) = try usableIndex(log, header), let table = try index.table(current) { return table }
    }
    return CacheIndexTable(generation: header.generation)
  }

  /// The header of the index, brought up to date; nil where there is no log yet.
  mutating func summary() throws(StorageError) -> (CacheIndexHeader, size: Int)? {
    guard let log = try currentLog(), let header = try log.currentHeader() else { return nil }
    if table == nil, let (_, current, size) = try usableIndex(log, header), current.covered == size {
      return (current, size)
    }
    return try locked { (shard, log) throws(StorageError) in
      guard let header = try log.currentHeader() else { return nil }
      let size = try shard.mend(log, header)
      if let table = shard.table { return (table.header, size) }
      return try shard.usableIndex(log, header).map { ($0.1, $0.size) }
    } ?? nil
  }
}
