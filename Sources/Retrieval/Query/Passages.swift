// Hits with the chunks before and behind them in their source, which are found by their numbers: a chunk's id is the name
// of its source and its number there.

import Storage

extension Retriever {
  /// Widens hits by the chunks around them; hits that meet become one.
  package func expanded(_ hits: [RetrievalHit], _ query: RetrievalQuery) throws(StoreError) -> [RetrievalHit] {
    guard query.expansion > 0 else { return hits }
    var sources: [String: Int] = [:]
    var places: [Int: RetrievalHit] = [:]
    var bounds: [Int: ClosedRange<Int>] = [:]
    var numbers: [Int] = []
    var alone: [Int: RetrievalHit] = [:]
    for (rank, hit) in hits.enumerated() {
      guard let number = Retriever.number(of: hit.record) else {
        // A row of a table has no neighbours.
        let key = -1 - rank
        alone[key] = hit
        places[key] = hit
        bounds[key] = key...key
        numbers.append(key)
        continue
      }
      let source = sources[hit.record.source] ?? sources.count
      sources[hit.record.source] = source
      let key = source << 32 + number
      places[key] = hit
      numbers.append(key)
      // Numbers beyond the last chunk are passed over when the texts are read.
      bounds[key] = (source << 32 + 1)...(source << 32 + 0xFFFF_FFFE)
    }
    let passages = Neighbours.expand(numbers, by: query.expansion) { bounds[$0] ?? $0...$0 }
    var widened: [RetrievalHit] = []
    let names = Dictionary(uniqueKeysWithValues: sources.map { ($1, $0) })
    for passage in passages {
      guard let best = passage.hits.first, var hit = places[best] else { continue }
      if alone[best] == nil, let source = names[best >> 32] {
        var records: [StoreRecord] = []
        for key in passage.chunks {
          if let place = try find(source, key & 0xFFFF_FFFF) { records.append(try reader.record(place)) }
        }
        if let joined = Retriever.joined(records) {
          hit.record.text = joined.text
          hit.record.lines = joined.lines
          hit.record.bytes = joined.bytes
        }
      }
      hit.ids = passage.hits.compactMap { places[$0]?.id }
      widened.append(hit)
    }
    return widened
  }

  /// The number of a chunk in its source; nil for a row that is none.
  private static func number(of record: StoreRecord) -> Int? {
    let head = SourceNames.plain(record.source) + "#"
    guard record.id.hasPrefix(head), let number = Int(record.id.dropFirst(head.count)), number > 0, number < 1 << 31
    else { return nil }
    return number
  }

  private func find(_ source: String, _ number: Int) throws(StoreError) -> RowReference? {
    try reader.find("\(SourceNames.plain(source))#\(number)")
  }

  /// The texts of chunks one behind the other; what two of them share stands there once.
  private static func joined(_ records: [StoreRecord]) -> (text: String, lines: ClosedRange<Int>?, bytes: Range<Int>?)?
  {
    guard let first = records.first else { return nil }
    var (text, lines, bytes) = (Array(first.text.utf8), first.lines, first.bytes)
    for record in records.dropFirst() {
      var next = Array(record.text.utf8)[...]
      if let end = bytes?.upperBound, let range = record.bytes {
        if range.lowerBound < end, range.count == next.count {
          next = next.dropFirst(end - range.lowerBound)
        } else {
          text += range.lowerBound > end + 1 ? [0x0A, 0x0A] : [0x0A]
        }
        bytes = (bytes?.lowerBound ?? range.lowerBound)..<max(end, range.upperBound)
      } else {
        text += [0x0A, 0x0A]
      }
      text += next
      if let old = lines, let new = record.lines { lines = old.lowerBound...max(old.upperBound, new.upperBound) }
    }
    return (String(decoding: text, as: UTF8.self), lines, bytes)
  }
}
