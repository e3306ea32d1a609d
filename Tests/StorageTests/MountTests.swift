// Full and read-only file systems, made as small mounts below a temporary directory. Where mounting is not permitted
// these tests are skipped: as root no mode bit would make a directory unwritable.

import Foundation
import Testing

@testable import Storage

@Suite(.enabled(if: Mount.isPermitted, "mounting is not permitted here"), .serialized) struct MountTests {
  @Test("on a full disk a record is taken back whole, and those before it stay")
  func fullLog() throws {
    let mount = try Mount(["-t", "tmpfs", "-o", "size=64k", "none"])
    let log = RecordLog(mount("log"), saving: false)
    let filler = String(repeating: "x", count: 900)
    var written = 0
    var failure: StorageError?
    while failure == nil, written < 1000 {
      do throws(StorageError) {
        try log.append(bytes("{\"n\":\(written),\"t\":\"\(filler)\"}"))
        written += 1
      } catch {
        failure = error
      }
    }
    #expect(failure?.kind == .diskFull)
    #expect(written > 40 && written < 80)
    let read = try readForward(log.path)
    #expect(read.records.count == written)
    #expect(read.skipped == 0)
    #expect(try Files.read(log.path).last == 0x0A)
  }

  @Test("on a full disk a file keeps its old version and nothing is left behind")
  func fullReplace() throws {
    let mount = try Mount(["-t", "tmpfs", "-o", "size=64k", "none"])
    try Files.replace(mount("file"), bytes("old"))
    let error = #expect(throws: StorageError.self) {
      try Files.replace(mount("file"), [UInt8](repeating: 1, count: 100_000))
    }
    #expect(error?.kind == .diskFull)
    #expect(error?.path == mount("file"))
    #expect(try Files.read(mount("file")) == bytes("old"))
    let blob = #expect(throws: StorageError.self) {
      try BlobStore(directory: mount("blobs")).put([UInt8](repeating: 1, count: 100_000))
    }
    #expect(blob?.kind == .diskFull)
    #expect(try Files.list(mount.path) == ["blobs", "file"])
    #expect(try Files.list(mount("blobs")) == [])
  }

  @Test("a read-only file system is reported for every kind of writing")
  func readOnly() throws {
    let mount = try Mount(["-t", "tmpfs", "-o", "size=64k", "none"])
    try Files.replace(mount("file"), bytes("old"))
    try mount.remountReadOnly()
    let attempts: [() throws -> Void] = [
      { try Files.replace(mount("file"), bytes("new")) },
      { try Files.makeDirectories(mount("new/directory")) },
      { try Files.remove(mount("file")) },
      { try RecordLog(mount("log")).append(bytes("{}")) },
      { try InFlightFile(in: mount.path).append(bytes("{}")) },
      { try BlobStore(directory: mount("blobs")).put([1]) },
    ]
    for attempt in attempts {
      let error = #expect(throws: StorageError.self) { try attempt() }
      #expect(error?.kind == .readOnly)
    }
    #expect(try Files.list(mount.path) == ["file"])
    #expect(try Files.read(mount("file")) == bytes("old"))
  }
  @Test("a cache on a read-only file system is read, with and without its index, and tells why it takes nothing")
  func readOnlyCache() throws {
    let mount = try Mount(["-t", "tmpfs", "-o", "size=2m", "none"])
    do {
      // Nothing may be open for writing when the file system becomes read-only.
      let store = CacheStore(directory: mount.path)
      for number in 0..<300 { try store.put(key(number), value(number)) }
      try store.put(key(301, shard: 6), value(301))
    }
    try Files.remove(mount("6.idx"))
    try mount.remountReadOnly()
    let reader = CacheStore(directory: mount.path)
    for number in 0..<300 { #expect(try reader.get(key(number)) == value(number)) }
    #expect(try reader.get(key(301, shard: 6)) == value(301))
    #expect(try reader.get(key(302, shard: 6)) == nil)
    #expect(try reader.get(key(303, shard: 7)) == nil)
    #expect(try reader.stats().entries == 301)
    #expect(try reader.verify().isWhole)
    for attempt in [
      { try reader.put(key(1), value(2)) }, { try reader.put(key(1, shard: 7), []) }, { try reader.clear() },
      { _ = try reader.prune(olderThan: .now()) },
    ] as [() throws -> Void] {
      let error = #expect(throws: StorageError.self) { try attempt() }
      #expect(error?.kind == .readOnly)
    }
  }

  @Test("a cache on a full disk tells so, keeps what it had, and goes on when there is room")
  func fullCache() throws {
    let mount = try Mount(["-t", "tmpfs", "-o", "size=128k", "none"])
    let store = CacheStore(directory: mount.path)
    var kept: [Int] = []
    var failures = 0
    for number in 0..<400 {
      do throws(StorageError) {
        try store.put(key(number), value(number, length: 600))
        kept.append(number)
      } catch {
        #expect(error.kind == .diskFull)
        failures += 1
      }
    }
    #expect(failures > 100 && kept.count > 50)
    for reader in [store, CacheStore(directory: mount.path)] {
      for number in kept { #expect(try reader.get(key(number)) == value(number, length: 600)) }
    }
    #expect(throws: StorageError.self) { try store.prune(toSize: 90_000) }
    for number in kept { #expect(try store.get(key(number)) == value(number, length: 600)) }
    try store.clear()
    try store.put(key(1), value(1))
    #expect(try store.get(key(1)) == value(1))
  }
}

/// A file system mounted below a temporary directory for as long as this value lives.
private final class Mount {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  static let isPermitted: Bool = geteuid() == 0 && (try? Mount(["-t", "tmpfs", "-o", "size=64k", "none"])) != nil

  init(_ arguments: [String]) throws {
    directory = try TemporaryDirectory()
    try Mount.run("mount", arguments + [directory.path])
  }

  deinit { try? Mount.run("umount", [directory.path]) }

  func callAsFunction(_ name: String) -> String { directory(name) }

  func remountReadOnly() throws { try Mount.run("mount", ["-o", "remount,ro", directory.path]) }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
  }
}
