// The writing half of an indexing run, on a thread of its own. A source's rows are held back until its last one has come,
// so that a file that turns out unreadable, or a run that ends in its middle, leaves the rows of before; only a source
// that is too large for that is written as it comes.

import Storage

/// Writes events into a store.
final class IndexWriter: @unchecked Sendable {
  private let indexing: Indexing
  let settings: IndexSettings
  private(set) var table: SourceTable
  private let storedSettings: IndexSettings?
  private var writer: StoreWriter?
  private(set) var rows = 0
  /// Sources whose rows are all written, or taken out.
  private(set) var added = 0
  private(set) var changed = 0
  private(set) var removed = 0
  private(set) var isCommitted = false
  private var isChanged = false

  private var source: String?
  private var removing: [String] = []
  private var pending: [IndexItem] = []
  private var pendingBytes = 0
  /// Ids of a source that is written as it comes.
  private var streamed: [String] = []
  private var isStreaming = false
  /// Bytes of text since a segment began, and since the last commit.
  private var segmentBytes = 0
  private var uncommitted = 0

  /// The keyword indexer of a segment holds about a third of its text.
  private static let segmentLimit = 48 << 20
  private static let commitLimit = 256 << 20
  private static let pendingLimit = 8 << 20

  init(
    _ indexing: Indexing, _ settings: IndexSettings, _ table: SourceTable, stored: IndexSettings?, writer: StoreWriter?
  ) {
    self.indexing = indexing
    self.settings = settings
    self.table = table
    storedSettings = stored
    self.writer = writer
  }

  func apply(_ events: [IndexEvent]) throws(StoreError) {
    for event in events {
      switch event {
      case .begin(let name, let ids): (source, removing) = (name, ids)
      case .row(let item):
        pending.append(item)
        pendingBytes += item.record.text.utf8.count + (item.vector?.count ?? 0) * 4
        if pendingBytes > IndexWriter.pendingLimit {
          isStreaming = true
          try write()
        }
      case .end(let name, let state):
        try write()
        if table.sources[name] == nil { added += 1 } else { changed += 1 }
        if let state { table.sources[name] = state }
        (source, streamed, isStreaming, isChanged) = (nil, [], false, true)
        if uncommitted > IndexWriter.commitLimit { try commit() }
      case .abandon: try abandon()
      case .note(let name, let state):
        if state.rows == 0, let old = table.sources[name], old.rows > 0 { continue }
        table.sources[name] = state
        isChanged = true
      case .remove(let name, let ids):
        for id in ids { try writer?.remove(id) }
        if !ids.isEmpty { removed += 1 }
        table.sources[name] = nil
        isChanged = true
      }
    }
  }

  /// Ends the run: what is whole becomes visible.
  func finish() throws(StoreError) {
    if source != nil { try abandon() }
    guard isChanged || (writer != nil && storedSettings != settings) else { return }
    try commit()
    try writer?.compactSmall()
  }

  private func write() throws(StoreError) {
    for id in removing { try writer?.remove(id) }
    removing = []
    for item in pending {
      let vector = item.vector ?? []
      if writer == nil { writer = try indexing.newWriter(dimension: vector.count) }
      try writer?.add(item.record, vector)
      rows += 1
      segmentBytes += item.record.text.utf8.count
      uncommitted += item.record.text.utf8.count
      if isStreaming { streamed.append(item.record.id) }
      if segmentBytes > IndexWriter.segmentLimit {
        try writer?.cutSegment()
        segmentBytes = 0
      }
    }
    pending.removeAll(keepingCapacity: true)
    pendingBytes = 0
  }

  /// Forgets the source in hand.
  private func abandon() throws(StoreError) {
    for id in streamed { try writer?.remove(id) }
    // Its old rows went when the first of the new ones came.
    if isStreaming, let source { table.sources[source] = nil }
    if isStreaming { isChanged = true }
    (source, removing, pending, pendingBytes) = (nil, [], [], 0)
    (streamed, isStreaming) = ([], false)
  }

  private func commit() throws(StoreError) {
    // A store of nothing is none.
    guard let writer else { return }
    writer.attach(SourceTable.attachment, table.bytes)
    writer.attach(IndexSettings.attachment, settings.bytes)
    try writer.commit()
    (segmentBytes, uncommitted, isChanged, isCommitted) = (0, 0, false, true)
  }
}
