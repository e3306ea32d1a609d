// A folder that is searched without a store of its own: one lies in `.awl/stores` of the project, made at the first search
// and brought in step at each. What that will cost is said before anything is embedded.

import Formats
import Models
import Retrieval
import Storage

struct FolderStore: Sendable {
  struct Flags: Sendable {
    /// `--yes`
    var isSure: Bool
    var isSynced: Bool
    var rebuilds: Bool
  }

  let folder: String
  let flags: Flags

  /// More files than this are asked about.
  private static let freeFiles = 1000

  /// The directory of the folder's store: its name and, since names repeat, a part of the digest of its path.
  var store: String {
    let working = Paths.workingDirectory() ?? "/"
    let project = Paths.project(of: working) ?? working
    let stores = Paths.join(project, ".awl/stores")
    let name = SourceNames(store: Paths.join(stores, "store")).name(SourceNames.resolved(folder))
    let last = name.split(separator: "/").last.map(String.init) ?? "folder"
    let plain = String(last.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" }.prefix(40))
    let digest = SHA256.hex(Array(name.utf8)).prefix(8)
    return Paths.join(stores, "\(plain == "-" || plain == "." ? "folder" : plain)-\(digest)")
  }

  /// Brings the store in step with the folder; gives its directory.
  func prepared(_ session: EmbedSession, _ display: ProgressDisplay) async throws(Failure) -> String {
    let store = store
    let existing = try flags.rebuilds ? try? StoreReader.open(store) : IndexRun.existing(store)
    if existing != nil, !flags.isSynced, !flags.rebuilds { return store }
    var run = try await IndexRun(store, session, display, nil, rebuilds: flags.rebuilds)
    run.indexing.prunes = true
    if existing == nil || flags.rebuilds { try await ask(run, session) }
    let name = run.indexing.names.name(SourceNames.resolved(folder))
    let report = await run.indexing.run(adding: [IndexRoot(name: name)])
    if existing != nil, let stop = report.stop, isPassing(stop) {
      session.program.note("searched as it was indexed before: \(stop.text)")
      return store
    }
    let code = run.display.tell(report, store: store, isBrief: existing != nil)
    if report.stop != nil { throw Failure(silent: code) }
    guard Files.exists(Paths.join(store, "manifest.json")) else {
      throw Failure("\(folder): there is no text in it", .usage)
    }
    return store
  }

  /// Whether the old version can be searched all the same.
  private func isPassing(_ stop: IndexingError) -> Bool {
    switch stop {
    case .store(let error):
      switch error.kind {
      case .locked: return true
      case .storage(let error): return error.kind == .permission || error.kind == .readOnly || error.kind == .diskFull
      default: return false
      }
    case .model(let error): return error.kind == .offline || error.kind == .network
    default: return false
    }
  }

  // MARK: Asking

  /// Says what the first indexing takes; asks where it is much or costs money.
  private func ask(_ run: IndexRun, _ session: EmbedSession) async throws(Failure) {
    let program = session.program
    let counted = await SerialThread(name: "awl-walk").runUnlessCancelled { Result { try FolderStore.count(folder) } }
    guard let counted else { throw Failure("interrupted", .interrupted) }
    let (files, bytes): (Int, Int)
    do { (files, bytes) = try counted.get() } catch { throw Failure("\(error)", .usage) }
    let tokens = bytes / 4
    let price = run.target.map { $0.cost(Usage(input: tokens), on: program.today) } ?? 0
    let model = run.indexing.embedder?.model ?? Indexing.noModel
    let cost = price.map { $0 > 0 ? ", about \(Figures.money($0))" : "" } ?? ", price unknown"
    let words =
      "\(folder): \(Figures.count(files, "file")), about \(ProgressLine.count(tokens)) tokens\(cost); "
      + "indexing with \(model) into \(run.indexing.store)"
    let isFree = price == 0 && files <= FolderStore.freeFiles
    if isFree || flags.isSure {
      program.note(words)
      return
    }
    program.say(words)
    guard program.environment.isInputTerminal, program.environment.isErrorTerminal else {
      throw Failure("nothing was embedded (--yes goes on)", .needsPerson)
    }
    guard await Confirmation.isGiven("go on? [y/N] ", program) else {
      throw Failure("nothing was embedded", .needsPerson)
    }
  }

  /// Files that look like text, and their bytes.
  private static func count(_ folder: String) throws -> (Int, Int) {
    var (files, bytes) = (0, 0)
    var walk = FolderWalk()
    try walk.visit(folder) { found in
      guard let head = try? Files.head(found.path, count: 512), !head.contains(0) else { return }
      files += 1
      bytes += found.stamp.size
    }
    return (files, bytes)
  }
}
