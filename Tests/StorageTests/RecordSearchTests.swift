// Searching a log from its end gives what reading all of it and looking at each line gives.

import Foundation
import Testing

@testable import Storage

@Suite struct RecordSearchTests {
  /// Numbers with a fixed course.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  @Test("a search finds the lines that reading finds, whatever the blocks", arguments: 0..<60)
  func same(seed: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    var generator = Generator(state: UInt64(seed))
    var content: [UInt8] = []
    for number in 0..<Int.random(in: 0...60, using: &generator) {
      let filler = String(repeating: "ab", count: Int.random(in: 0...40, using: &generator))
      let word = Int.random(in: 0...3, using: &generator) == 0 ? "needle" : "nee"
      var line = try #require(RecordLine.encode(bytes("{\"n\":\(number),\"t\":\"\(filler)\(word)\(filler)\"}")))
      if Int.random(in: 0...9, using: &generator) == 0 { line[line.count / 2] ^= 1 }
      content += line + [0x0A]
    }
    if Bool.random(using: &generator), !content.isEmpty { content.removeLast(min(content.count, 5)) }
    try Data(content).write(to: URL(filePath: path))
    let needle = bytes("needle")
    for size in [1, 7, 64, 300, 100_000] {
      var limits = RecordReading()
      limits.blockSize = size
      limits.searchBlockSize = size
      let all = try ReverseRecordReader(path, limits: limits)
      var expected: [Int] = []
      while let record = try all.next() {
        if String(decoding: record.line, as: UTF8.self).contains("needle") { expected.append(record.offset) }
      }
      // Logs of more than a few lines have some.
      #expect(!expected.isEmpty || content.count < 2000, "nothing to be found")
      let search = try ReverseRecordReader(path, limits: limits)
      var found: [Int] = []
      while let record = try search.next(holding: needle) { found.append(record.offset) }
      #expect(found == expected, "blocks of \(size)")
    }
  }

  @Test("a search ends where all that is left is too old") func tooOld() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"), saving: false)
    for number in 0..<500 { try log.append(bytes("{\"n\":\(1000 + number),\"t\":\"needle\"}")) }
    var limits = RecordReading()
    (limits.blockSize, limits.searchBlockSize) = (200, 200)
    let reader = try ReverseRecordReader(log.path, limits: limits)
    var found = 0
    while try reader.next(holding: bytes("needle"), until: { String(decoding: $0, as: UTF8.self) < "{\"n\":1400" })
      != nil
    {
      found += 1
    }
    #expect(found >= 100 && found < 120, "\(found)")
  }

  @Test("the word may be another one each time") func otherWord() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"), saving: false)
    for number in 0..<20 { try log.append(bytes("{\"id\":\"r\(100 + number)\",\"parent\":\"r\(99 + number)\"}")) }
    for size in [7, 100_000] {
      var limits = RecordReading()
      (limits.blockSize, limits.searchBlockSize) = (size, size)
      let reader = try ReverseRecordReader(log.path, limits: limits)
      var found = 0
      for number in (0..<20).reversed() {
        guard let record = try reader.next(holding: bytes("\"id\":\"r\(100 + number)\"")) else { break }
        #expect(text(record.line).hasPrefix("{\"id\":\"r\(100 + number)\""))
        found += 1
      }
      #expect(found == 20, "blocks of \(size)")
    }
  }

  @Test("lines that are too long are passed over") func long() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"), saving: false)
    for number in 0..<3 {
      try log.append(bytes("{\"n\":\(number),\"t\":\"needle\"}"))
      try log.append(bytes("{\"t\":\"\(String(repeating: "needle", count: 200))\"}"))
    }
    var limits = RecordReading()
    (limits.blockSize, limits.searchBlockSize, limits.lineLimit) = (50, 50, 300)
    let reader = try ReverseRecordReader(log.path, limits: limits)
    var found = 0
    while try reader.next(holding: bytes("needle")) != nil { found += 1 }
    #expect(found == 3)
  }
}
