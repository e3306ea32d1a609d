// `awl embed sync`: a store in step with the files it was made from.

import Models
import Retrieval

struct EmbedSyncCommand: Command {
  static let name = "embed sync"
  static let summary = "bring a store in step with its files: what is new or changed is read, the rest is left alone"
  static let usage = "STORE [PATH…] [--prune] [OPTIONS]"
  static let notes = [
    "Files are known by size, time and number, else by their contents; of a changed file only new parts are embedded.",
    "Without paths, all that were added. Exit code 2 where a file could not be read.",
  ]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("prune", "take out what is gone from the disk"),
        Flag("rebuild", "make the store anew from its files: another model, other dimensions, a damaged file"),
        Flag("json", "the counts as one JSON object"),
      ]),
    FlagGroup("How texts are cut", EmbedChunkFlags.flags),
    EmbedFlags.group,
  ]
  static let examples = [
    ("awl embed sync notes.store --prune", "all that was added"),
    ("awl embed sync notes.store docs", "one folder of it"),
    ("awl embed sync notes.store --rebuild -m gemini/gemini-embedding-001", "another model"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let paths: [String]
  private let prunes: Bool
  private let rebuilds: Bool
  private let isJSON: Bool
  private let chunks: EmbedChunkFlags
  private let flags: EmbedFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedSyncCommand {
    guard let store = arguments.words.first else { throw UsageError("no store is named", hint: "awl embed sync STORE") }
    return EmbedSyncCommand(
      store: store, paths: Array(arguments.words.dropFirst()), prunes: arguments.has("prune"),
      rebuilds: arguments.has("rebuild"), isJSON: arguments.has("json"), chunks: try EmbedChunkFlags(arguments),
      flags: try EmbedFlags(arguments))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let display = ProgressDisplay(program.errors)
    if !rebuilds, try IndexRun.existing(store) == nil {
      throw StoreError(path: store, kind: .notFound).failure
    }
    let session = try EmbedSession(program, flags, display: display)
    var run = try await IndexRun(store, session, display, chunks, rebuilds: rebuilds)
    run.indexing.prunes = prunes
    let names = run.indexing.names
    let known: IndexSettings
    do throws(StoreError) {
      known =
        try (try? StoreReader.open(store)).map { (reader) throws(StoreError) in try IndexSettings(reader) }
        ?? IndexSettings()
    } catch {
      throw error.failure
    }
    var roots: [IndexRoot] = []
    for path in paths {
      let name = names.name(SourceNames.resolved(path))
      guard let root = known.roots.first(where: { $0.name == name }) else {
        throw Failure("\(path): is no path of this store (awl embed add \(store) \(path))", .usage)
      }
      roots.append(root)
    }
    if known.roots.isEmpty {
      session.program.note("\(store): no files were added to it, so there is nothing to follow")
    }
    let report = await run.indexing.run(adding: roots)
    return run.display.tell(report, store: store, isJSON: isJSON)
  }
}
