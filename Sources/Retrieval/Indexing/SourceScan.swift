// The reading half of an indexing run, on a thread of its own: walks the paths, passes over what did not change, reads and
// cuts the rest. A file is known as unchanged by its stamp, which costs no reading, or else by the SHA-256 of its bytes.

import Formats
import Models
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads sources and gives what is to be done to a queue.
final class SourceScan {
  private let indexing: Indexing
  private let settings: IndexSettings
  private let table: SourceTable
  private let stored: StoredSources?
  private let queue: IndexQueue
  private(set) var report = IndexReport()
  private var progress = IndexProgress()
  private var seen: Set<String> = []
  private var events: [IndexEvent] = []
  /// Rows among the events that wait for a vector.
  private var waiting = 0
  private var weight = 0
  private var number = 0
  private var named = false
  /// Of the root in hand.
  private var fingerprint: UInt64 = 0

  /// Nobody takes what is given any more.
  private struct Stopped: Error {}

  /// - Parameter stored: The version that is replaced; nil where all is new.
  init(
    _ indexing: Indexing, _ settings: IndexSettings, _ table: SourceTable, _ stored: StoredSources?, _ queue: IndexQueue
  ) {
    self.indexing = indexing
    self.settings = settings
    self.table = table
    self.stored = stored
    self.queue = queue
  }

  /// Goes through roots by their numbers.
  func run(_ roots: [Int]) {
    run {
      var whole: [Int] = []
      for root in roots where try scan(root) { whole.append(root) }
      try findVanished(whole)
    }
  }

  /// Reads what no root names.
  func run(reading path: String, as source: IndexRoot, replaces: Bool) {
    run {
      var chunks = SourceChunks(
        name: source.name, settings: settings, root: source, reader: indexing.reader,
        textLimit: indexing.embedder?.textLimit)
      let rows = try replaces ? stored?.rows(of: source.name) ?? [] : []
      do {
        try give(.begin(name: source.name, removing: try ids(rows)))
        _ = try chunks.read(path) { item in
          progress.rows += 1
          try give(.row(item))
        }
        try give(.end(name: source.name, state: nil))
        if rows.isEmpty { report.added += 1 } else { report.changed += 1 }
        report.wordless += chunks.wordless
      } catch let error as ReadingError {
        try give(.abandon)
        report.fail(error.description)
      } catch let error as OverlongRow {
        try give(.abandon)
        report.fail(error.text)
      }
    }
  }

  /// Takes rows as they are.
  func run(records: [StoreRecord]) {
    run {
      for record in records {
        guard EmbeddableText.hasWords(record.text) else {
          report.wordless += 1
          continue
        }
        let old = try stored?.find(record.id)
        let isSame = old.map { IndexItem.embedded($0.record) == IndexItem.embedded(record) } ?? false
        if let old, isSame, old.record.source == record.source, old.record.metadata?.text == record.metadata?.text {
          report.unchanged += 1
          continue
        }
        // Each by itself, so that what is written stays where a later one fails.
        try give(.begin(name: record.source, removing: []))
        try give(.row(IndexItem(record, vector: isSame && indexing.embedder != nil ? try old?.vector() : nil)))
        try give(.end(name: record.source, state: nil))
        if isSame { report.reused += 1 }
        if old == nil { report.added += 1 } else { report.changed += 1 }
        progress.rows += 1
      }
    }
  }

  private func run(_ body: () throws -> Void) {
    do {
      try body()
      try flush()
    } catch is Stopped {
    } catch let error as StoreError {
      report.stop = .store(error)
    } catch {
      report.stop = report.stop ?? .interrupted
    }
    queue.finish()
  }

  // MARK: Walking

  /// False where not all of a root could be seen.
  private func scan(_ index: Int) throws -> Bool {
    let root = settings.roots[index]
    let shown = indexing.names.shown(root.name, from: indexing.working)
    var walk = FolderWalk(root.walk)
    var folder: String? = root.name
    var isFile = false
    do {
      if let status = try FolderWalk.status(shown, followsLinks: true) {
        isFile = status.kind != S_IFDIR
      } else if let (before, _) = FolderWalk.splitPattern(root.name) {
        folder = before
      }
      if isFile { folder = nil }
      named = isFile
      fingerprint = settings.fingerprint(root)
      try walk.visit(shown) { found in
        try visit(found, name: folder.map { SourceNames.below($0, found.relative) } ?? root.name, index)
      }
    } catch let error as StorageError {
      // A file that was named itself and is gone is like one that is gone from a folder.
      let isGone = error.kind == .notFound && table.sources[root.name] != nil
      if !isGone { report.fail(error.description) }
      report.walk.add(walk.counts)
      return isGone
    }
    report.walk.add(walk.counts)
    for error in walk.counts.unreadable { report.fail(error.description) }
    return walk.counts.unreadableCount == 0
  }

  private func visit(_ found: FoundFile, name: String, _ index: Int) throws {
    if queue.isStopped { throw Stopped() }
    guard !indexing.isStoreFile(found.path, name), seen.insert(name).inserted else { return }
    progress.files += 1
    indexing.progress(progress)
    let root = settings.roots[index]
    let old = table.sources[name]
    if let old, old.settings == fingerprint, old.stamp == found.stamp {
      if old.digest == SourceScan.noDigest { report.binary += 1 } else { report.unchanged += 1 }
      if old.root != index {
        var state = old
        state.root = index
        try give(.note(name: name, state: state))
      }
      return
    }
    do {
      if let old, old.settings == fingerprint, old.stamp.size == found.stamp.size, old.digest != SourceScan.noDigest {
        let (digest, stamp) = try SourceScan.digest(found.path)
        if digest == old.digest {
          report.unchanged += 1
          let state = SourceState(
            stamp: SourceScan.trusted(stamp), digest: digest, settings: fingerprint, rows: old.rows, root: index)
          try give(.note(name: name, state: state))
          return
        }
      }
      try read(found, name: name, root, index, old)
    } catch let error as ReadingError {
      try tell(error, found, name, index)
    } catch let error as OverlongRow {
      report.fail("\(found.path): \(error.text)")
    }
  }

  /// A file that gave no text.
  private func tell(
    _ error: ReadingError, _ found: FoundFile, _ name: String, _ index: Int
  ) throws {
    switch error {
    case .binary:
      report.binary += 1
      if named { report.fail(error.description) }
      // Not looked at again while it stays as it is.
      try give(
        .note(
          name: name,
          state: SourceState(
            stamp: SourceScan.trusted(found.stamp), digest: SourceScan.noDigest, settings: fingerprint, rows: 0,
            root: index)))
    case .needsProgram, .tooLarge:
      if named { report.fail(error.description) } else { report.skip(error.description) }
    default: report.fail(error.description)
    }
  }

  // MARK: Reading

  private func read(
    _ found: FoundFile, name: String, _ root: IndexRoot, _ index: Int, _ old: SourceState?
  ) throws {
    var chunks = SourceChunks(
      name: name, settings: settings, root: root, reader: indexing.reader, textLimit: indexing.embedder?.textLimit)
    let rows = try old == nil ? [] : stored?.rows(of: name) ?? []
    var known: [String: RowReference] = [:]
    if indexing.embedder != nil, let stored, !rows.isEmpty { known = try stored.vectors(of: rows) }
    try give(.begin(name: name, removing: try ids(rows)))
    var count = 0
    do {
      let stamp = try chunks.read(found.path) { item in
        var item = item
        if let place = known[item.text], let stored {
          item.vector = try stored.vector(place)
          report.reused += 1
        }
        count += 1
        progress.rows += 1
        try give(.row(item))
      }
      let (digest, after) = try SourceScan.digest(found.path)
      guard after == stamp else { throw ReadingError.changed(path: found.path) }
      report.wordless += chunks.wordless
      let state = SourceState(
        stamp: SourceScan.trusted(stamp), digest: digest, settings: fingerprint, rows: count, root: index)
      try give(.end(name: name, state: state))
    } catch is Stopped {
      throw Stopped()
    } catch {
      try give(.abandon)
      throw error
    }
    if old == nil { report.added += 1 } else { report.changed += 1 }
    indexing.progress(progress)
  }

  private func ids(_ rows: [RowReference]) throws(StoreError) -> [String] {
    var ids: [String] = []
    for place in rows { if let id = try stored?.id(place) { ids.append(id) } }
    return ids
  }

  // MARK: What is gone

  private func findVanished(_ roots: [Int]) throws {
    let roots = Set(roots)
    let gone = table.sources.filter { roots.contains($0.value.root) && !seen.contains($0.key) }
    for (name, state) in gone.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      guard indexing.prunes || state.rows == 0 else {
        report.vanished += 1
        continue
      }
      if state.rows > 0 { report.removed += 1 }
      try give(.remove(name: name, ids: try ids(stored?.rows(of: name) ?? [])))
    }
  }

  // MARK: Giving

  private func give(_ event: IndexEvent) throws {
    // A full batch is closed by the next row and not by its last one, so that the end of a source comes with its rows.
    if case .row = event, waiting >= indexing.batch || weight > 1 << 20 { try flush() }
    events.append(event)
    if case .row(let item) = event {
      weight += item.record.text.utf8.count + (item.vector?.count ?? 0) * 4 + 256
      if item.vector == nil { waiting += 1 }
    }
    if events.count >= 4096 { try flush() }
  }

  private func flush() throws {
    guard !events.isEmpty else { return }
    guard queue.give(IndexBatch(number: number, events: events)) else { throw Stopped() }
    number += 1
    (events, waiting, weight) = ([], 0, 0)
    indexing.progress(progress)
  }

  // MARK: Stamps

  static let noDigest = [UInt8](repeating: 0, count: 32)

  /// SHA-256 of a file, and the stamp it had before and after.
  private static func digest(_ path: String) throws(ReadingError) -> ([UInt8], FileStamp) {
    var file = try SourceFile(path)
    var hash = SHA256()
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, limit: 1 << 18) {
      hash.update(bytes)
      bytes.removeAll(keepingCapacity: true)
    }
    try file.checkUnchanged()
    return (hash.digest(), file.stamp)
  }

  /// A stamp by which the file will be known; one that no file has where the file may still change within the same tick
  /// of the file system's clock.
  private static func trusted(_ stamp: FileStamp) -> FileStamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    // Linux ticks every 4 to 10 ms; file systems without fractions every one or two seconds.
    let tick: Int64 = stamp.modified % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
    guard now - stamp.modified < tick, now - stamp.modified > -tick else { return stamp }
    var open = stamp
    open.modified = .min
    return open
  }
}

extension WalkCounts {
  mutating func add(_ other: WalkCounts) {
    files += other.files
    ignored += other.ignored
    hidden += other.hidden
    unwanted += other.unwanted
    links += other.links
    special += other.special
    unreadableCount += other.unreadableCount
  }
}
