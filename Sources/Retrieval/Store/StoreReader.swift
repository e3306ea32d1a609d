// One version of a store, open for reading. Takes no lock: the manifest names files that never change, and those stay
// readable through their maps when a writer replaces them.

import Formats
import Storage

/// A segment and what is deleted in it, in the version that a reader sees.
package struct StoreSegment: Sendable {
  package let segment: Segment
  /// nil for none.
  package let deleted: RowBitmap?

  package var rows: Int { segment.rows }
  package var liveRows: Int { segment.rows - (deleted?.members ?? 0) }

  package func isLive(_ row: Int) -> Bool { row >= 0 && row < rows && deleted?[row] != true }
}

package final class StoreReader: Sendable {
  package let directory: String
  package let segments: [StoreSegment]
  let manifest: Manifest

  package var model: String { manifest.model }
  /// Numbers in a vector; 0 in a store without vectors.
  package var dimension: Int { manifest.dimension }
  /// Counts the versions of the store.
  package var generation: Int { manifest.generation }
  /// Rows that are not deleted.
  package var count: Int { segments.reduce(0) { $0 + $1.liveRows } }

  /// Opens the version that is there now.
  ///
  /// - Throws: `.notFound` where there is no store, `.damaged`, `.missing` and `.version` naming the file.
  package static func open(_ directory: String) throws(StoreError) -> StoreReader {
    var before: Manifest?
    while true {
      guard let manifest = try Manifest.read(directory) else {
        let isThere = (try? FileStatus.of(directory))?.kind == .directory
        let isEmpty = isThere && ((try? Files.list(directory)) ?? []).allSatisfy(StoreFiles.isRest)
        throw StoreError(path: directory, kind: isThere && !isEmpty ? .notAStore : .notFound)
      }
      do throws(StoreError) {
        return try StoreReader(directory, manifest)
      } catch  where error.kind == .missing && before?.generation != manifest.generation {
        // A writer may have replaced it since the manifest was read; then there is a newer one now.
        before = manifest
      }
    }
  }

  /// Whether a directory is or was a store, however damaged: other programs have files called `manifest.json`, too.
  package static func isStore(_ directory: String) -> Bool {
    guard let head = try? Files.head(Paths.join(directory, Manifest.fileName), count: 96) else { return false }
    return head.firstOffset(of: Array(#""kind":"store""#.utf8)) != nil
      || ((try? Files.list(directory)) ?? []).contains(where: StoreFiles.isOwn)
  }

  private init(_ directory: String, _ manifest: Manifest) throws(StoreError) {
    self.directory = directory
    self.manifest = manifest
    var segments: [StoreSegment] = []
    for entry in manifest.segments { segments.append(try StoreReader.segment(directory, entry, manifest)) }
    self.segments = segments
  }

  static func segment(
    _ directory: String, _ entry: Manifest.Segment, _ manifest: Manifest
  ) throws(StoreError) -> StoreSegment {
    let segment = try Segment(Paths.join(directory, entry.file.name))
    guard segment.head.fileSize == entry.file.size, segment.rows == entry.rows,
      segment.head.checksum == entry.file.checksum
    else { throw segment.damaged("it is not the file that the manifest names") }
    guard segment.head.dimension == manifest.dimension else {
      throw segment.damaged("its vectors have \(segment.head.dimension) numbers, the store's \(manifest.dimension)")
    }
    var deleted: RowBitmap?
    if let file = entry.deleted {
      let contents = try SealedFile.read(file, directory, ending: StoreFiles.deleted)
      guard let bitmap = SealedFile.bitmap(contents, rows: segment.rows), bitmap.members == entry.deletedRows else {
        throw StoreError(
          path: Paths.join(directory, file.name), kind: .damaged(what: "it does not fit the segment it belongs to"))
      }
      deleted = bitmap
    }
    return StoreSegment(segment: segment, deleted: deleted)
  }

  // MARK: Rows

  /// The row of an id; nil where there is none or it was deleted.
  package func find(_ id: String) throws(StoreError) -> RowReference? {
    for (index, segment) in segments.enumerated() {
      if let row = try segment.segment.row(of: id), segment.isLive(row) {
        return RowReference(segment: index, row: row)
      }
    }
    return nil
  }

  package func record(_ place: RowReference) throws(StoreError) -> StoreRecord {
    try segment(of: place).record(place.row)
  }

  /// The vector of a row, of length 1; `[dimension]`.
  package func vector(_ place: RowReference) throws(StoreError) -> [Float] {
    try segment(of: place).vector(place.row)
  }

  private func segment(of place: RowReference) throws(StoreError) -> Segment {
    guard segments.indices.contains(place.segment) else {
      throw StoreError(path: directory, kind: .damaged(what: "segment \(place.segment) is not there"))
    }
    return segments[place.segment].segment
  }

  /// All rows that are not deleted, in the order of the segments. `body` gives false to stop.
  package func forEachRow<Failure>(
    _ body: (RowReference) throws(Failure) -> Bool
  ) throws(Failure) {
    for (index, segment) in segments.enumerated() {
      for row in 0..<segment.rows where segment.isLive(row) {
        guard try body(RowReference(segment: index, row: row)) else { return }
      }
    }
  }

  /// The rows that came from a source, as sets by segment.
  package func rows(ofSource source: String) throws(StoreError) -> [RowReference] {
    var found: [RowReference] = []
    for (index, segment) in segments.enumerated() {
      var wanted: Int?
      for number in 0..<segment.segment.nameCount where try segment.segment.name(number) == source { wanted = number }
      guard let wanted else { continue }
      for row in 0..<segment.rows where segment.isLive(row) {
        if try segment.segment.place(row).source == wanted { found.append(RowReference(segment: index, row: row)) }
      }
    }
    return found
  }

  /// A small file that was stored with `StoreWriter.attach`; nil where there is none.
  package func attachment(_ name: String) throws(StoreError) -> [UInt8]? {
    guard let entry = manifest.attachments.first(where: { $0.name == name }) else { return nil }
    return try SealedFile.read(entry.file, directory, ending: StoreFiles.attachment)
  }

  /// Compares everything with its checksum: a message for each file that does not hold.
  package func verify() -> [StoreError] {
    var problems: [StoreError] = []
    for segment in segments {
      do throws(StoreError) {
        let blocks = try segment.segment.damagedBlocks()
        if !blocks.isEmpty {
          problems.append(
            segment.segment.damaged("the checksum of \(blocks.joined(separator: ", ")) does not hold"))
        }
      } catch {
        problems.append(error)
      }
    }
    for entry in manifest.attachments {
      do throws(StoreError) { _ = try attachment(entry.name) } catch { problems.append(error) }
    }
    return problems
  }
}
