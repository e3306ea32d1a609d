// An indexing run: walk, read, cut, embed, write. Reading and writing have a thread each, since both block; between them
// batches of texts are embedded, several at once, and written in the order in which they were read, so that the same
// files give the same store.

import Formats
import Models
import Storage

/// Puts files into a store, or keeps a store in step with its files.
///
///     var indexing = Indexing(store: "notes.store", embedder: embedder)
///     let report = await indexing.run(adding: [IndexRoot(name: indexing.names.name(absolutePath))])
package struct Indexing: Sendable {
  /// The store's directory.
  package let store: String
  package let names: SourceNames
  /// nil for a store without vectors, that is searched by keywords.
  package var embedder: Embedder?
  package var reader = DocumentReader()
  /// Takes out the rows of files that are gone.
  package var prunes = false
  /// Makes the store anew, whatever is there.
  package var rebuilds = false
  /// Where the process stands, for the names in messages.
  package var working = Paths.workingDirectory()
  package var progress: @Sendable (IndexProgress) -> Void = { _ in }
  /// Changes how the store is made; what it says of roots is left alone.
  package var change: @Sendable (inout IndexSettings) -> Void = { _ in }

  private let resolved: String

  package init(store: String, embedder: Embedder?) {
    self.store = store
    self.embedder = embedder
    names = SourceNames(store: store)
    resolved = SourceNames.resolved(store)
  }

  /// The model of a store without vectors.
  package static let noModel = "none"

  /// What every segment is indexed by beside its vectors.
  @Sendable package static func indexers() -> [any SegmentIndexer] { [KeywordIndexer(), ColumnIndexer()] }

  var batch: Int { embedder?.batch ?? 512 }

  func newWriter(dimension: Int) throws(StoreError) -> StoreWriter {
    try StoreWriter(
      store, model: embedder?.model ?? Indexing.noModel, dimension: dimension, replaces: rebuilds,
      indexers: Indexing.indexers)
  }

  /// Whether a file belongs to this store, or is the manifest of another.
  func isStoreFile(_ path: String, _ name: String) -> Bool {
    if let absolute = names.path(name), absolute.hasPrefix(resolved + "/") { return true }
    return name.hasSuffix("/" + Manifest.fileName) && StoreReader.isStore(Paths.parent(path) ?? ".")
  }

  // MARK: Running

  /// Adds paths, and from then on they belong to the store.
  ///
  /// - Parameter roots: What is already a root by its name gets these options instead. Empty for all that the store has.
  package func run(adding roots: [IndexRoot] = []) async -> IndexReport {
    await run(roots) { scan, numbers in scan.run(numbers) }
  }

  /// Adds what came from no file that stays, such as stdin.
  ///
  /// - Parameters:
  ///   - path: Where it lies now.
  ///   - source: The root's name is that of the source.
  ///   - replaces: Rows of this source that are there already go.
  package func run(reading path: String, as source: IndexRoot, replaces: Bool) async -> IndexReport {
    await run([]) { scan, _ in scan.run(reading: path, as: source, replaces: replaces) }
  }

  /// Adds rows that the caller made. One of the same id is replaced, and keeps its vector where its text is the same.
  package func run(records: [StoreRecord]) async -> IndexReport {
    await run([]) { scan, _ in scan.run(records: records) }
  }

  private func run(_ roots: [IndexRoot], _ body: @escaping @Sendable (SourceScan, [Int]) -> Void) async -> IndexReport {
    let thread = SerialThread(name: "awl-store")
    let opened = await thread.run { Result { () throws(StoreError) in try open(roots) } }
    let start: Start
    switch opened {
    case .success(let value): start = value
    case .failure(let error):
      var report = IndexReport()
      report.stop = .store(error)
      return report
    }
    let queue = IndexQueue(room: (embedder?.width ?? 1) + 4)
    let scanned = Monitor<IndexReport?>(nil)
    let isStarted = startThread(name: "awl-read") { [self] in
      let scan = SourceScan(self, start.settings, start.table, start.stored.map { StoredSources($0) }, queue)
      body(scan, start.roots)
      let report = scan.report
      scanned.update { $0 = report }
    }
    if !isStarted { return failed(.storage(StorageError(path: store, operation: .read, kind: .other(11)))) }
    let stop = await withTaskCancellationHandler {
      await embedAll(queue, start.writer, thread)
    } onCancel: {
      queue.stop()
    }
    queue.stop()
    let finished = await thread.run { Result { () throws(StoreError) in try start.writer.finish() } }
    // Its last word came before the end of the batches, or comes at the next file.
    var report = await thread.run { scanned.wait { report in report.map { .go($0) } ?? .wait } }
    if let stop { report.stop = stop }
    if Task.isCancelled { report.stop = .interrupted }
    if case .failure(let error) = finished, report.stop == nil { report.stop = .store(error) }
    // What was read is not what was written where the run ended before its end.
    if report.stop != nil {
      (report.added, report.changed) = (start.writer.added, start.writer.changed)
      report.removed = start.writer.removed
    }
    report.rows = start.writer.rows
    report.isCommitted = start.writer.isCommitted
    return report
  }

  private func failed(_ error: IndexingError) -> IndexReport {
    var report = IndexReport()
    report.stop = error
    return report
  }

  private struct Start: Sendable {
    var settings: IndexSettings
    var table: SourceTable
    var stored: StoreReader?
    var roots: [Int]
    var writer: IndexWriter
  }

  /// Takes the store for writing where there is one, and looks at what it knows.
  private func open(_ roots: [IndexRoot]) throws(StoreError) -> Start {
    var old: StoreReader?
    var writer: StoreWriter?
    if Files.exists(Paths.join(store, Manifest.fileName)) {
      if rebuilds {
        old = try? StoreReader.open(store)
      } else {
        let opened = try StoreWriter(
          store, model: embedder?.model ?? Indexing.noModel,
          dimension: embedder == nil ? 0 : nil, indexers: Indexing.indexers)
        // Under the lock, so that it stays the version that is changed.
        old = try StoreReader.open(store)
        writer = opened
      }
    }
    var stored: IndexSettings?
    if let old { stored = rebuilds ? try? IndexSettings(old) : try IndexSettings(old) }
    var settings = stored ?? IndexSettings()
    change(&settings)
    let chosen = roots.map { settings.add($0) }
    let table = try old.map { (old) throws(StoreError) in rebuilds ? SourceTable() : try SourceTable(old) }
    return Start(
      settings: settings, table: table ?? SourceTable(), stored: rebuilds ? nil : old,
      roots: chosen.isEmpty || rebuilds ? Array(settings.roots.indices) : chosen,
      writer: IndexWriter(self, settings, table ?? SourceTable(), stored: stored, writer: writer))
  }

  /// Embeds batches as they come, and writes them in their order.
  private func embedAll(_ queue: IndexQueue, _ writer: IndexWriter, _ thread: SerialThread) async -> IndexingError? {
    let width = embedder?.width ?? 1
    return await withTaskGroup(of: (Int, Result<[IndexEvent], IndexingError>).self) { group in
      var done: [Int: Result<[IndexEvent], IndexingError>] = [:]
      var (next, running) = (0, 0)
      var stop: IndexingError?
      /// Writes what is in turn.
      func take(_ number: Int, _ result: Result<[IndexEvent], IndexingError>) async {
        running -= 1
        done[number] = result
        while stop == nil, let result = done.removeValue(forKey: next) {
          next += 1
          switch result {
          case .failure(let error): stop = error
          case .success(let events):
            let written = await thread.run { Result { () throws(StoreError) in try writer.apply(events) } }
            if case .failure(let error) = written { stop = .store(error) }
          }
          queue.release()
        }
        if stop != nil { queue.stop() }
      }
      for await batch in queue.batches {
        if stop != nil { continue }
        while running >= width, let (number, result) = await group.next() { await take(number, result) }
        running += 1
        group.addTask { [embedder] in (batch.number, await Indexing.embed(batch.events, embedder)) }
      }
      while let (number, result) = await group.next() { await take(number, result) }
      return stop
    }
  }

  private static func embed(_ events: [IndexEvent], _ embedder: Embedder?) async -> Result<[IndexEvent], IndexingError>
  {
    guard let embedder else { return .success(events) }
    var places: [Int] = []
    var texts: [String] = []
    for (index, event) in events.enumerated() {
      guard case .row(let item) = event, item.vector == nil else { continue }
      places.append(index)
      texts.append(item.text)
    }
    guard !texts.isEmpty else { return .success(events) }
    if Task.isCancelled { return .failure(.interrupted) }
    do throws(ModelError) {
      let vectors = try await embedder.vectors(texts, .document)
      guard vectors.count == texts.count else {
        throw ModelError(.invalidOutput, "\(vectors.count) vectors came for \(texts.count) texts", attempts: 1)
      }
      var events = events
      for (place, vector) in zip(places, vectors) {
        guard case .row(var item) = events[place] else { continue }
        item.vector = vector
        events[place] = .row(item)
      }
      return .success(events)
    } catch {
      return .failure(error.kind == .cancelled ? .interrupted : .model(error))
    }
  }
}
