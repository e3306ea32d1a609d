// Looking through a cache for what does not hold: every record's header and value, the log's end, and whether the index
// names the newest record of every key. Readers and writers go on meanwhile, but for the index's own check.

/// What `CacheStore.verify` found.
package struct CacheVerification: Equatable, Sendable {
  /// A place that does not hold.
  package struct Damage: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
      /// Bytes between records that are no record.
      case record
      /// A record whose value is not what was put.
      case value(CacheKey)
      /// A record that was cut at the log's end: its writer died, or is at work.
      case tail
      /// The header of the log: nothing in it can be read.
      case header
      /// The index does not fit the log.
      case index
    }

    package var path: String
    /// Byte offset in the file.
    package var offset: Int
    /// Bytes.
    package var length: Int
    package var kind: Kind
  }

  /// Records that hold, superseded ones included.
  package var records = 0
  /// The first thousand places.
  package private(set) var damages: [Damage] = []
  /// How many places there are.
  package private(set) var damageCount = 0

  package var isWhole: Bool { damageCount == 0 }

  mutating func add(_ damage: Damage) {
    damageCount += 1
    if damages.count < 1000 { damages.append(damage) }
  }
}

extension CacheVerification.Damage: CustomStringConvertible {
  /// `PATH: byte N: what is wrong`.
  package var description: String {
    let place = "\(path): byte \(offset): "
    switch kind {
    case .record: return place + "\(length) bytes are no record"
    case .value(let key): return place + "the value of \(key.hex.prefix(12)) is damaged"
    case .tail: return place + "\(length) bytes of a record that was cut short"
    case .header: return place + "the file's header is damaged"
    case .index: return place + "the index does not fit its log, and was made anew"
    }
  }
}

extension CacheShard {
  mutating func verify(into result: inout CacheVerification) throws(StorageError) {
    let log: CacheLogFile?
    do throws(StorageError) {
      log = try currentLog()
    } catch  where error.kind == .corrupt(offset: 0) {
      let size = try FileStatus.of(path)?.size ?? 0
      return result.add(.init(path: path, offset: 0, length: size, kind: .header))
    }
    guard let log, let header = try log.currentHeader() else { return }
    try verifyRecords(log, header, &result)
    try verifyIndex(&result)
  }

  private func verifyRecords(
    _ log: CacheLogFile, _ header: CacheLogHeader, _ result: inout CacheVerification
  ) throws(StorageError) {
    let size = try log.file.status().size
    var walk = CacheLogWalk(log, header, from: CacheFormat.headerSize, to: size)
    while true {
      switch try walk.next() {
      case .record(let record, let offset):
        if case .value = try log.record(at: offset, header) {
          result.records += 1
        } else {
          result.add(.init(path: path, offset: offset, length: record.size, kind: .value(record.key)))
        }
      case .damaged(let range):
        result.add(.init(path: path, offset: range.lowerBound, length: range.count, kind: .record))
      case .end(let end):
        if end < size { result.add(.init(path: path, offset: end, length: size - end, kind: .tail)) }
        return
      }
    }
  }

  private mutating func verifyIndex(_ result: inout CacheVerification) throws(StorageError) {
    let fits = try locked { (shard, log) throws(StorageError) in
      guard let header = try log.currentHeader() else { return true }
      let table = try shard.lockedTable(log, header)
      var walk = CacheLogWalk(log, header, from: CacheFormat.headerSize, to: table.header.covered)
      var right = CacheIndexTable(generation: header.generation)
      walking: while true {
        switch try walk.next() {
        case .record(let record, let offset): right.insert(record, at: offset)
        case .damaged: break
        case .end: break walking
        }
      }
      if right.namesTheSame(as: table) { return true }
      try shard.mend(log, header, isRemade: true)
      return false
    }
    if fits == false {
      let size = try FileStatus.of(indexPath)?.size ?? 0
      result.add(.init(path: indexPath, offset: 0, length: size, kind: .index))
    }
  }
}

extension CacheIndexTable {
  /// Whether both have the same keys with the same offsets.
  func namesTheSame(as other: CacheIndexTable) -> Bool {
    header.entries == other.header.entries && fingerprints.allSatisfy { offset(of: $0) == other.offset(of: $0) }
  }
}
