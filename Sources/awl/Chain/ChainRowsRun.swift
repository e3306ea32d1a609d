// `awl chain run --each`: a chain over the rows of a table. Columns are inputs; what a row gave is kept beside the output
// (`FILE.awl`), and the steps of rows that were not finished too (`FILE.awl.steps`).

import Chains
import Formats
import Models
import Prompts
import Storage
import Synchronization

struct ChainRowsRun: Sendable {
  let program: Program
  let chain: Chain
  let table: String
  let width: Int
  let output: String?
  /// Inputs that are the same for all rows.
  let fixed: JSON
  let tainted: Set<String>
  let acceptsChanges: Bool

  static let flags = [
    Flag("each", value: "ROWS", "the chain for each row of a .csv, .tsv, .jsonl or .json; columns are inputs"),
    Flag("width", "j", value: "N", "rows run at once (4)"),
    Flag("accept-changes", "do again what a row had begun in the world and did not finish"),
  ]

  func run(_ world: ChainWorld, _ progress: ProgressDisplay) async throws(Failure) -> ExitCode {
    let path = table == "-" ? nil : table
    let total = try await count(path)
    let (rows, journal) = try await open(world)
    let columns = chain.outputs.map(\.name)
    let sink = try RowsOutput(output, answerColumns: columns, program)
    let source = RowSource(path: path)
    let run = RowRun(width: width)
    let end = await run.run(
      journal: journal, next: { await source.next() }, question: { row in question(row, rows) },
      emit: { row, answer in sink.write(row, answer) },
      progress: { state in
        let spent = rows.spent
        progress.update(
          ProgressLine.State(
            done: state.done + state.failed, total: total, running: state.running, failed: state.failed,
            tokens: spent.tokens, cost: spent.dollars))
      })
    progress.clear()
    if let problem = await journal?.close() { program.say("warning: \(problem.description)") }
    if let problem = await rows.close() { program.say("warning: \(problem.text)") }
    return try await finish(end, sink, rows)
  }

  private func open(_ world: ChainWorld) async throws(Failure) -> (ChainRows, RowJournal?) {
    let redactor = program.redactor
    do throws(StepFailure) {
      guard let output else {
        return (try await ChainRows.open(chain, world: world, directory: nil, redactor: redactor), nil)
      }
      let opened = await SerialThread(name: "awl-journal").run {
        Result { () throws(StorageError) in try RowJournal(output + ".awl") }
      }
      let journal: RowJournal
      do throws(StorageError) { journal = try opened.get() } catch { throw StepFailure(error.description, .usage) }
      return (
        try await ChainRows.open(
          chain, world: world, directory: output + ".awl.steps", redactor: redactor,
          repeatsOpen: acceptsChanges), journal
      )
    } catch {
      throw ChainEnding.failure(error, chain)
    }
  }

  /// Reads the table through where it can be read twice, so that a mistake in its last line costs nothing.
  private func count(_ path: String?) async throws(Failure) -> Int? {
    guard let path, (try? FileStatus.of(path))?.kind != .other else { return nil }
    let source = RowSource(path: path)
    let writer = RowWriter(.jsonl, answerColumns: chain.outputs.map(\.name))
    var total = 0
    while true {
      switch await source.next() {
      case .failure(let error): throw Failure(error.text, .usage)
      case .success(nil):
        guard total > 0 else { throw Failure("\(path): there are no rows in it", .usage) }
        return total
      case .success(let rows?):
        if total == 0, let first = rows.first {
          if let name = writer.collisions(with: first).first {
            throw Failure(
              "\(path): its column '\(name)' has the name of an output of the chain (give it another name)", .usage)
          }
          do throws(StepFailure) { _ = try inputs(first) } catch {
            throw Failure("\(path):\(first.position.line): \(error.text)", .usage)
          }
        }
        total += rows.count
      }
    }
  }

  /// The inputs of a row: its columns, and what was given for all. Columns that the chain does not know are none of its
  /// business.
  private func inputs(_ row: Row) throws(StepFailure) -> JSON {
    var members: [(String, JSON?)] = fixed.members.map { ($0.key, $0.value) }
    for input in chain.inputs where fixed[input.name] == nil {
      guard let cell = row.values[input.name] else { continue }
      if let text = cell.string {
        if text.isEmpty, input.fallback != nil { continue }
        let value = try ChainInputs.value(text, for: input)
        let isPlace = input.kind == .path || input.kind == .image
        members.append(
          (
            input.name,
            isPlace ? .string(FilePlaces.inChain(FilePlaces.absolute(text), directory: chain.directory)) : value
          ))
      } else {
        members.append((input.name, input.kind == .string && cell.kind != .null ? .string(cell.text) : cell))
      }
    }
    for input in chain.inputs where input.fallback == nil && !members.contains(where: { $0.0 == input.name }) {
      throw StepFailure("there is no column '\(input.name)', which the chain needs", hint: "-p \(input.name)=…", .usage)
    }
    return .object(members)
  }

  private func question(_ row: Row, _ rows: ChainRows) -> Result<RowQuestion, RowAnswer.Problem> {
    let given: JSON
    do throws(StepFailure) {
      given = try inputs(row)
    } catch {
      return .failure(RowAnswer.Problem(text: error.text, code: error.code))
    }
    let outside = tainted.union(chain.inputs.map(\.name).filter { fixed[$0] == nil && row.values[$0] != nil })
    return .success(
      RowQuestion(key: rows.key(given)) {
        let result = await rows.run(given, tainted: outside)
        guard let failure = result.failure else { return RowAnswer(value: result.outputs) }
        if failure.kind == .stop, failure.code == 0 { return RowAnswer(value: .object([])) }
        let place = failure.offset.map { "\(chain.place($0)): " } ?? ""
        return RowAnswer(
          value: nil,
          problem: RowAnswer.Problem(
            text: place + failure.text, code: failure.code,
            stopsAll: failure.kind == .interrupted || failure.kind == .journal
              || failure.code == ExitCode.refusedByProvider.rawValue
          ))
      })
  }

  private func finish(_ end: RowProgress, _ sink: RowsOutput, _ rows: ChainRows) async throws(Failure) -> ExitCode {
    if program.output.isClosed { return .done }
    var summary = "\(end.done) \(end.done == 1 ? "row" : "rows") done"
    if end.kept > 0 { summary += " (\(end.kept) kept from before)" }
    if end.failed > 0 { summary += ", \(end.failed) failed" }
    let spent = rows.spent
    if spent.calls > 0 {
      summary += ", \(spent.calls) calls, \(ProgressLine.count(spent.tokens)) tokens, \(Figures.money(spent.dollars))"
    }
    if let stop = end.stop {
      sink.discard()
      program.say(sink.problem ?? stop.text)
      program.say("stopped: \(summary)")
      tellTheWayOn()
      return sink.problem != nil ? .usage : ExitCode(rawValue: stop.code) ?? .bug
    }
    if Task.isCancelled {
      sink.discard()
      program.say("interrupted: \(summary)")
      tellTheWayOn()
      return .interrupted
    }
    let committed = await SerialThread(name: "awl-output").run {
      Result { () throws(StorageError) in try sink.commit() }
    }
    if case .failure(let error) = committed {
      throw Failure("\(error.description); the answers are kept in \(output ?? "").awl", .usage)
    }
    program.note(summary + (output.map { " → \($0)" } ?? ""))
    guard let failure = end.firstFailure else { return .done }
    if output != nil { program.say("the same command runs the rows again that failed") }
    if ExitCode(rawValue: failure.code) == nil { program.ownCode.set(failure.code) }
    return ExitCode(rawValue: failure.code) ?? .done
  }

  private func tellTheWayOn() {
    if let output { program.say("\(output): not written yet; the same command goes on (\(output).awl)") }
  }
}
