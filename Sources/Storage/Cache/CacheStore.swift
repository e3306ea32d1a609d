// The cache as callers see it: bytes under the SHA-256 of what they answer. Nothing is opened or made before it is
// asked for; every call blocks on the disk, so a caller on the cooperative pool goes through `SerialThread`. The form
// on disk stands in CacheFormat.swift.

import Synchronization

/// A store of values that threads and processes share. The last value put under a key wins.
///
/// Errors are for saying once and going on without: a cache that cannot be read or written costs calls, nothing more.
package final class CacheStore: Sendable {
  package let directory: String
  private let shards: [Shard]

  private final class Shard: Sendable {
    let state: Mutex<CacheShard>

    init(directory: String, number: Int) {
      state = Mutex(CacheShard(directory: directory, number: number))
    }
  }

  package init(directory: String) {
    self.directory = directory
    shards = (0..<CacheFormat.shards).map { Shard(directory: directory, number: $0) }
  }

  /// The value of a key; nil where there is none, or what is there is damaged (which `stats` counts).
  ///
  /// - Throws: `.version` for a cache of another version of this program, `.corrupt`, `.permission` and the like.
  package func get(_ key: CacheKey) throws(StorageError) -> [UInt8]? {
    try with(key.shard) { (shard) throws(StorageError) in try shard.get(key) }
  }

  /// Keeps a value, at most 1 GiB. It survives the death of this process; a power cut may take the last seconds.
  ///
  /// - Parameter time: what its age is counted from.
  /// - Throws: `.diskFull`, `.readOnly` and the like; the cache then is as it was before.
  package func put(_ key: CacheKey, _ value: [UInt8], time: Timestamp = .now()) throws(StorageError) {
    try with(key.shard) { (shard) throws(StorageError) in try shard.put(key, value, time: time.milliseconds) }
  }

  /// What a cache holds.
  package struct Statistics: Equatable, Sendable {
    package var entries = 0
    /// Bytes of the entries, and of all files with what is superseded, damaged, and the index.
    package var bytes = 0
    package var bytesOnDisk = 0
    package var oldest: Timestamp?
    package var newest: Timestamp?
    /// Values asked for through this store that were there and did not hold.
    package var damagedReads = 0
  }

  /// Counts, without looking through the records.
  package func stats() throws(StorageError) -> Statistics {
    var stats = Statistics()
    for number in shards.indices {
      try with(number) { (shard) throws(StorageError) in
        stats.damagedReads += shard.damagedReads
        guard let (header, size) = try shard.summary() else { return }
        stats.entries += header.entries
        stats.bytes += header.liveBytes
        stats.bytesOnDisk += size + header.fileSize
        guard header.entries > 0 else { return }
        let (oldest, newest) = (Timestamp(milliseconds: header.oldest), Timestamp(milliseconds: header.newest))
        stats.oldest = min(stats.oldest ?? oldest, oldest)
        stats.newest = max(stats.newest ?? newest, newest)
      }
    }
    return stats
  }

  /// An entry without its value.
  package struct Entry: Equatable, Sendable {
    package var key: CacheKey
    package var time: Timestamp
    /// Bytes of the value.
    package var length: Int
  }

  /// Calls `body` with every entry, in no order. Looks through all records.
  package func forEach(_ body: (Entry) -> Void) throws(StorageError) {
    for number in shards.indices {
      try with(number) { (shard) throws(StorageError) in
        try shard.forEach { body(Entry(key: $0.key, time: Timestamp(milliseconds: $0.time), length: $0.length)) }
      }
    }
  }

  /// The newest entries, newest first, or the oldest, oldest first. Looks through all records.
  ///
  /// - Parameter limit: how many.
  package func entries(newestFirst: Bool, limit: Int) throws(StorageError) -> [Entry] {
    guard limit > 0 else { return [] }
    var best: [Entry] = []
    func precedes(_ left: Entry, _ right: Entry) -> Bool {
      newestFirst ? left.time > right.time : left.time < right.time
    }
    try forEach { entry in
      if best.count == limit, let last = best.last, !precedes(entry, last) { return }
      var (low, high) = (0, best.count)
      while low < high {
        let middle = (low + high) / 2
        if precedes(entry, best[middle]) { high = middle } else { low = middle + 1 }
      }
      best.insert(entry, at: low)
      if best.count > limit { best.removeLast() }
    }
    return best
  }

  /// Takes out entries, and with them what is superseded or damaged. Others read and write meanwhile.
  ///
  /// - Parameters:
  ///   - time: entries from before this go.
  ///   - size: of the rest the newest stay, as many as fit into this many bytes.
  ///   - now: entries from after this count as of now.
  /// - Returns: entries and bytes that are gone.
  @discardableResult
  package func prune(
    olderThan time: Timestamp? = nil, toSize size: Int? = nil, now: Timestamp = .now()
  ) throws(StorageError) -> (entries: Int, bytes: Int) {
    var cutoff = CacheCutoff(time: time?.milliseconds ?? .min)
    if let size { cutoff = max(cutoff, try self.cutoff(forSize: size, now: now.milliseconds)) }
    var gone = (entries: 0, bytes: 0)
    for number in shards.indices {
      let (entries, bytes) = try with(number) { (shard) throws(StorageError) in
        try shard.prune(before: cutoff, now: now.milliseconds)
      }
      gone.entries += entries
      gone.bytes += bytes
    }
    return gone
  }

  /// Where the newest entries fill `size` bytes.
  private func cutoff(forSize size: Int, now: Int64) throws(StorageError) -> CacheCutoff {
    if try stats().bytes <= size { return CacheCutoff(time: .min) }
    var found: [(place: CacheCutoff, size: Int)] = []
    for number in shards.indices {
      try with(number) { (shard) throws(StorageError) in
        try shard.forEach { record in
          found.append((CacheCutoff(time: min(record.time, now), fingerprint: record.key.fingerprint), record.size))
        }
      }
    }
    found.sort { $0.place > $1.place }
    var left = size
    var cutoff = CacheCutoff(time: .max, fingerprint: .max)
    for (place, size) in found {
      left -= size
      if left < 0 { break }
      cutoff = place
    }
    return cutoff
  }

  /// Removes all entries, also those of another version and of a cache too damaged to be read.
  package func clear() throws(StorageError) {
    for number in shards.indices { try with(number) { (shard) throws(StorageError) in try shard.clear() } }
  }

  /// Reads everything and tells what is damaged; an index that does not fit its log is made anew.
  package func verify() throws(StorageError) -> CacheVerification {
    var result = CacheVerification()
    for number in shards.indices {
      try with(number) { (shard) throws(StorageError) in try shard.verify(into: &result) }
    }
    return result
  }

  private func with<Result: Sendable>(
    _ number: Int, _ body: (inout CacheShard) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try shards[number].state.withLock { (shard) throws(StorageError) in try body(&shard) }
  }
}
