// A run over rows: order kept, width bounded, nothing that was answered asked again.

import Formats
import Foundation
import Prompts
import Storage
import Support
import Synchronization
import Testing

@Suite("a run over rows")
struct RowRunTests {
  /// Runs over rows numbered from 1; `ask` answers a row.
  private func run(
    _ count: Int, width: Int = 4, stopsAtFailure: Bool = false, journal: RowJournal? = nil,
    ask: @escaping @Sendable (Int) async -> RowAnswer
  ) async -> (RowProgress, [String]) {
    var left = (1...max(count, 1)).prefix(count).map { number in
      Row(
        number: number, position: SourcePosition(line: number, column: 1, offset: 0),
        values: .object([("n", .number(number % 100))]))
    }[...]
    var seen: [String] = []
    let progress = await RowRun(width: width, stopsAtFailure: stopsAtFailure).run(
      journal: journal,
      next: {
        let batch = Array(left.prefix(7))
        left = left.dropFirst(7)
        return .success(batch.isEmpty ? nil : batch)
      },
      question: { row in
        let number = row.number
        return .success(RowQuestion(key: SHA256.hex(Array("\(row.values["n"]?.int ?? 0)".utf8))) { await ask(number) })
      },
      emit: { row, answer in
        seen.append("\(row.number)=\(answer.value?["a"]?.int.map(String.init) ?? answer.problem?.text ?? "")")
        return true
      },
      progress: { _ in })
    #expect(await journal?.close() == nil)
    return (progress, seen)
  }

  private static func answer(_ number: Int) -> RowAnswer { RowAnswer(value: .object([("a", .number(number))])) }

  @Test("answers come in the order of the rows, whichever is ready first")
  func order() async {
    let (progress, seen) = await run(200, width: 16) { number in
      for _ in 0..<(number * 7919 % 50) { await Task.yield() }
      return RowRunTests.answer(number)
    }
    #expect(seen == (1...200).map { "\($0)=\($0)" })
    #expect(progress.done == 200 && progress.failed == 0 && progress.running == 0)
  }

  @Test("never more rows at once than the width", arguments: [1, 3, 16])
  func width(width: Int) async {
    let running = Mutex((now: 0, most: 0))
    _ = await run(100, width: width) { number in
      running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      for _ in 0..<20 { await Task.yield() }
      running.withLock { $0.now -= 1 }
      return RowRunTests.answer(number)
    }
    #expect(running.withLock { $0.most } == width)
  }

  @Test("a failure stands beside its row and the rest goes on; the first in order gives the code")
  func failures() async {
    let (progress, seen) = await run(6, width: 3) { number in
      if number == 2 { for _ in 0..<100 { await Task.yield() } }
      return number % 2 == 0
        ? RowAnswer(value: nil, problem: .init(text: "no \(number)", code: Int32(number))) : RowRunTests.answer(number)
    }
    #expect(seen == ["1=1", "2=no 2", "3=3", "4=no 4", "5=5", "6=no 6"])
    #expect(progress.failed == 3 && progress.done == 3 && progress.firstFailure?.code == 2)
  }

  @Test("a failure that ends all begins no more rows", arguments: [true, false])
  func stop(byFlag: Bool) async {
    let (progress, seen) = await run(100, width: 1, stopsAtFailure: byFlag) { number in
      number == 3
        ? RowAnswer(value: nil, problem: .init(text: "end", code: 5, stopsAll: !byFlag)) : RowRunTests.answer(number)
    }
    #expect(seen == ["1=1", "2=2", "3=end"])
    #expect(progress.stop?.code == 5)
  }

  @Test("a second run asks only for what is missing or failed; rows that are alike get an answer each")
  func resume() async throws {
    let directory = try TemporaryDirectory("rows")
    let path = directory.file("out.jsonl.awl")
    let asked = Mutex<[Int]>([])
    // The rows 1 and 101 ask the same question.
    let first = await run(150, width: 8, journal: try RowJournal(path)) { number in
      number % 10 == 0 ? RowAnswer(value: nil, problem: .init(text: "no", code: 7)) : RowRunTests.answer(number)
    }
    #expect(first.0.failed == 15)
    let (progress, seen) = await run(151, width: 8, journal: try RowJournal(path)) { number in
      asked.withLock { $0.append(number) }
      return RowRunTests.answer(number)
    }
    #expect(asked.withLock { $0.sorted() } == Array(stride(from: 10, through: 150, by: 10)) + [151])
    #expect(progress.kept == 135 && progress.done == 151)
    #expect(Set(seen.map { $0.prefix { $0 != "=" } }).count == 151)
    let alike = Set(seen.filter { $0.hasPrefix("1=") || $0.hasPrefix("101=") }.map { String($0.drop { $0 != "=" }) })
    #expect(alike == ["=1", "=101"])
  }

  @Test("answers to one question are given in the order in which they were kept, each once") func alike() async throws {
    let directory = try TemporaryDirectory("rows")
    let journal = try RowJournal(directory.file("j.awl"))
    let key = SHA256.hex(Array("q".utf8))
    for number in 1...5 { #expect(await journal.keep(.number(number), under: key, row: number) == nil) }
    #expect(await journal.close() == nil)
    let again = try RowJournal(directory.file("j.awl"))
    var given: [Int] = []
    while let answer = await again.take(key) { given.append(answer.int ?? 0) }
    #expect(given == [1, 2, 3, 4, 5])
    #expect(await again.close() == nil)
  }

  @Test("a journal cut at any byte gives back what was whole, and takes more")
  func cut() async throws {
    let directory = try TemporaryDirectory("rows")
    let path = directory.file("whole.awl")
    _ = await run(5, journal: try RowJournal(path)) { RowRunTests.answer($0) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in stride(from: 0, through: bytes.count, by: 7) {
      let cut = directory.file("cut\(length).awl")
      try bytes.prefix(length).write(to: URL(fileURLWithPath: cut))
      let (progress, seen) = await run(5, journal: try RowJournal(cut)) { RowRunTests.answer($0) }
      #expect(progress.done == 5 && seen == (1...5).map { "\($0)=\($0)" })
      let again = await run(5, journal: try RowJournal(cut)) { _ in RowAnswer(value: nil) }
      #expect(again.0.kept == 5, "cut at \(length)")
    }
  }

  @Test("one journal has one owner, and a foreign file is refused")
  func owner() async throws {
    let directory = try TemporaryDirectory("rows")
    let path = directory.file("j.awl")
    let journal = try RowJournal(path)
    #expect(throws: StorageError.self) { _ = try RowJournal(path) }
    #expect(await journal.close() == nil)
    let line = try #require(RecordLine.encode(Array(#"{"awl":9,"kind":"rows"}"#.utf8)))
    let foreign = try directory.write("f.awl", bytes: line + [0x0A])
    let error = #expect(throws: StorageError.self) { _ = try RowJournal(foreign) }
    #expect(error?.kind == .version(found: 9, supported: 1))
  }
}
