// Changes to a store, by one process at a time. Nothing that readers see changes before `commit` renames the new
// manifest into place: a process that dies earlier leaves the last whole version and files that nobody names, which the
// next writer removes.

import Storage

/// Adds, replaces and deletes rows. Blocks on the disk: keep it off the cooperative pool.
package final class StoreWriter {
  package let directory: String
  package private(set) var manifest: ManifestSummary
  var current: Manifest
  let newIndexers: () -> [any SegmentIndexer]
  private let lock: FileLock
  private var builder: SegmentBuilder?
  private var built: [Built] = []
  private var segments: [StoreSegment]
  /// Rows deleted since the last commit, by segment of the version that is there.
  private var deleted: [RowBitmap]
  /// Ids deleted since the last commit, with the number of rows added before.
  private var deletedIDs: [(id: String, before: Int)] = []
  private var added = 0
  private var attachments: [(name: String, contents: [UInt8])] = []
  /// Called between the steps of a commit, by name, for the tests that look at what a process would leave there.
  var step: (String) -> Void = { _ in }

  private struct Built {
    var name: String
    var head: SegmentHead
    var replaced: [Int]
  }

  /// What a store is made of, for those who open it.
  package struct ManifestSummary: Sendable, Equatable {
    package var model: String
    package var dimension: Int
    package var generation: Int
  }

  /// Opens a store for writing, or makes one.
  ///
  /// - Parameters:
  ///   - model: What the vectors are made with, `PROVIDER/MODEL`; nil takes what is stored.
  ///   - dimension: Numbers in a vector, 0 for a store without vectors; nil takes what is stored.
  ///   - indexers: Makes the indexes of a new segment.
  ///   - replaces: What is there is replaced as a whole by the first commit, also where it is damaged or of another model.
  /// - Throws: `.locked` while another process writes, `.model` and `.dimension` where they differ from the store's,
  ///   `.notAStore` for a directory with other things in it.
  package init(
    _ directory: String, model: String? = nil, dimension: Int? = nil,
    replaces: Bool = false, indexers: @escaping () -> [any SegmentIndexer] = { [] }
  ) throws(StoreError) {
    self.directory = directory
    newIndexers = indexers
    let isNew = replaces ? !Files.exists(Paths.join(directory, Manifest.fileName)) : try Manifest.read(directory) == nil
    guard !isNew || (model != nil && dimension != nil) else { throw StoreError(path: directory, kind: .notFound) }
    if isNew, try store({ () throws(StorageError) in try FileStatus.of(directory) }) != nil {
      let names = try store { () throws(StorageError) in try Files.list(directory) }
      guard names.allSatisfy(StoreFiles.isRest) else {
        throw StoreError(path: directory, kind: .notAStore)
      }
    }
    let lock = try store { () throws(StorageError) in
      try Files.makeDirectories(directory)
      return try FileLock(Paths.join(directory, StoreFiles.lock))
    }
    guard let lock else { throw StoreError(path: directory, kind: .locked) }
    self.lock = lock
    // Read again: another may have written before the lock was had.
    var found = Manifest(model: model ?? "", dimension: dimension ?? 0)
    if replaces {
      found.generation = (try? Manifest.read(directory))?.generation ?? 0
    } else if let stored = try Manifest.read(directory) {
      found = stored
    }
    if let model, model != found.model {
      throw StoreError(path: directory, kind: .model(stored: found.model, given: model))
    }
    if let dimension, dimension != found.dimension || !(0...SegmentFormat.dimensionLimit).contains(dimension) {
      throw StoreError(path: directory, kind: .dimension(stored: found.dimension, given: dimension))
    }
    current = found
    manifest = ManifestSummary(model: found.model, dimension: found.dimension, generation: found.generation)
    segments = []
    deleted = []
    try load()
    // What is to be replaced stays whole until that is done.
    if !replaces { try sweep() }
  }

  // MARK: Changes

  /// Adds a row; one of the same id is replaced.
  ///
  /// - Parameter vector: `[dimension]`, of any length but zero.
  package func add(_ record: StoreRecord, _ vector: [Float]) throws(StoreError) {
    try vector.withUnsafeBufferPointer { (vector) throws(StoreError) in try add(record, vector) }
  }

  package func add(_ record: StoreRecord, _ vector: UnsafeBufferPointer<Float>) throws(StoreError) {
    guard (1...1024).contains(record.id.utf8.count) else {
      let what = record.id.isEmpty ? "is empty" : "has more than 1,024 bytes"
      throw StoreError(path: directory, kind: .id(String(record.id.prefix(40)), what: what))
    }
    if let builder, builder.rows >= SegmentFormat.rowLimit { try closeBuilder() }
    if builder == nil { builder = try newBuilder() }
    guard let builder else { return }
    do throws(StoreError) {
      try builder.add(record, vector)
    } catch {
      // What is wrong with a vector is told of the store, not of a file in the making.
      throw StoreError(path: error.path == builder.path ? directory : error.path, kind: error.kind)
    }
    added += 1
  }

  /// Begins a new segment with the next row, so that what indexes hold in memory stays small. Nothing is visible yet.
  package func cutSegment() throws(StoreError) { try closeBuilder() }

  /// Deletes the row of an id; gives false where there is none.
  @discardableResult
  package func remove(_ id: String) throws(StoreError) -> Bool {
    if added > 0 { deletedIDs.append((id, added)) }
    for (index, segment) in segments.enumerated() {
      if let row = try segment.segment.row(of: id), segment.isLive(row), !deleted[index][row] {
        deleted[index][row] = true
        return true
      }
    }
    return false
  }

  /// Deletes a row that a reader of the version `generation` found.
  package func remove(_ place: RowReference, generation: Int) {
    guard generation == current.generation, deleted.indices.contains(place.segment) else { return }
    deleted[place.segment][place.row] = true
  }

  /// Keeps a small file with the store from the next commit on, in place of the one of this name.
  package func attach(_ name: String, _ contents: [UInt8]) {
    attachments.removeAll { $0.name == name }
    attachments.append((name, contents))
  }

  // MARK: Commit

  /// Makes all changes visible at once; when this returns they survive a power cut.
  package func commit() throws(StoreError) {
    try closeBuilder()
    step("built")
    var next = current
    var opened: [StoreSegment] = []
    for built in built {
      let entry = Manifest.Segment(
        file: Manifest.File(name: built.name, size: built.head.fileSize, checksum: built.head.checksum),
        rows: built.head.rows, deleted: nil, deletedRows: 0)
      let segment = try StoreReader.segment(directory, entry, current)
      for index in opened.indices { try markReplaced(by: segment, in: opened[index], &deleted[segments.count + index]) }
      for index in segments.indices { try markReplaced(by: segment, in: segments[index], &deleted[index]) }
      next.segments.append(entry)
      opened.append(segment)
      var rows = RowBitmap(count: segment.rows)
      for row in built.replaced { rows[row] = true }
      deleted.append(rows)
    }
    try deleteAdded(opened)
    for index in next.segments.indices { try writeDeleted(&next.segments[index], deleted[index]) }
    next.segments.removeAll { $0.deletedRows == $0.rows }
    for (name, contents) in attachments {
      let file = try SealedFile.write(contents, directory, ending: StoreFiles.attachment)
      next.attachments.removeAll { $0.name == name }
      next.attachments.append((name, file))
    }
    step("saved")
    try publish(next)
  }

  /// Replaces the manifest, and removes what it no longer names.
  func publish(_ manifest: Manifest) throws(StoreError) {
    var next = manifest
    next.generation = current.generation + 1
    let bytes = next.bytes
    try store { () throws(StorageError) in
      try Files.synchronizeDirectory(directory)
      try Files.replace(Paths.join(directory, Manifest.fileName), bytes)
    }
    step("published")
    current = next
    self.manifest.generation = next.generation
    (built, deletedIDs, attachments, added) = ([], [], [], 0)
    try load()
    try sweep()
    step("swept")
  }

  /// Rows of an older segment whose id has come again.
  private func markReplaced(
    by new: StoreSegment, in old: StoreSegment, _ rows: inout RowBitmap
  ) throws(StoreError) {
    for row in 0..<new.rows {
      if let replaced = try old.segment.row(of: try new.segment.id(row)) { rows[replaced] = true }
    }
  }

  /// Rows that were added and then deleted before they were committed.
  private func deleteAdded(_ opened: [StoreSegment]) throws(StoreError) {
    for (id, before) in deletedIDs {
      var first = 0
      for (index, segment) in opened.enumerated() {
        if let row = try segment.segment.row(of: id), first + row < before {
          deleted[segments.count + index][row] = true
        }
        first += segment.rows
      }
    }
  }

  private func writeDeleted(_ entry: inout Manifest.Segment, _ rows: RowBitmap) throws(StoreError) {
    let count = rows.members
    guard count != entry.deletedRows else { return }
    entry.deletedRows = count
    guard count < entry.rows else { return }
    entry.deleted = try SealedFile.write(bytesOf(rows.words), directory, ending: StoreFiles.deleted)
  }

  // MARK: Files

  func newBuilder() throws(StoreError) -> SegmentBuilder {
    let path = Paths.join(directory, StoreFiles.newName(StoreFiles.segment))
    return try SegmentBuilder(path, dimension: current.dimension, indexers: newIndexers())
  }

  private func closeBuilder() throws(StoreError) {
    guard let builder else { return }
    self.builder = nil
    let (head, replaced) = try builder.finish()
    guard head.rows > 0 else { return }
    let name = String(builder.path.split(separator: "/").last ?? "")
    built.append(Built(name: name, head: head, replaced: replaced))
  }

  private func load() throws(StoreError) {
    segments = []
    for entry in current.segments { segments.append(try StoreReader.segment(directory, entry, current)) }
    deleted = segments.map { $0.deleted ?? RowBitmap(count: $0.rows) }
  }

  /// Removes what nobody names: left by a process that died, or replaced.
  private func sweep() throws(StoreError) {
    let named = current.files
    try store { () throws(StorageError) in
      for name in try Files.list(directory)
      where (StoreFiles.isOwn(name) && !named.contains(name)) || StoreFiles.isTemporary(name) {
        try Files.remove(Paths.join(directory, name))
      }
    }
  }

  var liveSegments: [StoreSegment] { segments }
}

extension StoreFiles {
  /// What `AtomicFile` leaves of a manifest that was not finished.
  static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".awl-") && name.hasSuffix(".tmp") }

  /// What a first writer that died leaves behind: a directory of such files alone is as good as empty.
  static func isRest(_ name: String) -> Bool { name == lock || isOwn(name) || isTemporary(name) }
}
