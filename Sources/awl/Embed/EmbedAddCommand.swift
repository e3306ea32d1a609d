// `awl embed add`: files, folders, tables and stdin into a store, which is made when it is not there.

import Formats
import Models
import Retrieval
import Storage

struct EmbedAddCommand: Command {
  static let name = "embed add"
  static let summary = "put files, folders or rows into a store, which is made when it is not there"
  static let usage = "STORE PATH…|--each ROWS|- [OPTIONS]"
  static let notes = [
    "What did not change since it was added is passed over. A text is embedded once with a model, whatever dies in between.",
    "A .csv, .tsv or .jsonl is a row a record. PDF and office files need pdftotext and pandoc.",
  ]
  static let groups = [
    FlagGroup("What is added", EmbedRootFlags.flags),
    FlagGroup("How texts are cut", EmbedChunkFlags.flags),
    EmbedFlags.group,
    FlagGroup(
      "Options",
      [
        Flag("rebuild", "make the store anew: another model, other dimensions, or a damaged file"),
        Flag("json", "the counts as one JSON object"),
      ]),
  ]
  static let examples = [
    ("awl embed add notes.store ~/notes", "a folder; .gitignore counts"),
    ("awl embed add faq.store --each faq.jsonl --id key --text question,answer", "a row a record"),
    ("awl embed add docs.store docs --include '*.md' -m openai/text-embedding-3-small", "some files, a model"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let roots: EmbedRootFlags
  private let chunks: EmbedChunkFlags
  private let flags: EmbedFlags
  private let rebuilds: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedAddCommand {
    guard let store = arguments.words.first else {
      throw UsageError("no store is named", hint: "awl embed add STORE PATH…")
    }
    let roots = try EmbedRootFlags(arguments, paths: Array(arguments.words.dropFirst()))
    guard roots.isAny else { throw UsageError("nothing is named to be added", hint: "awl embed add \(store) PATH…") }
    return EmbedAddCommand(
      store: store, roots: roots, chunks: try EmbedChunkFlags(arguments), flags: try EmbedFlags(arguments),
      rebuilds: arguments.has("rebuild"), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let display = ProgressDisplay(program.errors)
    let session = try EmbedSession(program, flags, display: display)
    let run = try await IndexRun(store, session, display, chunks, rebuilds: rebuilds)
    if roots.usesInput {
      let input = try await InputSpool.make(roots, session.program)
      defer { input.remove() }
      let source = roots.input
      let report = await run.indexing.run(reading: input.path, as: source, replaces: !source.isTable)
      return run.display.tell(report, store: store, isJSON: isJSON)
    }
    let report = await run.indexing.run(adding: roots.roots(run.indexing.names))
    return run.display.tell(report, store: store, isJSON: isJSON)
  }
}
