// Reading, listing, making and removing by path, and the words of every error.

import Foundation
import Storage
import Testing

@Suite struct FilesTests {
  @Test("a file is read whole up to its limit and refused beyond", arguments: [0, 1, 4095, 4096, 4097, 100_000])
  func limit(size: Int) throws {
    let directory = try TemporaryDirectory()
    let contents = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    try Files.replace(directory("file"), contents)
    #expect(try Files.read(directory("file")) == contents)
    #expect(try Files.read(directory("file"), limit: size) == contents)
    guard size > 0 else { return }
    let error = #expect(throws: StorageError.self) { try Files.read(directory("file"), limit: size - 1) }
    #expect(error?.kind == .tooLarge(limit: size - 1))
  }

  @Test("a device without a size is read up to the limit and refused beyond")
  func device() throws {
    #expect(try Files.read("/dev/null") == [])
    let error = #expect(throws: StorageError.self) { try Files.read("/dev/zero", limit: 10_000) }
    #expect(error?.kind == .tooLarge(limit: 10_000))
  }

  @Test("a pipe is read to its end")
  func pipe() throws {
    let pipe = Pipe()
    let sent = [UInt8](repeating: 7, count: 9000)
    pipe.fileHandleForWriting.write(Data(sent))
    try pipe.fileHandleForWriting.close()
    #expect(try Files.read("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") == sent)
  }

  @Test("errors say what is wrong with which path")
  func errors() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), [1])
    let cases: [(String, StorageError.Kind, () throws -> Void)] = [
      ("no such file or directory", .notFound, { _ = try Files.read(directory("absent")) }),
      ("is a directory (name a file)", .isDirectory, { _ = try Files.read(directory.path) }),
      ("a part of this path is not a directory", .notDirectory, { _ = try Files.read(directory("file/x")) }),
      ("is not a usable path", .invalidPath, { _ = try Files.read(directory("a\0b")) }),
      ("a part of this path is not a directory", .notDirectory, { _ = try Files.list(directory("file")) }),
      ("a part of this path is not a directory", .notDirectory, { try Files.makeDirectories(directory("file")) }),
      ("a part of this path is not a directory", .notDirectory, { try Files.makeDirectories(directory("file/a/b")) }),
      ("is a directory (name a file)", .isDirectory, { try Files.remove(directory.path) }),
      ("is a directory (name a file)", .isDirectory, { try Files.replace(directory.path, []) }),
      ("no such file or directory", .notFound, { try Files.replace(directory("absent/file"), []) }),
    ]
    for (reason, kind, action) in cases {
      let error = #expect(throws: StorageError.self) { try action() }
      #expect(error?.kind == kind)
      #expect(error?.reason == reason)
      #expect(error.map { "\($0)" }?.hasPrefix(directory.path) == true)
    }
    let empty = #expect(throws: StorageError.self) { try Files.read("") }
    #expect(empty.map { "\($0)" } == "(empty path): is not a usable path")
  }

  @Test("every kind of error has its words")
  func words() {
    let cases: [(StorageError.Kind, String)] = [
      (.diskFull, "f: cannot write, no space left on the device (free some space)"),
      (.readOnly, "f: cannot write, the file system is read-only (choose another place)"),
      (.permission, "f: cannot write, permission denied (check owner and mode)"),
      (.exists, "f: cannot write, it exists already"),
      (.corrupt(offset: 12), "f: is damaged at byte 12"),
      (.tooLarge(limit: 5), "f: is larger than 5 bytes, the most that is read"),
      (.version(found: 3, supported: 1), "f: has format version 3, this program reads up to 1 (update it)"),
      (.version(found: 1, supported: 2), "f: has format version 1, this program reads 2 (write it anew)"),
      (.other(ELOOP), "f: cannot write, too many levels of symbolic links"),
    ]
    for (kind, words) in cases {
      #expect("\(StorageError(path: "f", operation: .write, kind: kind))" == words)
    }
  }

  @Test("a directory is listed in order of bytes")
  func list() throws {
    let directory = try TemporaryDirectory()
    for name in ["b", "a", "Z", "é", ".hidden", "a2"] { try Files.replace(directory(name), []) }
    #expect(try Files.list(directory.path) == [".hidden", "Z", "a", "a2", "b", "é"])
  }

  @Test("directories are made with those above them, private, and left alone when there")
  func makeDirectories() throws {
    let directory = try TemporaryDirectory()
    try Files.makeDirectories(directory("a/b//c/"))
    try Files.makeDirectories(directory("a/b/c"))
    let status = try FileStatus.of(directory("a/b"))
    #expect(status?.kind == .directory)
    #expect(status?.mode == 0o700)
  }

  @Test("removing says whether there was a file")
  func remove() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), [])
    #expect(try Files.remove(directory("file")))
    #expect(try !Files.remove(directory("file")))
    #expect(!Files.exists(directory("file")))
  }

  @Test(
    "the parent of a path is its directory",
    arguments: [
      ("a/b", "a"), ("/a", "/"), ("a", "."), ("/", nil), ("a/b/", "a"), ("//a//b", "//a"), ("", "."), ("/a//b", "/a"),
    ] as [(String, String?)])
  func parent(path: String, parent: String?) {
    #expect(Paths.parent(path) == parent)
  }
}
