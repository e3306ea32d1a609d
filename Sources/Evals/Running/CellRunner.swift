// One cell: its prompt is rendered, asked, graded. An answer is on the disk before it is graded, so that whatever happens
// then, nobody pays for it twice.

import Formats
import Models
import Processes
import Prompts
import Storage
import Transport

/// What came of a planned cell.
package enum CellEnd: Sendable {
  /// An earlier sitting of the run has it.
  case kept
  case done(CellResult)
  /// It was not asked, since the run or its column is over.
  case left
}

extension PlannedCell {
  /// What its answer is held to: a prompt's evaluators judge its own rows, and tests that say nothing themselves.
  func assertions(_ column: Column) -> [Assertion] {
    if column.prompt.assertions.isEmpty { return test.assertions }
    return test.isOwn || test.assertions.isEmpty ? test.assertions + column.prompt.assertions : test.assertions
  }
}

/// Runs cells.
package struct CellRunner: Sendable {
  package let columns: [Column]
  package let world: EvalWorld
  package let environment: [String: String]
  /// Answers that are not graded yet.
  package let journal: RowJournal?
  /// Cells that an earlier sitting has.
  package let kept: Set<CellKey>
  /// Cells that were errors in an earlier sitting.
  package var erred: Set<CellKey> = []
  /// Where answers come from when nothing is to be asked.
  package var answers: KeptAnswers?
  package let maximumReason = 2000

  package init(
    columns: [Column], world: EvalWorld, environment: [String: String], journal: RowJournal?, kept: Set<CellKey>
  ) {
    self.columns = columns
    self.world = world
    self.environment = environment
    self.journal = journal
    self.kept = kept
  }

  /// Whether a cell waits for nobody: a model of this process, no judge, no code.
  func isQuick(_ cell: PlannedCell) -> Bool {
    let column = columns[cell.column]
    return column.isQuick && cell.test.options.transform == nil && cell.assertions(column).allSatisfy(\.isQuick)
  }

  func isAnew(_ id: String) -> Bool { !erred.isEmpty && (CellKey(id).map(erred.contains) ?? false) }

  package func run(_ cell: PlannedCell) async -> CellEnd {
    let column = columns[cell.column]
    var input = PromptInputText(text: "", messages: [])
    var fault: CellFault?
    var vars = JSON.object([])
    do throws(CellFault) {
      vars = try cell.vars.get()
      input = try column.input(for: cell, environment: environment)
    } catch {
      fault = error
    }
    let id = id(of: cell, column, input, vars)
    if let key = CellKey(id), kept.contains(key) { return .kept }
    if Task.isCancelled { return .left }
    var result = CellResult(
      id: id, test: cell.testID, row: cell.row, prompt: column.prompt.label, provider: column.provider.label,
      repetition: cell.repetition, vars: vars, input: input.text, outcome: .error, score: 0)
    result.description = cell.test.description
    result.metadata = cell.test.metadata
    do throws(CellFault) {
      if let fault { throw fault }
      let answer = try await answer(cell, column, input)
      result.output = answer.output
      result.usage = answer.usage
      result.cost = answer.cost
      result.latency = answer.latency
      result.isCached = answer.isCached
      result.finish = answer.finish
      try await grade(answer, cell, column, input, vars, &result)
    } catch {
      if error.error.kind == "cancelled" { return .left }
      result.outcome = .error
      result.score = 0
      result.error = error.error
      result.reason = error.error.message
    }
    result.time = Int(Timestamp.now().milliseconds)
    return .done(result)
  }

  /// Everything that the answer and its grade depend on, hashed to 128 bits.
  private func id(of cell: PlannedCell, _ column: Column, _ input: PromptInputText, _ vars: JSON) -> String {
    var hash = column.identityHash
    hash.update("\u{1}\(cell.testID)\u{1}\(cell.repetition)\u{1}")
    hash.update(input.text)
    hash.update("\u{1}")
    hash.update(vars.utf8)
    for assertion in cell.assertions(column) { hash.update(assertion.identity) }
    return SHA256.hex(ofDigest: Array(hash.digest().prefix(16)))
  }

  // MARK: Asking

  private func answer(
    _ cell: PlannedCell, _ column: Column, _ input: PromptInputText
  ) async throws(CellFault) -> CellAnswer {
    if let output = cell.test.output {
      var answer = CellAnswer()
      answer.output = output
      return answer
    }
    let request = column.request(input)
    if let answers {
      let (prompt, provider) = (column.prompt.label, column.provider.label)
      guard let answer = await answers.answer(prompt, provider, cell.repetition, input.text) else {
        throw CellFault("rescore", "the run has no answer to this cell", 2)
      }
      return answer
    }
    guard let journal, isPaid(column) else { return try await asked(cell, column, request, input) }
    var hash = column.identityHash
    hash.update("\u{1}answer\u{1}\(cell.repetition)\u{1}")
    hash.update(input.text)
    let key = SHA256.hex(ofDigest: hash.digest())
    if let record = await journal.take(key) { return CellAnswer(record: record, tools: request.tools) }
    let answer = try await asked(cell, column, request, input)
    // What came from the cache is there still.
    if answer.isCached { return answer }
    if let problem = await journal.keep(answer.record, under: key, row: cell.row) {
      throw CellFault("disk", problem.description, 2)
    }
    return answer
  }

  /// Models of this process are asked again for nothing.
  private func isPaid(_ column: Column) -> Bool { column.target?.provider.dialect != .builtin }

  private func asked(
    _ cell: PlannedCell, _ column: Column, _ request: ModelRequest, _ input: PromptInputText
  ) async throws(CellFault) -> CellAnswer {
    if let delay = column.provider.delay, delay > 0 {
      do { try await Task.sleep(for: .milliseconds(delay)) } catch { throw CellFault("cancelled", "interrupted", 130) }
    }
    switch column.provider.kind {
    case .program(let words): return try await ran(words, input)
    case .endpoint(let endpoint): return try await sent(endpoint, cell, column, input)
    case .model: break
    }
    guard let target = column.target else { throw CellFault("render", "there is no model", 2) }
    var call = Call(target, request)
    call.cache = world.cache
    call.repetition = cell.repetition
    call.budget = world.budget
    call.isLogged = isPaid(column)
    call.isLoggedWhenKept = false
    if let timeout = world.timeout { call.options.totalTimeout = timeout }
    let outcome = await world.ask(call)
    if let error = outcome.error {
      throw CellFault(error.kindName, error.text, Int(error.exitCode.rawValue))
    }
    return CellAnswer(outcome, request)
  }

  /// A request to an endpoint; what it costs nobody knows.
  private func sent(
    _ endpoint: HTTPEndpoint, _ cell: PlannedCell, _ column: Column, _ input: PromptInputText
  ) async throws(CellFault) -> CellAnswer {
    let scope = CaseScope(
      TestCase.merged(try cell.vars.get(), .object([("prompt", .string(input.text))])), environment: environment)
    let request = try endpoint.request(scope)
    var options = HTTPOptions()
    options.totalTimeout = column.provider.timeout ?? world.timeout ?? 300
    let clock = ContinuousClock()
    let start = clock.now
    let (status, bytes): (Int, [UInt8])
    do throws(TransportError) {
      let response = try await world.send(request, options)
      status = response.status
      bytes = try await response.body.collect(limit: 64 << 20)
    } catch {
      if Task.isCancelled { throw CellFault("cancelled", "interrupted", 130) }
      throw CellFault("network", "\(endpoint.url): \(error.message)", 7)
    }
    let duration = (clock.now - start).components
    guard (200..<300).contains(status) else {
      throw CellFault(
        "server",
        "\(endpoint.url): status \(status): \(quoted(String(decoding: bytes.prefix(400), as: UTF8.self), limit: 200))",
        status < 500 ? 4 : 7)
    }
    var answer = CellAnswer()
    answer.output = try await endpoint.output(of: bytes, world, at: column.provider.label)
    answer.latency = Double(duration.seconds) + Double(duration.attoseconds) / 1e18
    return answer
  }

  /// The prompt as the last argument of a program, whose output is the answer.
  private func ran(_ words: [String], _ input: PromptInputText) async throws(CellFault) -> CellAnswer {
    var child = ChildProcess(words + [input.text], environment: world.variables)
    child.limits.timeout = world.timeout ?? 600
    let clock = ContinuousClock()
    let start = clock.now
    let result: ChildResult
    do throws(ChildError) { result = try await child.run() } catch {
      throw CellFault("program", error.message, 2)
    }
    if result.stop == .cancelled { throw CellFault("cancelled", "interrupted", 130) }
    guard result.isSuccess else {
      let said = String(decoding: result.errors.suffix(500), as: UTF8.self)
      throw CellFault("program", "\(words[0]): \(result.ending): \(quoted(said, limit: 200))", 7)
    }
    var answer = CellAnswer()
    answer.output = .string(String(decoding: result.output, as: UTF8.self).trimmedOfSpace)
    let duration = (clock.now - start).components
    answer.latency = Double(duration.seconds) + Double(duration.attoseconds) / 1e18
    return answer
  }

  // MARK: Grading

  /// Fills in the grade.
  package func grade(
    _ answer: CellAnswer, _ cell: PlannedCell, _ column: Column, _ input: PromptInputText, _ vars: JSON,
    _ result: inout CellResult
  ) async throws(CellFault) {
    let scope = CaseScope(vars, environment: environment)
    var subject = AssertionSubject(
      output: answer.output, prompt: input.text, scope: scope, answer: answer, world: world)
    for transform in [column.provider.transform, cell.test.options.transform] {
      guard let transform else { continue }
      subject.set(output: try await transform.apply(subject))
      result.output = subject.output
    }
    subject.options = cell.test.options
    subject.journal = journal
    subject.isAnew = isAnew(result.id)
    subject.repetition = cell.repetition
    var order = AssertionOrder()
    for assertion in cell.assertions(column) where !assertion.isComparison {
      if let skipped = order.skipped(assertion) {
        result.assertions.append(skipped)
        continue
      }
      let (found, verdict) = try await assertion.result(subject)
      order.add(assertion, verdict.pass)
      result.assertions.append(found)
      if let usage = verdict.usage {
        var sum = result.judgeUsage ?? Usage()
        sum = sum + usage
        // A sum with a part that nobody knows is not known.
        let isFirst = result.judgeUsage == nil
        result.judgeUsage = sum
        result.judgeCost = verdict.cost.flatMap { cost in isFirst ? cost : result.judgeCost.map { $0 + cost } }
      }
    }
    settle(cell.test.threshold, &result)
  }

  /// The grade of the assertions that were decided.
  package func settle(_ threshold: Double?, _ result: inout CellResult) {
    let grade = Grade(result.assertions, threshold: threshold)
    result.outcome = grade.pass ? .pass : .fail
    result.score = grade.score
    result.reason = String(grade.reason.prefix(maximumReason))
    result.named = CellRunner.named(result.assertions)
  }

  /// Scores by metric: weighted means over the assertions that bear its name.
  static func named(_ results: [AssertionResult]) -> [NamedScore] {
    var named: [NamedScore] = []
    func add(_ result: AssertionResult) {
      if result.isSkipped { return }
      if let metric = result.metric {
        let weight = result.weight == 0 ? 1 : result.weight
        if let place = named.firstIndex(where: { $0.name == metric }) {
          let sum = named[place].score * named[place].weight + result.score * weight
          named[place].weight += weight
          named[place].score = sum / named[place].weight
        } else {
          named.append(NamedScore(metric, result.score, weight: weight))
        }
      }
      for part in result.parts { add(part) }
    }
    for result in results { add(result) }
    return named
  }
}
