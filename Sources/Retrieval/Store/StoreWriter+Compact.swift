// Fewer and fuller segments: the live rows of several are written into one, with the same bits in their vectors, so no
// score changes. Readers keep the version they have.

import Storage

extension StoreWriter {
  /// Rewrites all segments into one without deleted rows. Changes that are not committed must not be pending.
  package func compact() throws(StoreError) {
    let segments = liveSegments
    guard segments.count > 1 || segments.contains(where: { $0.deleted != nil }) else { return }
    try merge(Array(segments.indices))
  }

  /// Merges small segments when there are many, so that each row is rewritten a few times at most, and a large segment
  /// never for the sake of a small one.
  package func compactSmall() throws(StoreError) {
    let segments = liveSegments
    guard segments.count > 8 else { return }
    let order = segments.indices.sorted { segments[$0].rows < segments[$1].rows }
    var chosen: [Int] = []
    var rows = 0
    for index in order {
      if chosen.count >= 2, segments[index].rows > 2 * rows { break }
      chosen.append(index)
      rows += segments[index].rows
    }
    try merge(chosen.sorted())
  }

  private func merge(_ chosen: [Int]) throws(StoreError) {
    let segments = liveSegments
    let builder = try newBuilder()
    for index in chosen {
      let segment = segments[index]
      for row in 0..<segment.rows where segment.isLive(row) {
        let record = try segment.segment.record(row)
        let vector = current.dimension > 0 ? try segment.segment.vector(row) : []
        let square = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard current.dimension == 0 || abs(square - 1) < 1e-3 else {
          throw segment.segment.damaged("the vector of row \(row) has not the length 1")
        }
        try vector.withUnsafeBufferPointer { (vector) throws(StoreError) in
          try builder.add(record, vector, isNormalised: true)
        }
      }
    }
    let (head, _) = try builder.finish()
    step("merged")
    var next = current
    for index in chosen.reversed() { next.segments.remove(at: index) }
    if head.rows > 0 {
      let name = String(builder.path.split(separator: "/").last ?? "")
      next.segments.insert(
        Manifest.Segment(
          file: Manifest.File(name: name, size: head.fileSize, checksum: head.checksum), rows: head.rows,
          deleted: nil, deletedRows: 0), at: min(chosen.first ?? 0, next.segments.count))
    }
    try publish(next)
  }
}
