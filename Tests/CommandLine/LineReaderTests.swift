// The line editor on a real pseudo-terminal, in this process: what is typed at one end, what is read and shown at the
// other.

import Foundation
import Support
import Synchronization
import Testing

@testable import awl

@Suite("line editor on a terminal") struct LineReaderTests {
  /// Reads entries at the terminal on a thread of its own until one ends the reading.
  private func reading(_ terminal: PseudoTerminal, history: HistoryFile? = nil) -> Mutexed {
    let results = Mutexed()
    Thread.detachNewThread {
      var reader = LineReader(
        input: terminal.slave, output: Output(terminal.slave, isTerminal: true), history: history)
      while true {
        let result = reader.read(prompt: "> ")
        results.add(result)
        if case .entry = result { continue }
        break
      }
    }
    return results
  }

  @Test("what is typed, pasted, recalled and cleared is read, and the terminal is put back") func session() async throws
  {
    let terminal = try PseudoTerminal()
    let folder = try TemporaryDirectory("history")
    let results = reading(terminal, history: HistoryFile(folder.file("history")))
    #expect(terminal.output(until: "> ").contains("\u{1B}[?2004h"))
    terminal.type("helo\u{02}l\r")
    _ = terminal.output(until: "hello")
    terminal.type("\u{1B}[200~two\nlines\u{1B}[201~\r")
    // The next prompt: between two the terminal would take Ctrl-C for itself.
    _ = terminal.output(until: "lines\r\n")
    _ = terminal.output(until: "\u{1B}[?2004h")
    terminal.type("lost\u{03}\u{1B}[A\u{1B}[A\u{1B}[A!\r")
    _ = terminal.output(until: "hello!")
    _ = terminal.output(until: "\u{1B}[?2004h")
    terminal.type("\u{04}")
    let read = await results.wait(for: 4)
    #expect(read == [.entry("hello"), .entry("two\nlines"), .entry("hello!"), .ended])
    #expect(terminal.echoes)
    #expect(HistoryFile(folder.file("history")).load() == ["hello", "two\nlines", "hello!"])
  }

  @Test("what is typed before the prompt is not lost, and Ctrl-C on an empty line ends") func early() async throws {
    let terminal = try PseudoTerminal()
    terminal.type("early")
    let results = reading(terminal)
    _ = terminal.output(until: "> ")
    terminal.type("\r\u{03}")
    let read = await results.wait(for: 2)
    #expect(read.last == .interrupted)
  }

  @Test("no terminal gives no entries") func noTerminal() throws {
    let null = open("/dev/null", O_RDWR)
    defer { close(null) }
    var reader = LineReader(input: null, output: Output(null, isTerminal: false))
    #expect(reader.read(prompt: "> ") == .ended)
  }
}

/// Results that another thread adds.
private final class Mutexed: Sendable {
  private let results = Mutex<[LineReader.Result]>([])

  func add(_ result: LineReader.Result) { results.withLock { $0.append(result) } }

  func wait(for count: Int) async -> [LineReader.Result] {
    let start = ContinuousClock.now
    while results.withLock({ $0.count }) < count, ContinuousClock.now - start < .seconds(60) { await Task.yield() }
    return results.withLock { $0 }
  }
}
