// The two readers against each other over random logs, block sizes and noise.

import Foundation
import Testing

@testable import Storage

@Suite struct RecordReaderTests {
  @Test("reading backward is reading forward reversed, whatever the blocks", arguments: 0..<12)
  func reversed(seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    var random = SeededGenerator(seed)
    var contents: [UInt8] = []
    var expected: [LogRecord] = []
    var damaged = 0
    let lineLimit = 600
    for number in 0..<Int.random(in: 0...120, using: &random) {
      let filler = String(repeating: "y", count: Int.random(in: 0...400, using: &random))
      var line = try #require(RecordLine.encode(bytes("{\"n\":\(number),\"t\":\"\(filler)\"}")))
      let offset = contents.count
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        line.removeLast(Int.random(in: 1..<line.count, using: &random))
        damaged += 1
      case 1:
        line[Int.random(in: 0..<line.count, using: &random)] ^= 0x80
        damaged += 1
      case 2:
        line = try #require(RecordLine.encode(bytes("{\"long\":\"\(String(repeating: "z", count: lineLimit))\"}")))
        damaged += 1
      case 3:
        line = []
      default:
        expected.append(LogRecord(offset: offset, line: line))
      }
      contents += line
      contents.append(0x0A)
    }
    if seed % 3 == 1 {
      contents += bytes("{\"torn\":")
      damaged += 1
    } else if seed % 3 == 2 {
      let line = try #require(RecordLine.encode(bytes("{\"last\":true}")))
      expected.append(LogRecord(offset: contents.count, line: line))
      contents += line
    }
    try Files.replace(path, contents)
    for blockSize in [1, 2, 3, 7, 16, 63, 64, 65, 599, 600, 601, 4096, 1 << 16] {
      var limits = RecordReading()
      limits.blockSize = blockSize
      limits.lineLimit = lineLimit
      let forward = try readForward(path, limits: limits)
      #expect(forward.records == expected)
      #expect(forward.skipped == damaged, "forward in blocks of \(blockSize)")
      let backward = try readBackward(path, limits: limits)
      #expect(backward.records == expected.reversed())
      #expect(backward.skipped == damaged, "backward in blocks of \(blockSize)")
    }
  }

  @Test("a line of exactly the limit is read, one byte more is skipped")
  func limit() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"), saving: false)
    try log.append(bytes("{\"a\":1}"))
    try log.append(bytes("{\"a\":12}"))
    try log.append(bytes("{\"a\":3}"))
    var limits = RecordReading()
    limits.lineLimit = try #require(RecordLine.encode(bytes("{\"a\":1}"))).count
    for blockSize in [1, 5, 1024] {
      limits.blockSize = blockSize
      let forward = try readForward(log.path, limits: limits)
      #expect(forward.records.map { text($0.record) } == ["{\"a\":1}", "{\"a\":3}"])
      #expect(forward.skipped == 1)
      #expect(try readBackward(log.path, limits: limits).records == forward.records.reversed())
    }
  }

  @Test("an empty, missing or unsuitable file is handled")
  func edges() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("empty"), [])
    #expect(try readForward(directory("empty")).records.isEmpty)
    #expect(try readBackward(directory("empty")).records.isEmpty)
    try Files.replace(directory("newlines"), bytes("\n\n\n"))
    #expect(try readForward(directory("newlines")).skipped == 0)
    #expect(try readBackward(directory("newlines")).skipped == 0)
    let missing = #expect(throws: StorageError.self) { try readForward(directory("missing")) }
    #expect(missing?.kind == .notFound)
    let isDirectory = #expect(throws: StorageError.self) { try readForward(directory.path) }
    #expect(isDirectory?.kind == .isDirectory)
    let reversed = #expect(throws: StorageError.self) { try readBackward(directory.path) }
    #expect(reversed?.kind == .isDirectory)
  }

  @Test("noise of any kind gives no record and no crash")
  func noise() throws {
    let directory = try TemporaryDirectory()
    var random = SeededGenerator(7)
    for _ in 0..<50 {
      let count = Int.random(in: 0...3000, using: &random)
      let palette = bytes("{}\"crc32:,0a\n\u{0}")
      try Files.replace(directory("noise"), (0..<count).map { _ in palette.randomElement(using: &random) ?? 0 })
      var limits = RecordReading()
      limits.blockSize = Int.random(in: 1...100, using: &random)
      let forward = try readForward(directory("noise"), limits: limits)
      let backward = try readBackward(directory("noise"), limits: limits)
      #expect(forward.records == backward.records.reversed())
      #expect(forward.skipped == backward.skipped)
    }
  }
}
