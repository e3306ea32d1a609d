// Many users of one cache at once, each with a store of its own as separate processes have.

import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct CacheSharingTests {
  /// Runs `body` on threads, and gives the first error.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failures = Shared<[any Error]>([])
    let group = DispatchGroup()
    for number in 0..<count {
      group.enter()
      Thread.detachNewThread {
        do { try body(number) } catch { failures.value.withLock { $0.append(error) } }
        group.leave()
      }
    }
    group.wait()
    if let first = failures.value.withLock({ $0.first }) { throw first }
  }

  @Test("sixteen writers with stores of their own lose nothing")
  func writers() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    try onThreads(16) { thread in
      let store = CacheStore(directory: path)
      for number in 0..<60 {
        let name = thread * 1000 + number
        try store.put(key(name, shard: UInt8(name % 3)), value(name, length: name % 200))
        // A key that all write.
        try store.put(key(-1), value(-1))
        guard try store.get(key(name, shard: UInt8(name % 3))) != nil else { throw Lost(number: name) }
      }
    }
    let store = CacheStore(directory: path)
    for thread in 0..<16 {
      for number in 0..<60 {
        let name = thread * 1000 + number
        #expect(try store.get(key(name, shard: UInt8(name % 3))) == value(name, length: name % 200))
      }
    }
    #expect(try store.stats().entries == 16 * 60 + 1)
    #expect(try store.verify().isWhole)
  }

  @Test("pruning while others read and write takes nothing that should stay")
  func pruning() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    let start = CacheStore(directory: path)
    for number in 0..<200 { try start.put(key(number), value(number), time: Timestamp(milliseconds: 10)) }
    for number in 200..<400 { try start.put(key(number), value(number), time: Timestamp(milliseconds: 1000)) }
    try onThreads(6) { thread in
      let store = CacheStore(directory: path)
      switch thread {
      case 0, 1:
        for _ in 0..<30 {
          try store.put(key(9000 + thread), value(1))
          try store.prune(olderThan: Timestamp(milliseconds: 100))
        }
      case 2, 3:
        for number in 0..<200 {
          let name = thread * 1000 + number
          try store.put(key(name), value(name))
          guard try store.get(key(name)) == value(name) else { throw Lost(number: name) }
        }
      default:
        for round in 0..<2000 {
          let name = 200 + round % 200
          guard try store.get(key(name)) == value(name) else { throw Lost(number: name) }
        }
      }
    }
    let store = CacheStore(directory: path)
    for number in 0..<200 { #expect(try store.get(key(number)) == nil) }
    for name in Array(200..<400) + Array(2000..<2200) + Array(3000..<3200) {
      #expect(try store.get(key(name)) == value(name))
    }
    #expect(try store.verify().isWhole)
  }

  @Test("clearing while others write leaves a cache that holds")
  func clearing() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    try onThreads(4) { thread in
      let store = CacheStore(directory: path)
      for number in 0..<60 {
        if thread == 0 { try store.clear() } else { try store.put(key(number), value(number)) }
        guard let found = try store.get(key(number)) else { continue }
        guard found == value(number) else { throw Lost(number: number) }
      }
    }
    let store = CacheStore(directory: path)
    #expect(try store.verify().isWhole)
    try store.put(key(1), value(1))
    #expect(try store.get(key(1)) == value(1))
  }
}

private struct Lost: Error { var number: Int }

private final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }
}
