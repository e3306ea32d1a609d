// Asks one question a row, many at once, and gives the answers in the order of the rows. An answer is in the journal
// before it is given on; the distance between the first row that waits and the last that was begun is bounded, and so is
// the memory.

import Formats
import Storage

/// What came of a row.
package struct RowAnswer: Sendable {
  /// As it is kept in the journal; nil where there is none.
  package var value: JSON?
  /// What went wrong; nil where the row is answered.
  package var problem: Problem?
  /// It is the answer of an earlier run.
  package var isKept = false

  /// A failure of one row.
  package struct Problem: Error, Sendable {
    package var text: String
    /// The exit code that it stands for.
    package var code: Int32
    /// No other row is begun: it would fail alike, or the budget is reached.
    package var stopsAll: Bool

    package init(text: String, code: Int32, stopsAll: Bool = false) {
      self.text = text
      self.code = code
      self.stopsAll = stopsAll
    }
  }

  package init(value: JSON?, problem: Problem? = nil) {
    self.value = value
    self.problem = problem
  }
}

/// A row's question.
package struct RowQuestion: Sendable {
  /// What the answer depends on, hashed (hexadecimal). Equal questions have equal keys.
  package var key: String
  package var ask: @Sendable () async -> RowAnswer

  package init(key: String, ask: @escaping @Sendable () async -> RowAnswer) {
    self.key = key
    self.ask = ask
  }
}

/// How a run over rows stands.
package struct RowProgress: Sendable, Equatable {
  /// Rows with an answer, those of an earlier run included.
  package var done = 0
  /// Of those, answers of an earlier run.
  package var kept = 0
  package var failed = 0
  package var running = 0
  /// The code of the first failure in the order of the rows, and the row's number.
  package var firstFailure: (row: Int, code: Int32)?
  /// Why no more rows were begun before their end.
  package var stop: RowAnswer.Problem?

  package static func == (left: RowProgress, right: RowProgress) -> Bool {
    (left.done, left.kept, left.failed, left.running) == (right.done, right.kept, right.failed, right.running)
  }
}

/// A run over rows.
package struct RowRun: Sendable {
  /// Rows asked at once.
  package var width: Int
  /// The first failure ends the run.
  package var stopsAtFailure: Bool
  /// Rows between the first that waits for its answer and the last that was begun: what is held in memory.
  var window: Int { max(256, 16 * width) }

  package init(width: Int, stopsAtFailure: Bool = false) {
    self.width = width
    self.stopsAtFailure = stopsAtFailure
  }

  /// - Parameters:
  ///   - next: gives the rows in batches, nil at their end; a failure ends the run with what was begun.
  ///   - question: a row's question, or what is wrong with the row.
  ///   - emit: gets every row with its answer, in order, without gaps. False: nobody reads it any more.
  ///   - progress: hears of every change.
  package func run(
    journal: RowJournal?,
    next: () async -> Result<[Row]?, RowSourceError>,
    question: @escaping @Sendable (Row) async -> Result<RowQuestion, RowAnswer.Problem>,
    emit: (Row, RowAnswer) -> Bool,
    progress: (RowProgress) -> Void
  ) async -> RowProgress {
    var state = State()
    await withTaskGroup(of: (Int, RowAnswer).self) { group in
      var rows: ArraySlice<Row> = []
      var hasMore = true
      while true {
        while hasMore, state.progress.stop == nil, state.progress.running < width,
          state.begun - state.head < window
        {
          if Task.isCancelled { break }
          if rows.isEmpty {
            switch await next() {
            case .success(let batch?): rows = batch[...]
            case .success(nil): hasMore = false
            case .failure(let error): state.progress.stop = RowAnswer.Problem(text: error.text, code: 2, stopsAll: true)
            }
          }
          guard let row = rows.popFirst() else { continue }
          let place = state.begin(row)
          state.progress.running += 1
          group.addTask { (place, await RowRun.answer(row, journal, question)) }
        }
        guard state.progress.running > 0, let (place, answer) = await group.next() else { break }
        state.progress.running -= 1
        take(&state, place, answer, emit, progress)
        if state.isUnread { group.cancelAll() }
      }
    }
    return state.progress
  }

  private static func answer(
    _ row: Row, _ journal: RowJournal?, _ question: @Sendable (Row) async -> Result<RowQuestion, RowAnswer.Problem>
  ) async -> RowAnswer {
    switch await question(row) {
    case .failure(let problem): return RowAnswer(value: nil, problem: problem)
    case .success(let question):
      if let kept = await journal?.take(question.key) {
        var answer = RowAnswer(value: kept)
        answer.isKept = true
        return answer
      }
      var answer = await question.ask()
      guard answer.problem == nil, let journal, let value = answer.value else { return answer }
      if let error = await journal.keep(value, under: question.key, row: row.number) {
        answer.problem = RowAnswer.Problem(text: error.description, code: 2, stopsAll: true)
      }
      return answer
    }
  }

  /// Enters an answer, and gives on what no earlier row holds back any more.
  private func take(
    _ state: inout State, _ place: Int, _ answer: RowAnswer, _ emit: (Row, RowAnswer) -> Bool,
    _ progress: (RowProgress) -> Void
  ) {
    if let problem = answer.problem {
      state.progress.failed += 1
      let row = state.waiting[place]?.row.number ?? 0
      if row < state.progress.firstFailure?.row ?? Int.max { state.progress.firstFailure = (row, problem.code) }
      if problem.stopsAll || stopsAtFailure { state.progress.stop = state.progress.stop ?? problem }
    } else {
      state.progress.done += 1
      if answer.isKept { state.progress.kept += 1 }
    }
    state.waiting[place]?.answer = answer
    while let entry = state.waiting[state.head], let answer = entry.answer {
      if !state.isUnread, !emit(entry.row, answer) {
        state.isUnread = true
        state.progress.stop = RowAnswer.Problem(text: "nobody reads the answers any more", code: 0, stopsAll: true)
      }
      state.waiting[state.head] = nil
      state.head += 1
    }
    progress(state.progress)
  }

  private struct State {
    var progress = RowProgress()
    /// Rows that were begun and not given on yet, by their place in the order.
    var waiting: [Int: (row: Row, answer: RowAnswer?)] = [:]
    var begun = 0
    /// The first place that was not given on.
    var head = 0
    var isUnread = false

    mutating func begin(_ row: Row) -> Int {
      defer { begun += 1 }
      waiting[begun] = (row, nil)
      return begun
    }
  }
}
