// Which rows a store has of each source, found in one pass over the rows when the first of them is asked for.

import Storage

/// The rows of one version of a store by their source.
final class StoredSources {
  private let reader: StoreReader
  /// By segment: the numbers of names, and the rows in the order of their sources' numbers.
  private var segments: [(names: [String: Int], starts: [Int], rows: [UInt32])]?

  init(_ reader: StoreReader) { self.reader = reader }

  /// The rows of a source that are not deleted.
  func rows(of source: String) throws(StoreError) -> [RowReference] {
    if segments == nil { segments = try load() }
    var found: [RowReference] = []
    for (index, segment) in (segments ?? []).enumerated() {
      guard let number = segment.names[source] else { continue }
      for place in segment.starts[number]..<segment.starts[number + 1] {
        found.append(RowReference(segment: index, row: Int(segment.rows[place])))
      }
    }
    return found
  }

  func id(_ place: RowReference) throws(StoreError) -> String {
    try reader.segments[place.segment].segment.id(place.row)
  }

  /// The row of an id, with a way to its vector.
  func find(_ id: String) throws(StoreError) -> (record: StoreRecord, vector: () throws(StoreError) -> [Float])? {
    guard let place = try reader.find(id) else { return nil }
    let reader = reader
    return (try reader.record(place), { () throws(StoreError) in try reader.vector(place) })
  }

  /// The vectors of a source's rows by the text that they were made of.
  func vectors(of rows: [RowReference]) throws(StoreError) -> [String: RowReference] {
    var found: [String: RowReference] = [:]
    for place in rows { found[IndexItem.embedded(try reader.record(place))] = place }
    return found
  }

  func vector(_ place: RowReference) throws(StoreError) -> [Float] { try reader.vector(place) }

  private func load() throws(StoreError) -> [(names: [String: Int], starts: [Int], rows: [UInt32])] {
    var loaded: [(names: [String: Int], starts: [Int], rows: [UInt32])] = []
    for entry in reader.segments {
      let count = entry.segment.nameCount
      var numbers = [UInt32](repeating: .max, count: entry.rows)
      var starts = [Int](repeating: 0, count: count + 1)
      for row in 0..<entry.rows where entry.isLive(row) {
        let number = try entry.segment.place(row).source
        guard number < count else { throw entry.segment.damaged("row \(row) names a source that is not there") }
        numbers[row] = UInt32(number)
        starts[number + 1] += 1
      }
      for number in 0..<count { starts[number + 1] += starts[number] }
      var next = starts
      var rows = [UInt32](repeating: 0, count: starts[count])
      for row in 0..<entry.rows where numbers[row] != .max {
        let number = Int(numbers[row])
        rows[next[number]] = UInt32(row)
        next[number] += 1
      }
      var names: [String: Int] = [:]
      for number in 0..<count where starts[number] < starts[number + 1] {
        names[try entry.segment.name(number)] = number
      }
      loaded.append((names, starts, rows))
    }
    return loaded
  }
}
