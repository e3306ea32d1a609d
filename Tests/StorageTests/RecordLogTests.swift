// The record log: its line, torn tails cut at every byte, damage at every byte, and many writers at once.

import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct RecordLogTests {
  @Test(
    "a line is the record with its checksum as last member",
    arguments: [
      ("{\"a\":1}", "{\"a\":1,\"crc32\":\"a702fc6e\"}"),
      ("{}", "{\"crc32\":\"15d54739\"}"),
      ("{ }", "{\"crc32\":\"15d54739\"}"),
    ])
  func line(record: String, line: String) throws {
    #expect(RecordLine.encode(bytes(record)).map(text) == line)
    #expect(RecordLine.decode(bytes(line)[...]).map(text) == (record == "{ }" ? "{}" : record))
  }

  @Test("what is not one object on one line is refused", arguments: ["", "{", "}", "[]", "{\"a\":\n1}", "{\"a\":1} "])
  func refused(record: String) throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: StorageError.self) { try RecordLog(directory("log")).append(bytes(record)) }
    #expect(error?.kind == .invalidRecord)
    #expect(!Files.exists(directory("log")))
  }

  @Test("a changed byte anywhere in a line is detected")
  func flips() throws {
    for record in ["{\"a\":1}", "{}", "{\"text\":\"été\",\"n\":[1,2]}"] {
      let line = try #require(RecordLine.encode(bytes(record)))
      #expect(RecordLine.isValid(line[...]))
      for index in line.indices {
        for change in 1...255 {
          var damaged = line
          damaged[index] ^= UInt8(change)
          #expect(!RecordLine.isValid(damaged[...]))
        }
        #expect(!RecordLine.isValid(line[..<index]), "cut at \(index)")
      }
    }
  }

  @Test("records are read back in order with their offsets, from a file and directory made private")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("deep/logs/2026-11.jsonl"))
    let records = (0..<100).map { bytes("{\"n\":\($0)}") }
    var offsets: [Int] = []
    for record in records { offsets.append(try log.append(record)) }
    let read = try readForward(log.path)
    #expect(read.records.map(\.record) == records)
    #expect(read.records.map(\.offset) == offsets)
    #expect(read.skipped == 0)
    #expect(try FileStatus.of(log.path)?.mode == 0o600)
    #expect(try FileStatus.of(directory("deep"))?.mode == 0o700)
    let middle = try RecordReader(log.path, from: offsets[60])
    #expect(try middle.next()?.record == records[60])
  }

  @Test("a line torn at any byte costs itself alone, and the next writer closes it off")
  func torn() throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    let first = try #require(RecordLine.encode(bytes("{\"n\":1}"))) + [0x0A]
    let second = try #require(RecordLine.encode(bytes("{\"n\":2,\"text\":\"é\"}"))) + [0x0A]
    for cut in 0...second.count {
      try Files.replace(path, first + second[..<cut])
      let isWhole = cut >= second.count - 1
      let isTorn = cut > 0 && !isWhole
      for read in [try readForward(path), try readBackward(path)] {
        #expect(read.records.count == (isWhole ? 2 : 1), "cut at \(cut)")
        #expect(read.skipped == (isTorn ? 1 : 0), "cut at \(cut)")
      }
      let offset = try RecordLog(path, saving: false).append(bytes("{\"n\":3}"))
      let read = try readForward(path)
      #expect(read.records.map { text($0.record).dropFirst(5).first } == (isWhole ? ["1", "2", "3"] : ["1", "3"]))
      #expect(read.records.last?.offset == offset)
      #expect(read.skipped == (isTorn ? 1 : 0))
      #expect(try readBackward(path).records == read.records.reversed())
    }
  }

  @Test("a reader at the end sees what is appended later, also the rest of a line it saw half")
  func follow() throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    let line = try #require(RecordLine.encode(bytes("{\"n\":1}"))) + [0x0A]
    try Files.replace(path, Array(line[..<10]))
    let reader = try RecordReader(path)
    #expect(try reader.next() == nil)
    #expect(reader.skipped == 1)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(line[10...]))
    try handle.close()
    #expect(try reader.next()?.record == bytes("{\"n\":1}"))
    #expect(reader.skipped == 0)
    #expect(try reader.next() == nil)
    try RecordLog(path, saving: false).append(bytes("{\"n\":2}"))
    #expect(try reader.next()?.record == bytes("{\"n\":2}"))
  }

  @Test("eight writers with files of their own lose and mix nothing")
  func writers() throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    let failures = Mutex<[String]>([])
    let offsets = Mutex<[Int: [UInt8]]>([:])
    DispatchQueue.concurrentPerform(iterations: 8) { writer in
      let log = RecordLog(path, saving: false)
      for number in 0..<500 {
        let filler = String(repeating: "x", count: (writer * 131 + number * 17) % 700)
        do {
          let record = bytes("{\"w\":\(writer),\"n\":\(number),\"t\":\"\(filler)\"}")
          let offset = try log.append(record)
          offsets.withLock { $0[offset] = record }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let read = try readForward(path)
    #expect(read.skipped == 0)
    #expect(read.records.count == 4000)
    let expected = offsets.withLock { $0 }
    #expect(expected.count == 4000)
    #expect(read.records.allSatisfy { expected[$0.offset] == $0.record })
    for writer in 0..<8 {
      let own = read.records.map { text($0.record) }.filter { $0.hasPrefix("{\"w\":\(writer),") }
      #expect(own.count == 500)
      #expect(own.enumerated().allSatisfy { $0.element.hasPrefix("{\"w\":\(writer),\"n\":\($0.offset),") })
    }
  }

  @Test("one log shared by threads loses nothing, and flush returns after its records are saved")
  func shared() async throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"))
    try await withThrowingTaskGroup { group in
      for writer in 0..<4 {
        group.addTask {
          for number in 0..<50 { try log.append(bytes("{\"w\":\(writer),\"n\":\(number)}")) }
          try await log.flush()
        }
      }
      try await group.waitForAll()
    }
    #expect(try readForward(log.path).records.count == 200)
  }

  @Test("a log that was replaced or removed is opened anew")
  func replaced() throws {
    let directory = try TemporaryDirectory()
    let log = RecordLog(directory("log"), saving: false)
    try log.append(bytes("{\"n\":1}"))
    try Files.replace(directory("log"), [])
    try log.append(bytes("{\"n\":2}"))
    #expect(try readForward(log.path).records.map(\.record) == [bytes("{\"n\":2}")])
    try Files.remove(directory("log"))
    try log.append(bytes("{\"n\":3}"))
    #expect(try readForward(log.path).records.map(\.record) == [bytes("{\"n\":3}")])
  }

  @Test("records are taken out while others append, and nothing else is lost")
  func remove() throws {
    let directory = try TemporaryDirectory()
    let path = directory("log")
    #expect(try RecordLog(path).remove { _ in true } == 0)
    #expect(!Files.exists(path))
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      let log = RecordLog(path, saving: false)
      do {
        for number in 0..<100 {
          try log.append(bytes("{\"keep\":\(number % 2 == 0),\"w\":\(worker),\"n\":\(number)}"))
          if worker == 0, number % 10 == 9 { try log.remove { text($0.line).hasPrefix("{\"keep\":false") } }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    try RecordLog(path, saving: false).remove { text($0.line).hasPrefix("{\"keep\":false") }
    let read = try readForward(path)
    #expect(read.records.count == 200)
    #expect(Set(read.records.map(\.record)).count == 200)
    #expect(read.skipped == 0)
    let before = try FileStatus.of(path)
    #expect(before?.mode == 0o600)
    #expect(try RecordLog(path).remove { _ in false } == 0)
    #expect(try FileStatus.of(path) == before)
    #expect(try Files.list(directory.path) == ["log"])
  }

  @Test("a log below a file or on a full device says so")
  func errors() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("file"), [])
    let below = #expect(throws: StorageError.self) { try RecordLog(directory("file/log")).append(bytes("{}")) }
    #expect(below?.kind == .notDirectory)
    let full = #expect(throws: StorageError.self) { try RecordLog("/dev/full").append(bytes("{}")) }
    #expect(full?.kind == .diskFull)
    let isDirectory = #expect(throws: StorageError.self) { try RecordLog(directory.path).append(bytes("{}")) }
    #expect(isDirectory?.kind == .isDirectory)
  }
}

func readForward(
  _ path: String, limits: RecordReading = RecordReading()
) throws -> (records: [LogRecord], skipped: Int) {
  let reader = try RecordReader(path, limits: limits)
  var records: [LogRecord] = []
  while let record = try reader.next() { records.append(record) }
  return (records, reader.skipped)
}

func readBackward(
  _ path: String, limits: RecordReading = RecordReading()
) throws -> (records: [LogRecord], skipped: Int) {
  let reader = try ReverseRecordReader(path, limits: limits)
  var records: [LogRecord] = []
  while let record = try reader.next() { records.append(record) }
  return (records, reader.skipped)
}
