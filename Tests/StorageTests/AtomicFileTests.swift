// Replacing files as a whole: modes, links, pipes, and that a failure leaves nothing behind.

import Foundation
import Storage
import Testing

@Suite struct AtomicFileTests {
  @Test("a file is replaced whole and keeps its mode")
  func mode() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), bytes("old"), mode: 0o600)
    #expect(try FileStatus.of(directory("file"))?.mode == 0o600)
    chmod(directory("file"), 0o640)
    try Files.replace(directory("file"), bytes("new"), mode: 0o600)
    #expect(try Files.read(directory("file")) == bytes("new"))
    #expect(try FileStatus.of(directory("file"))?.mode == 0o640)
    #expect(try Files.list(directory.path) == ["file"])
  }

  @Test("the old version is there until the new one is committed")
  func oldVersion() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), bytes("old"))
    let file = try AtomicFile(directory("file"))
    try file.write(bytes("ne"))
    try file.write(bytes("w"))
    #expect(try Files.read(directory("file")) == bytes("old"))
    try file.commit()
    try file.commit()
    file.discard()
    #expect(try Files.read(directory("file")) == bytes("new"))
  }

  @Test("without commit nothing changes and nothing is left behind")
  func discard() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), bytes("old"))
    do {
      let file = try AtomicFile(directory("file"))
      try file.write(bytes("new"))
      #expect(try Files.list(directory.path).count == 2)
    }
    #expect(try Files.list(directory.path) == ["file"])
    #expect(try Files.read(directory("file")) == bytes("old"))
  }

  @Test("a failed commit leaves nothing behind")
  func failedCommit() throws {
    let directory = try TemporaryDirectory()
    let file = try AtomicFile(directory("file"))
    try file.write(bytes("new"))
    try Files.makeDirectories(directory("file/in-the-way"))
    #expect(throws: StorageError.self) { try file.commit() }
    #expect(try Files.list(directory.path) == ["file"])
    #expect(try FileStatus.of(directory("file"))?.kind == .directory)
  }

  @Test("a symbolic link stays and its target is replaced", arguments: [true, false])
  func link(targetExists: Bool) throws {
    let directory = try TemporaryDirectory()
    try Files.makeDirectories(directory("real"))
    if targetExists { try Files.replace(directory("real/file"), bytes("old")) }
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: directory("middle"), withDestinationPath: "real/file")
    try manager.createSymbolicLink(atPath: directory("link"), withDestinationPath: directory("middle"))
    try Files.replace(directory("link"), bytes("new"))
    #expect(try FileStatus.of(directory("link"), followingLinks: false)?.kind == .symbolicLink)
    #expect(try FileStatus.of(directory("middle"), followingLinks: false)?.kind == .symbolicLink)
    #expect(try Files.read(directory("real/file")) == bytes("new"))
    #expect(try Files.list(directory("real")) == ["file"])
  }

  @Test("a link to itself is an error")
  func circle() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createSymbolicLink(atPath: directory("link"), withDestinationPath: "link")
    let error = #expect(throws: StorageError.self) { try Files.replace(directory("link"), []) }
    #expect(error?.kind == .other(ELOOP))
  }

  @Test("what cannot be renamed over is written directly")
  func pipe() throws {
    let pipe = Pipe()
    try Files.replace("/dev/fd/\(pipe.fileHandleForWriting.fileDescriptor)", bytes("data"))
    try pipe.fileHandleForWriting.close()
    #expect(try pipe.fileHandleForReading.readToEnd() == Data(bytes("data")))
    try Files.replace("/dev/null", bytes("data"))
    #expect(try FileStatus.of("/dev/null")?.kind == .other)
  }

  @Test("a named pipe is written directly and stays one")
  func namedPipe() throws {
    let directory = try TemporaryDirectory()
    #expect(mkfifo(directory("fifo"), 0o600) == 0)
    let reader = open(directory("fifo"), O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try Files.replace(directory("fifo"), bytes("data"))
    var buffer = [UInt8](repeating: 0, count: 10)
    #expect(read(reader, &buffer, 10) == 4)
    #expect(try FileStatus.of(directory("fifo"))?.kind == .other)
    #expect(try Files.list(directory.path) == ["fifo"])
  }

  @Test("a full device is reported")
  func full() throws {
    let error = #expect(throws: StorageError.self) { try Files.replace("/dev/full", bytes("data")) }
    #expect(error?.kind == .diskFull)
    #expect(error?.path == "/dev/full")
  }
}
