// The cache used as it should be: what is put is got, by others too, and pruning takes out what it says and no more.

import Foundation
import Synchronization
import Testing

@testable import Storage

/// The key of a number; all are in one shard unless told otherwise.
func key(_ number: Int, shard: UInt8? = 5) -> CacheKey {
  var digest = SHA256.hash(bytes("key \(number)"))
  if let shard { digest[0] = digest[0] & 15 | shard << 4 }
  return CacheKey(digest: digest) ?? CacheKey(hashing: digest)
}

/// A value of its own for each number.
func value(_ number: Int, length: Int = 40) -> [UInt8] {
  var generator = SeededGenerator(UInt64(bitPattern: Int64(number)))
  return (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

@Suite struct CacheStoreTests {
  @Test(
    "what was put is got, by this store and by a new one",
    arguments: [
      0, 1, 7, 8, 9, 63, 64, 8127, 8128, 8129, 300_000,
    ])
  func values(length: Int) throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory("cache"))
    #expect(try store.get(key(1)) == nil)
    #expect(!Files.exists(store.directory))
    try store.put(key(1), value(1, length: length))
    try store.put(key(2), value(2))
    for reader in [store, CacheStore(directory: store.directory)] {
      #expect(try reader.get(key(1)) == value(1, length: length))
      #expect(try reader.get(key(2)) == value(2))
      #expect(try reader.get(key(3)) == nil)
    }
  }

  @Test("the last value of a key wins, in both orders of opening")
  func lastWins() throws {
    let directory = try TemporaryDirectory()
    let (one, other) = (CacheStore(directory: directory.path), CacheStore(directory: directory.path))
    for round in 0..<20 {
      try (round % 2 == 0 ? one : other).put(key(1), value(round))
      #expect(try one.get(key(1)) == value(round))
      #expect(try other.get(key(1)) == value(round))
    }
    let stats = try one.stats()
    #expect(stats.entries == 1)
    #expect(stats.bytes == CacheFormat.recordSize(40))
    #expect(stats.bytesOnDisk > 20 * 104)
  }

  @Test("an index that grew many times finds every key, and counts are right without looking")
  func growth() throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory.path)
    for number in 0..<3000 {
      try store.put(key(number), value(number, length: 3), time: Timestamp(milliseconds: Int64(number)))
    }
    let other = CacheStore(directory: directory.path)
    for number in 0..<3000 { #expect(try other.get(key(number)) == value(number, length: 3)) }
    #expect(try other.get(key(3001)) == nil)
    let stats = try other.stats()
    #expect(stats.entries == 3000)
    #expect(stats.bytes == 3000 * CacheFormat.recordSize(3))
    #expect(stats.oldest == Timestamp(milliseconds: 0) && stats.newest == Timestamp(milliseconds: 2999))
    #expect(try other.verify() == whole(3000))
    let header = try #require(CacheIndexHeader(try Files.head(directory("5.idx"), count: 128)))
    #expect(header.entries == 3000 && header.slots == 8192)
  }

  private func whole(_ records: Int) -> CacheVerification {
    var result = CacheVerification()
    result.records = records
    return result
  }

  @Test("the newest and the oldest entries are told in their order")
  func ends() throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory.path)
    for number in 0..<50 {
      try store.put(key(number, shard: nil), [1], time: Timestamp(milliseconds: Int64(number * 7 % 50)))
    }
    let newest = try store.entries(newestFirst: true, limit: 3).map(\.time.milliseconds)
    #expect(newest == [49, 48, 47])
    #expect(try store.entries(newestFirst: false, limit: 2).map(\.time.milliseconds) == [0, 1])
    #expect(try store.entries(newestFirst: true, limit: 500).count == 50)
    #expect(try store.entries(newestFirst: true, limit: 0) == [])
  }

  @Test("pruning by age takes what is older, what was superseded, and nothing else")
  func pruneByAge() throws {
    let directory = try TemporaryDirectory()
    let (store, other) = (CacheStore(directory: directory.path), CacheStore(directory: directory.path))
    for number in 0..<100 {
      try store.put(key(number), value(number), time: Timestamp(milliseconds: Int64(number)))
    }
    try store.put(key(0), value(1000), time: Timestamp(milliseconds: 200))
    #expect(try other.get(key(1)) == value(1))
    let gone = try store.prune(
      olderThan: Timestamp(milliseconds: 50), now: Timestamp(milliseconds: 300))
    #expect(gone.entries == 49)
    #expect(gone.bytes == 50 * CacheFormat.recordSize(40))
    for reader in [store, other, CacheStore(directory: directory.path)] {
      #expect(try reader.get(key(0)) == value(1000))
      for number in 1..<100 { #expect(try reader.get(key(number)) == (number < 50 ? nil : value(number))) }
    }
    try other.put(key(7), value(7))
    #expect(try store.get(key(7)) == value(7))
    #expect(try store.verify().isWhole)
    #expect(try Files.list(directory.path) == ["5.idx", "5.log"])
  }

  @Test("pruning to a size keeps the newest that fit, also when all are of one time", arguments: [true, false])
  func pruneToSize(isOfOneTime: Bool) throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory.path)
    let size = CacheFormat.recordSize(40)
    for number in 0..<100 {
      let time = Timestamp(milliseconds: isOfOneTime ? 1 : Int64(number))
      try store.put(key(number, shard: nil), value(number), time: time)
    }
    #expect(try store.prune(toSize: 100 * size) == (0, 0))
    #expect(try store.prune(toSize: 30 * size + size / 2).entries == 70)
    let stats = try store.stats()
    #expect(stats.entries == 30 && stats.bytes == 30 * size)
    if !isOfOneTime {
      for number in 70..<100 { #expect(try store.get(key(number, shard: nil)) == value(number)) }
    }
    #expect(try store.prune(toSize: 0).entries == 30)
    #expect(try store.get(key(99, shard: nil)) == nil)
    try store.put(key(1), value(1))
    #expect(try store.get(key(1)) == value(1))
  }

  @Test("records written under a clock that was ahead age from the next pruning on")
  func clockAhead() throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory.path)
    try store.put(key(1), value(1), time: Timestamp(milliseconds: 1 << 60))
    try store.put(key(2), value(2), time: Timestamp(milliseconds: 1000))
    try store.put(key(3), value(3), time: Timestamp(milliseconds: -5000))
    try store.prune(olderThan: Timestamp(milliseconds: 500), now: Timestamp(milliseconds: 2000))
    #expect(try store.get(key(1)) == value(1) && store.get(key(2)) == value(2) && store.get(key(3)) == nil)
    #expect(try store.stats().newest == Timestamp(milliseconds: 2000))
    #expect(try store.verify().isWhole)
    try store.prune(olderThan: Timestamp(milliseconds: 2500), now: Timestamp(milliseconds: 3000))
    #expect(try store.stats().entries == 0)
  }

  @Test("a cleared cache is empty for everyone, and can be written again")
  func clear() throws {
    let directory = try TemporaryDirectory()
    let (store, other) = (CacheStore(directory: directory.path), CacheStore(directory: directory.path))
    for number in 0..<40 { try store.put(key(number, shard: nil), value(number)) }
    #expect(try other.get(key(3, shard: nil)) == value(3))
    try store.clear()
    #expect(try Files.list(directory.path) == [])
    #expect(try other.get(key(3, shard: nil)) == nil)
    try other.put(key(3, shard: nil), value(4))
    #expect(try store.get(key(3, shard: nil)) == value(4))
    #expect(try store.stats().entries == 1)
  }

  @Test("a directory that was removed under a store is made again")
  func removed() throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory("cache"))
    try store.put(key(1), value(1))
    try FileManager.default.removeItem(atPath: store.directory)
    #expect(try store.get(key(1)) == nil)
    try store.put(key(1), value(2))
    #expect(try store.get(key(1)) == value(2))
  }
}
