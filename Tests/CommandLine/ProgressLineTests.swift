// The progress line: its words, when it is drawn, and that it goes away.

import Support
import Testing

@testable import Formats
@testable import awl

@Suite("progress line") struct ProgressLineTests {
  @Test(
    "the line says what is known",
    arguments: [
      (ProgressLine.State(), 0, "0 done"), (.init(done: 3, total: 10), 0.5, "3/10"),
      (
        .init(done: 5, total: 10, running: 4, failed: 1, tokens: 31_400, cost: 0.12), 30.0,
        "5/10 · 4 running · 1 failed · 31 k tokens · $0.12 · 30 s left"
      ),
      (.init(done: 10, total: 10, tokens: 1_250_000, cost: 0), 30.0, "10/10 · 1.2 M tokens · $0"),
      (.init(done: 1, total: 100, tokens: 950), 2.0, "1/100 · 950 tokens · 3 min 18 s left"),
    ] as [(ProgressLine.State, Double, String)])
  func words(state: ProgressLine.State, now: Double, words: String) {
    #expect(ProgressLine(now: 0).text(state, now: now) == words)
  }

  @Test("it is drawn at most ten times a second, and at once after it was taken away") func pace() {
    var line = ProgressLine(now: 0)
    var drawn = 0
    for step in 0..<1000 where !line.update(.init(done: step), width: 80, now: Double(step) / 1000).isEmpty {
      drawn += 1
    }
    #expect((9...10).contains(drawn))
    #expect(line.clear() == "\r\u{1B}[K")
    #expect(line.clear().isEmpty)
    #expect(line.update(.init(done: 7), width: 80, now: 1) == "\r\u{1B}[K7 done")
  }

  @Test("it never reaches the last column", arguments: [1, 2, 5, 10, 40]) func width(columns: Int) {
    var line = ProgressLine(now: 0)
    let drawn = line.update(.init(done: 5, total: 10, running: 400, tokens: 1000), width: columns, now: 5)
    #expect(TextWidth.columns(of: String(drawn.dropFirst(4))) < columns)
  }

  @Test("nothing is written where stderr is no terminal") func noTerminal() throws {
    // A descriptor that cannot be written to: a write would be a problem.
    let errors = Output(-1, isTerminal: false)
    let display = ProgressDisplay(errors)
    display.update(.init(done: 1))
    display.clear()
    #expect(errors.problem == nil)
    let terminal = Output(-1, isTerminal: true)
    ProgressDisplay(terminal).update(.init(done: 1))
    #expect(terminal.problem != nil)
  }
}
