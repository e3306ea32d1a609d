// Answers in the making: their life, and that an abandoned one is adopted exactly once.

import Dispatch
import Synchronization
import Testing

@testable import Storage

@Suite struct InFlightFileTests {
  @Test("an answer in the making is beside the log, private, and gone when finished")
  func life() throws {
    let directory = try TemporaryDirectory()
    let file = InFlightFile(in: directory.path)
    #expect(try Files.list(directory.path) == [])
    try file.append(bytes("{\"text\":\"He\"}"))
    try file.append(bytes("{\"text\":\"llo\"}"))
    #expect(try Files.list(directory("inflight")) == ["\(file.id).jsonl"])
    #expect(try FileStatus.of(file.path)?.mode == 0o600)
    #expect(try readForward(file.path).records.map { text($0.record) } == ["{\"text\":\"He\"}", "{\"text\":\"llo\"}"])
    #expect(try InFlightFile.abandoned(in: directory.path).isEmpty)
    try file.finish()
    try file.finish()
    #expect(try Files.list(directory("inflight")) == [])
  }

  @Test("an answer whose holder is gone is found, held, and not found again once removed")
  func adoption() throws {
    let directory = try TemporaryDirectory()
    #expect(try InFlightFile.abandoned(in: directory.path).isEmpty)
    let living = InFlightFile(in: directory.path)
    try living.append(bytes("{\"text\":\"living\"}"))
    let id = try abandon(in: directory.path, "{\"text\":\"dead\"}")
    do {
      let found = try InFlightFile.abandoned(in: directory.path)
      #expect(found.map(\.id) == [id])
      #expect(try InFlightFile.abandoned(in: directory.path).isEmpty)
      #expect(try found.first?.reader().next()?.record == bytes("{\"text\":\"dead\"}"))
    }
    let again = try InFlightFile.abandoned(in: directory.path)
    #expect(again.map(\.id) == [id])
    try again.first?.remove()
    #expect(try Files.list(directory("inflight")) == ["\(living.id).jsonl"])
    try living.append(bytes("{\"text\":\"still\"}"))
    try living.finish()
  }

  @Test("many who look at once adopt each answer exactly once")
  func once() throws {
    let directory = try TemporaryDirectory()
    let ids = try (0..<40).map { try abandon(in: directory.path, "{\"n\":\($0)}") }
    let log = RecordLog(directory("log"), saving: false)
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        for file in try InFlightFile.abandoned(in: directory.path) {
          try log.append(bytes("{\"id\":\"\(file.id)\"}"))
          try file.remove()
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let adopted = try readForward(log.path).records.map { text($0.record) }
    #expect(adopted.sorted() == ids.map { "{\"id\":\"\($0)\"}" }.sorted())
    #expect(try Files.list(directory("inflight")) == [])
  }

  @Test("an answer being begun while others look for abandoned ones loses nothing")
  func beginning() throws {
    let directory = try TemporaryDirectory()
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      do {
        for number in 0..<100 {
          if worker % 2 == 0 {
            let file = InFlightFile(in: directory.path)
            try file.append(bytes("{\"n\":\(number)}"))
            if !Files.exists(file.path) { failures.withLock { $0.append("\(file.id) was taken") } }
            try file.finish()
          } else {
            for file in try InFlightFile.abandoned(in: directory.path) {
              failures.withLock { $0.append("\(file.id) was adopted alive") }
            }
          }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
  }

  @Test("an empty abandoned file is cleared away and other files are left alone")
  func empty() throws {
    let directory = try TemporaryDirectory()
    try Files.makeDirectories(directory("inflight"))
    try Files.replace(directory("inflight/\(RecordID.next()).jsonl"), [])
    try Files.replace(directory("inflight/notes.jsonl"), bytes("x"))
    #expect(try InFlightFile.abandoned(in: directory.path).isEmpty)
    #expect(try Files.list(directory("inflight")) == ["notes.jsonl"])
  }

  /// Leaves an answer as a killed process does: its file there, its lock free.
  private func abandon(in directory: String, _ record: String) throws -> RecordID {
    let file = InFlightFile(in: directory)
    try file.append(bytes(record))
    return file.id
  }
}
