// The beginning and the end of a run: inputs, directory, journal, the run itself, and what came of it. Also how a run that
// was broken off goes on.

import Formats
import Models
import Storage

/// What came of a run.
package struct RunResult: Sendable {
  package var id: String
  /// nil: nothing was kept.
  package var directory: String?
  /// nil: it failed, or was stopped.
  package var outputs: JSON?
  package var failure: StepFailure?
  package var spent: Budget.Amounts
  package var seconds: Double
}

package enum ChainLauncher {
  /// Runs a chain.
  ///
  /// - Parameters:
  ///   - inputs: an object of what was given.
  ///   - tainted: names of inputs that came from outside.
  ///   - runs: where the run is kept; nil: nowhere.
  ///   - redactor: takes secrets out of what is kept.
  /// - Throws: what is wrong before anything ran.
  package static func run(
    _ chain: Chain, inputs: JSON, tainted: Set<String> = [], world: ChainWorld, runs: RunDirectory?,
    redactor: Redactor = Redactor(secrets: [])
  ) async throws(StepFailure) -> RunResult {
    let id = RecordID.next().text
    let started = Timestamp.now().rfc3339
    let directory = runs?.directory(of: id)
    let header: [(String, JSON?)] = [
      ("t", "run"), ("awl", .number(Journal.version)), ("version", .string(Version.number)), ("id", .string(id)),
      ("chain", .string(FilePlaces.absolute(chain.path))), ("name", .string(chain.name)), ("started", .string(started)),
      ("inputs", try ChainInputs.complete(inputs, of: chain) { StepFailure($0, .usage) }),
      ("tainted", .array(tainted.sorted().map { .string($0) })), ("boundary", .string(boundary())),
      ("model", world.model.map { .string($0) }),
      ("files", .object(chain.files.map { ($0.path, .string($0.sha256)) })),
    ]
    let plan = Plan(chain: chain, header: .object(header), world: world, redactor: redactor)
    let facts = try plan.facts(directory)
    var journal: Journal?
    if let directory {
      let opened = try await Journal.create(directory, redactor: plan.redactor(facts))
      try await opened.write(plan.header)
      try await opened.flush()
      journal = opened
    }
    return await plan.perform(id, directory, facts, journal)
  }

  /// Goes on with a run that was broken off.
  ///
  /// - Parameters:
  ///   - read: reads the chain's file again.
  ///   - acceptsChanges: what changed since is run again.
  package static func resume(
    _ id: String, in runs: RunDirectory, world: ChainWorld, redactor: Redactor = Redactor(secrets: []),
    acceptsChanges: Bool = false,
    read: (String) throws(StepFailure) -> Chain
  ) async throws(StepFailure) -> RunResult {
    let directory = runs.directory(of: id)
    let (log, record, past) = try await Journal.reopen(id, directory)
    let chain = try read(record.chain)
    if !acceptsChanges { try checkUnchanged(record, chain) }
    var world = world
    world.model = world.model ?? record.header["model"]?.string
    let plan = Plan(chain: chain, header: record.header, world: world, redactor: redactor)
    let facts = try plan.facts(directory)
    let journal = Journal(
      directory: directory, log: log, past: past, acceptsChanges: acceptsChanges, repeatsOpen: acceptsChanges,
      countsKept: true,
      redactor: plan.redactor(facts))
    return await plan.perform(id, directory, facts, journal)
  }

  private static func checkUnchanged(_ record: RunRecord, _ chain: Chain) throws(StepFailure) {
    let version = record.header["version"]?.string ?? ""
    guard version == Version.number else {
      throw StepFailure(
        "the run was begun by awl \(version), this is \(Version.number)", hint: "--accept-changes goes on all the same",
        .resumeNeedsLook)
    }
    let before = record.header["files"] ?? .object([])
    for (path, sha256) in chain.files where before[path]?.string != sha256 {
      throw StepFailure(
        "\(path) is not what it was when the run began",
        hint: "--accept-changes runs again what depends on it", .resumeNeedsLook)
    }
  }

  /// A word that no text from outside can know.
  static func boundary() -> String {
    let alphabet = Array("abcdefghijkmnopqrstuvwxyz23456789")
    return "material-" + String((0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
  }

  /// A run that is about to be.
  private struct Plan: Sendable {
    var chain: Chain
    var header: JSON
    var world: ChainWorld
    var redactor: Redactor

    func facts(_ directory: String?) throws(StepFailure) -> RunFacts {
      let given = header["inputs"] ?? .object([])
      return RunFacts(
        inputs: try ChainInputs.complete(given, of: chain) { StepFailure($0, .usage) },
        taintedInputs: Set(header["tainted"]?.elements.compactMap { $0.string.map { "inputs.\($0)" } } ?? []),
        vars: chain.vars,
        run: .object([
          ("id", header["id"]), ("dir", .string(directory ?? "")), ("started", header["started"]),
        ]),
        secrets: try ChainInputs.secrets(chain, world) { StepFailure($0, hint: $1, .usage) },
        boundary: header["boundary"]?.string ?? "material")
    }

    /// Secrets by value, also as they look in base64 and in addresses.
    func redactor(_ facts: RunFacts) -> Redactor { redactor.forRuns(with: Array(facts.secrets.values)) }

    func perform(_ id: String, _ directory: String?, _ facts: RunFacts, _ journal: Journal?) async -> RunResult {
      let start = ContinuousClock.now
      let budget = Budget("the chain", chain.budget.limits, within: world.budget)
      let run = ChainRun(chain, facts, world, journal: journal, budget: budget)
      var result = RunResult(
        id: id, directory: directory, outputs: nil, failure: nil, spent: Budget.Amounts(), seconds: 0)
      do throws(StepFailure) {
        try await run.checkPrices()
        result.outputs = try await run.perform().outputs
      } catch {
        result.failure = error
      }
      result.spent = budget.spent
      result.seconds = StepRun.seconds(since: start)
      await end(&result, journal)
      return result
    }

    private func end(_ result: inout RunResult, _ journal: Journal?) async {
      guard let journal else { return }
      let isBroken = result.failure?.kind == .interrupted || result.failure?.kind == .journal
      do throws(StepFailure) {
        // A run that was interrupted has not ended.
        if !isBroken {
          let record: [(String, JSON?)] = [
            ("t", "done"), ("code", .number(Int(result.failure?.code ?? 0))), ("outputs", result.outputs),
            ("error", result.failure.map { .string($0.text) }), ("seconds", .number(result.seconds)),
          ]
          try await journal.write(.object(record))
        }
        try await journal.flush()
      } catch {
        if result.failure == nil { result.failure = error }
      }
      journal.close()
    }
  }
}

extension Redactor {
  /// For what a run keeps: also its own secrets, and all as they look in base64 and in addresses.
  func forRuns(with secrets: [String]) -> Redactor {
    extended(by: secrets) { secret in
      [Base64.text(Array(secret.utf8), isPadded: false), URLText.encoded(secret)]
    }
  }
}

extension ChainRun {
  /// A limit of money needs prices: asked before anything is spent.
  func checkPrices() async throws(StepFailure) {
    guard budget.limitsMoney else { return }
    var names: [(String, Int)] = []
    chain.block.forEachStep { step in
      guard let prompt = step.kind as? PromptStep else { return }
      let name = world.model ?? prompt.model.map { $0.constant } ?? chain.defaults.model ?? "fast"
      if let name, !names.contains(where: { $0.0 == name }) { names.append((name, step.offset)) }
    }
    for (name, offset) in names {
      let target = try await target(name)
      do throws(ModelError) {
        try budget.checkPrice(of: target, on: world.day)
      } catch {
        throw StepFailure(error.text, .usage, at: offset)
      }
    }
  }
}

extension Block {
  /// Calls `body` with every step, those within others too.
  func forEachStep(_ body: (Step) -> Void) {
    for step in steps {
      body(step)
      for (_, block) in step.kind.blocks { block.forEachStep(body) }
      if case .steps(let block) = step.modifiers.onError { block.forEachStep(body) }
    }
  }
}

/// Percent-encoding (RFC 3986 §2.3: everything but the unreserved characters).
enum URLText {
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "-._~".utf8.contains(byte)
      bytes += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
