// One chain over many rows: each row is a run of its own, and all of them share a journal beside the output, in which a row's
// steps are found by what is in the row. So a row may be moved, and a run that was killed pays for no step twice.

import Formats
import Models
import Storage
import Synchronization

package final class ChainRows: Sendable {
  private let chain: Chain
  private let world: ChainWorld
  private let header: JSON
  private let secrets: [String: String]
  private let journal: Journal?
  private let directory: String?
  /// How often a row of these inputs has come.
  private let seen = Mutex<[String: Int]>([:])
  /// What the rows may take, each; and what all took.
  private let root: Budget

  private init(
    _ chain: Chain, _ world: ChainWorld, _ header: JSON, _ secrets: [String: String], _ journal: Journal?,
    _ directory: String?
  ) {
    self.chain = chain
    self.world = world
    self.header = header
    self.secrets = secrets
    self.journal = journal
    self.directory = directory
    root = Budget("all rows", Budget.Limits(), within: world.budget)
  }

  /// - Parameters:
  ///   - directory: where the steps are kept, made where it is not there; nil: nowhere.
  ///   - repeatsOpen: what had begun to touch the world and did not finish is done again.
  /// - Throws: also where another process is at work with it.
  package static func open(
    _ chain: Chain, world: ChainWorld, directory: String?, redactor: Redactor, repeatsOpen: Bool = false
  ) async throws(StepFailure) -> ChainRows {
    let secrets = try ChainInputs.secrets(chain, world) { StepFailure($0, hint: $1, .usage) }
    let redactor = redactor.forRuns(with: Array(secrets.values))
    let header = JSON.object([
      ("t", "run"), ("awl", .number(Journal.version)), ("version", .string(Version.number)),
      ("id", .string(RecordID.next().text)), ("chain", .string(FilePlaces.absolute(chain.path))),
      ("name", .string(chain.name)), ("started", .string(Timestamp.now().rfc3339)), ("rows", true),
      ("boundary", .string(ChainLauncher.boundary())),
    ])
    guard let directory else { return ChainRows(chain, world, header, secrets, nil, nil) }
    if Files.exists(Paths.join(directory, "journal.jsonl")) {
      let (log, record, past) = try await Journal.reopen(directory, directory)
      // What a row's step is asked decides whether its answer counts, not the chain's text.
      let journal = Journal(
        directory: directory, log: log, past: past, acceptsChanges: true, repeatsOpen: repeatsOpen,
        redactor: redactor)
      return ChainRows(chain, world, record.header, secrets, journal, directory)
    }
    let journal = try await Journal.create(directory, redactor: redactor)
    try await journal.write(header)
    return ChainRows(chain, world, header, secrets, journal, directory)
  }

  /// What the answer to a row depends on, hexadecimal.
  package func key(_ inputs: JSON) -> String {
    let files = chain.files.map(\.sha256).joined(separator: " ")
    return SHA256.hex(Array("\(files) \(world.model ?? "")\n".utf8) + inputs.canonical)
  }

  /// Runs the chain for a row.
  ///
  /// - Parameter tainted: names of inputs that came from outside.
  package func run(_ inputs: JSON, tainted: Set<String>) async -> RunResult {
    let start = ContinuousClock.now
    let short = String(SHA256.hex(inputs.canonical).prefix(16))
    let number = seen.withLock { seen in
      seen[short, default: 0] += 1
      return seen[short] ?? 1
    }
    let path = "row \(short)" + (number > 1 ? ".\(number)" : "")
    let budget = Budget("the chain", chain.budget.limits, within: root)
    var result = RunResult(id: path, directory: directory, outputs: nil, failure: nil, spent: budget.spent, seconds: 0)
    do throws(StepFailure) {
      let facts = RunFacts(
        inputs: try ChainInputs.complete(inputs, of: chain) { StepFailure($0, .usage) },
        taintedInputs: Set(tainted.map { "inputs.\($0)" }), vars: chain.vars,
        run: .object([("id", header["id"]), ("dir", .string(directory ?? "")), ("started", header["started"])]),
        secrets: secrets, boundary: header["boundary"]?.string ?? "material")
      let run = ChainRun(chain, facts, world, journal: journal, budget: budget)
      try await run.checkPrices()
      result.outputs = try await run.perform(path: path).outputs
    } catch {
      result.failure = error
    }
    result.spent = budget.spent
    result.seconds = StepRun.seconds(since: start)
    return result
  }

  package var spent: Budget.Amounts { root.spent }

  /// Waits until all that was kept has reached the device, and lets others have it.
  package func close() async -> StepFailure? {
    defer { journal?.close() }
    do throws(StepFailure) { try await journal?.flush() } catch { return error }
    return nil
  }
}
