// Content-addressed files: names, repeats, bad ids and damage.

import Foundation
import Storage
import Testing

@Suite struct BlobStoreTests {
  @Test("a blob is named by its SHA-256, private, and kept once")
  func put() throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory("blobs"))
    let id = try store.put(bytes("abc"))
    #expect(id == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let path = directory("blobs/ba/\(id)")
    #expect(try store.get(id) == path)
    #expect(try store.read(id) == bytes("abc"))
    #expect(try FileStatus.of(path)?.mode == 0o600)
    let before = try #require(try FileStatus.of(path))
    #expect(try store.put(bytes("abc")) == id)
    #expect(try FileStatus.of(path)?.isSameFile(as: before) == true)
    #expect(try Files.list(directory("blobs")) == ["ba"])
    #expect(try Files.list(directory("blobs/ba")) == [id])
  }

  @Test("a file is kept as its bytes are, whatever its size", arguments: [0, 1, 65_535, 65_536, 65_537, 300_000])
  func putFile(size: Int) throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory("blobs"))
    let contents = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 3) }
    try Files.replace(directory("file"), contents)
    let id = try store.put(contentsOf: directory("file"))
    #expect(id == SHA256.hex(contents))
    #expect(try store.read(id) == contents)
    #expect(try store.put(contents) == id)
    #expect(try store.put(contentsOf: directory("file")) == id)
    #expect(try Files.list(directory("blobs")) == [String(id.prefix(2))])
  }

  @Test("a file that is held already is not copied again")
  func heldFile() throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory("blobs"))
    try Files.replace(directory("file"), bytes("abc"))
    let id = try store.put(contentsOf: directory("file"))
    let past = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: directory("blobs"))
    #expect(try store.put(contentsOf: directory("file")) == id)
    let after = try FileManager.default.attributesOfItem(atPath: directory("blobs"))[.modificationDate] as? Date
    #expect(after == past)
  }

  @Test("a source that cannot be read leaves nothing behind")
  func badSource() throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory("blobs"))
    let missing = #expect(throws: StorageError.self) { try store.put(contentsOf: directory("missing")) }
    #expect(missing?.kind == .notFound)
    let isDirectory = #expect(throws: StorageError.self) { try store.put(contentsOf: directory.path) }
    #expect(isDirectory?.kind == .isDirectory)
    #expect(try Files.list(directory("blobs")) == [])
  }

  @Test(
    "an id that is none names nothing",
    arguments: ["", "..", "../../etc/passwd", "BA7816", String(repeating: "g", count: 64)])
  func badID(id: String) throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory.path)
    #expect(try store.get(id) == nil)
    #expect(try store.read(id) == nil)
  }

  @Test("a blob that lost bytes is reported and written anew")
  func damaged() throws {
    let directory = try TemporaryDirectory()
    let store = BlobStore(directory: directory.path)
    let id = try store.put(bytes("abcdef"))
    let path = try #require(try store.get(id))
    try Files.replace(path, bytes("abc"))
    let error = #expect(throws: StorageError.self) { try store.read(id) }
    #expect(error?.kind == .corrupt(offset: 0))
    try store.put(bytes("abcdef"))
    #expect(try store.read(id) == bytes("abcdef"))
  }
}
