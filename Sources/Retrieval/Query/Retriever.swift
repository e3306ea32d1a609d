// Answers a question from a store: rankings by vector and by keywords over the rows that a filter allows, joined, made
// less repetitive, cut to the wanted number, and read. Ties are ordered by id everywhere, so the same question gives the
// same hits on every machine.

import CVectorKernels
import Storage

/// Searches one version of a store.
///
///     let hits = try Retriever(StoreReader.open("notes.store")).search(RetrievalQuery("time-outs", vector: vector))
package struct Retriever: Sendable {
  package let reader: StoreReader

  package init(_ reader: StoreReader) { self.reader = reader }

  /// A row in a ranking, told apart and ordered by the bytes of its id.
  private struct Key: Hashable, Comparable, Sendable {
    var id: [UInt8]
    var place: RowReference

    static func < (left: Key, right: Key) -> Bool { left.id.lexicographicallyPrecedes(right.id) }
    static func == (left: Key, right: Key) -> Bool { left.place == right.place }
    func hash(into hasher: inout Hasher) { hasher.combine(place) }
  }

  private typealias Ranking = [Ranked<Key>]

  /// The best hits, the best first.
  package func search(_ query: RetrievalQuery) throws(StoreError) -> [RetrievalHit] {
    try search([query]).first ?? []
  }

  /// The same for many questions that differ in text and vector alone: their vectors pass through the rows together.
  package func search(_ queries: [RetrievalQuery]) throws(StoreError) -> [[RetrievalHit]] {
    guard let first = queries.first else { return [] }
    let allowed = try first.filter.map { (filter) throws(StoreError) in try rows(filter) }
    // A few more than wanted, for those that fall away.
    var depth = first.count + (first.dropsRepeats ? 8 : 0)
    if first.mode == .hybrid || first.diversity != nil { depth = max(RetrievalQuery.candidates, depth) }
    var byVector = try vectorRankings(queries, allowed, depth)
    var lists: [[RetrievalHit]] = []
    for (index, query) in queries.enumerated() {
      var depth = depth
      while true {
        let byKeyword = try keywordRanking(query, allowed, depth)
        let (hits, isAll) = try hits(query, byVector[index], byKeyword, depth)
        if hits.count >= query.count || isAll {
          lists.append(try expanded(Array(hits.prefix(query.count)), query))
          break
        }
        depth *= 4
        byVector[index] = try vectorRankings([query], allowed, depth)[0]
      }
    }
    return lists
  }

  /// The rows whose text is nearest to that of a row by their vectors, itself left out.
  package func similar(to place: RowReference, _ query: RetrievalQuery) throws(StoreError) -> [RetrievalHit] {
    var query = query
    query.vector = try reader.vector(place)
    query.mode = .vector
    query.count += 1
    return Array(try search(query).filter { $0.place != place }.prefix(query.count - 1))
  }

  /// The rows of each segment that match a filter.
  package func rows(_ filter: Filter) throws(StoreError) -> [RowBitmap] {
    var sets: [RowBitmap] = []
    for entry in reader.segments {
      guard let block = entry.segment.bytes(ColumnFormat.name) else {
        sets.append(RowBitmap(count: entry.rows))
        continue
      }
      sets.append(try filter.rows(in: Columns(path: entry.segment.path, block: block)))
    }
    return sets
  }

  // MARK: Rankings

  private func vectorRankings(
    _ queries: [RetrievalQuery], _ allowed: [RowBitmap]?, _ depth: Int
  ) throws(StoreError) -> [Ranking] {
    guard let first = queries.first, first.mode != .keyword, first.vector != nil else { return queries.map { _ in [] } }
    let options = SearchOptions(
      k: depth, mode: first.scan, minimumScore: first.minimumScore, allowed: allowed, kernels: first.kernels,
      threads: first.threads)
    return try reader.search(queries.map { $0.vector ?? [] }, options).map { hits in
      hits.map { Ranked(Key(id: Array($0.id.utf8), place: $0.place), $0.score) }
    }
  }

  private func keywordRanking(
    _ query: RetrievalQuery, _ allowed: [RowBitmap]?, _ depth: Int
  ) throws(StoreError) -> Ranking {
    guard query.mode != .vector else { return [] }
    var indexes: [KeywordSegment] = []
    var numbers: [Int] = []
    for (number, entry) in reader.segments.enumerated() {
      let segment = entry.segment
      guard
        let index = try KeywordIndex(path: segment.path, block: { (name) throws(StoreError) in segment.bytes(name) })
      else { continue }
      indexes.append(KeywordSegment(index: index, deleted: entry.deleted, allowed: allowed?[number]))
      numbers.append(number)
    }
    var ranking: Ranking = []
    for hit in try KeywordSearch.search(query.text, in: indexes, k: depth) {
      let place = RowReference(segment: numbers[hit.segment], row: hit.row)
      ranking.append(
        Ranked(Key(id: try reader.segments[place.segment].segment.idBytes(place.row), place: place), hit.score))
    }
    if query.mode == .keyword, let least = query.minimumScore { ranking.removeAll { $0.score < least } }
    return ranking.sorted { $0.score != $1.score ? $0.score > $1.score : $0.key < $1.key }
  }

  /// The hits of both rankings as far as they go, and whether those are all that there are.
  private func hits(
    _ query: RetrievalQuery, _ byVector: Ranking, _ byKeyword: Ranking, _ depth: Int
  ) throws(StoreError) -> ([RetrievalHit], isAll: Bool) {
    let isAll = byVector.count < depth && byKeyword.count < depth
    var ranking: Ranking
    switch query.mode {
    case .vector: ranking = byVector
    case .keyword: ranking = byKeyword
    case .hybrid:
      ranking =
        query.alpha.map { Fusion.convex(byVector, byKeyword, alpha: $0) }
        ?? Fusion.reciprocalRanks([byVector, byKeyword])
    }
    var cosines: [RowReference: Double] = [:]
    for item in byVector { cosines[item.key.place] = item.score }
    let unit = query.vector.flatMap(UnitVector.of)
    var hits: [RetrievalHit] = []
    var vectors: [[Float]] = []
    for item in ranking {
      let record = try reader.record(item.key.place)
      var cosine = cosines[item.key.place]
      if query.mode == .hybrid || query.diversity != nil, let unit {
        let vector = try reader.vector(item.key.place)
        cosine = cosine ?? Retriever.product(unit, vector)
        if query.diversity != nil { vectors.append(vector) }
      }
      if query.mode == .hybrid, let least = query.minimumScore, let cosine, cosine < least {
        if query.diversity != nil, unit != nil { vectors.removeLast() }
        continue
      }
      hits.append(
        RetrievalHit(
          id: record.id, score: item.score, cosine: cosine, place: item.key.place, record: record, ids: [record.id]))
    }
    var order = Array(hits.indices)
    if query.dropsRepeats { order = Retriever.distinct(hits) }
    if let lambda = query.diversity, vectors.count == hits.count {
      let candidates = order
      order = Diversity.marginalRelevance(
        candidates.map { hits[$0].cosine ?? 0 }, count: query.count, lambda: lambda
      ) { Retriever.product(vectors[candidates[$0]], vectors[candidates[$1]]) }.map { candidates[$0] }
    }
    return (order.map { hits[$0] }, isAll)
  }

  /// Numbers of the hits whose text no earlier one has; a row without text is like no other.
  private static func distinct(_ hits: [RetrievalHit]) -> [Int] {
    let texts = hits.enumerated().filter { !$0.element.record.text.isEmpty }
    let kept = Set(Diversity.distinct(texts.map(\.element.record.text)).map { texts[$0].offset })
    return hits.indices.filter { hits[$0].record.text.isEmpty || kept.contains($0) }
  }

  /// As the scans score: in Float64, in a fixed order.
  private static func product(_ left: [Float], _ right: [Float]) -> Double {
    let size = SegmentFormat.padded(max(left.count, right.count))
    func padded(_ vector: [Float]) -> [Float] { vector + [Float](repeating: 0, count: size - vector.count) }
    return awl_exact_product(padded(left), padded(right), size)
  }
}
