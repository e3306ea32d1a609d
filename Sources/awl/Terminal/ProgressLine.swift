// One line on stderr that says how far a long job is: `12/40 · 4 running · 31 k tokens · $0.12 · 2 min left`. A pure struct
// that is told the time and gives the bytes, and a thin shell that writes them; nothing where stderr is no terminal.

import Formats
import Synchronization

/// What the progress line says, and when.
struct ProgressLine: Sendable {
  /// Where the job is.
  struct State: Sendable, Equatable {
    var done = 0
    /// `nil` when nobody knows.
    var total: Int?
    var running = 0
    var failed = 0
    var tokens = 0
    /// Dollars; `nil` when prices are not known.
    var cost: Double?
  }

  /// Least time between two drawings, in seconds.
  static let interval = 0.1

  private let start: Double
  private var drawnAt: Double?
  private var isShown = false

  /// - Parameter now: seconds of a clock that only goes forward.
  init(now: Double) { start = now }

  /// The bytes that draw the line; empty when it was drawn a moment ago.
  mutating func update(_ state: State, width: Int, now: Double) -> String {
    isDue(now) ? draw(text(state, now: now), width: width, now: now) : ""
  }

  /// As the other, for a job that says in its own words how far it is.
  mutating func update(_ text: () -> String, width: Int, now: Double) -> String {
    isDue(now) ? draw(text(), width: width, now: now) : ""
  }

  private func isDue(_ now: Double) -> Bool { drawnAt.map { now >= $0 + Self.interval } ?? true }

  private mutating func draw(_ text: String, width: Int, now: Double) -> String {
    drawnAt = now
    isShown = true
    return "\r\u{1B}[K" + fitted(text, width)
  }

  /// The bytes that take the line away, so that something else can be written; the next update draws it anew.
  mutating func clear() -> String {
    guard isShown else { return "" }
    isShown = false
    drawnAt = nil
    return "\r\u{1B}[K"
  }

  /// The words of the line.
  func text(_ state: State, now: Double) -> String {
    var parts = [state.total.map { "\(state.done)/\($0)" } ?? "\(state.done) done"]
    if state.running > 0 { parts.append("\(state.running) running") }
    if state.failed > 0 { parts.append("\(state.failed) failed") }
    if state.tokens > 0 { parts.append("\(Self.count(state.tokens)) tokens") }
    if let cost = state.cost { parts.append(Figures.money(cost)) }
    if let left = secondsLeft(state, now: now) { parts.append("\(Figures.seconds(left)) left") }
    return parts.joined(separator: " · ")
  }

  /// As long again as each of those that are done took on average; `nil` before that says anything.
  private func secondsLeft(_ state: State, now: Double) -> Double? {
    guard let total = state.total, state.done > 0, state.done < total, now - start >= 1 else { return nil }
    return ((now - start) / Double(state.done) * Double(total - state.done)).rounded()
  }

  /// `950`, `31 k`, `1.2 M`.
  static func count(_ value: Int) -> String {
    if value < 1_000 { return "\(value)" }
    if value < 1_000_000 { return "\(value / 1_000) k" }
    return "\(value / 1_000_000).\(value / 100_000 % 10) M"
  }

  /// A line that reached the last column would wrap, and could not be taken away.
  private func fitted(_ text: String, _ width: Int) -> String {
    var columns = 0
    var shown = ""
    for character in text {
      columns += TextWidth.columns(of: character)
      guard columns < width else { break }
      shown.append(character)
    }
    return shown
  }
}

/// Shows a progress line on stderr; safe to be used by many tasks at once.
final class ProgressDisplay: Sendable {
  private let errors: Output
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let line: Mutex<ProgressLine>

  init(_ errors: Output) {
    self.errors = errors
    start = clock.now
    line = Mutex(ProgressLine(now: 0))
  }

  func update(_ state: ProgressLine.State) {
    guard errors.isTerminal else { return }
    line.withLock { line in
      let bytes = line.update(state, width: TerminalSize.columns(2) ?? 80, now: seconds)
      if !bytes.isEmpty { write(bytes) }
    }
  }

  func update(_ text: () -> String) {
    guard errors.isTerminal else { return }
    line.withLock { line in
      let bytes = line.update(text, width: TerminalSize.columns(2) ?? 80, now: seconds)
      if !bytes.isEmpty { write(bytes) }
    }
  }

  /// Takes the line away: at the end, and before anything else is written.
  func clear() {
    guard errors.isTerminal else { return }
    line.withLock { line in
      let bytes = line.clear()
      if !bytes.isEmpty { write(bytes) }
    }
  }

  private func write(_ bytes: String) {
    errors.write(bytes)
    errors.flush()
  }

  private var seconds: Double {
    let passed = clock.now - start
    return Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
  }
}
