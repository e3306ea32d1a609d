// BM25 over segments: against the formula on every row, with deleted and filtered rows, and on damaged blocks.

import Foundation
import Testing

@testable import Retrieval

@Suite("Keyword search") struct KeywordSearchTests {
  /// Rows of words with very uneven frequencies.
  private static func rows(_ count: Int, seed: UInt64) -> [[String]] {
    var dice = Dice(state: seed)
    return (0..<count).map { _ in
      (0..<(1 + dice.roll(30))).map { _ in "w\(dice.roll(1 + dice.roll(1 + dice.roll(400))))" }
    }
  }

  private static func segment(_ rows: [[String]], deleted: RowBitmap? = nil, allowed: RowBitmap? = nil) throws
    -> KeywordSegment
  {
    let indexer = KeywordIndexer()
    for (row, words) in rows.enumerated() {
      indexer.add(StoreRecord(id: "\(row)", text: words.joined(separator: " ")), row: row)
    }
    return KeywordSegment(
      index: try #require(try MemoryBytes.index(indexer.finish())), deleted: deleted, allowed: allowed)
  }

  /// The formula on every row that is there.
  private static func expected(
    _ query: [String], _ segments: [([[String]], deleted: RowBitmap?, allowed: RowBitmap?)], k: Int
  ) -> [KeywordHit] {
    var alive: [(segment: Int, row: Int, words: [String])] = []
    for (number, segment) in segments.enumerated() {
      for (row, words) in segment.0.enumerated() where segment.deleted?[row] != true {
        alive.append((number, row, words))
      }
    }
    let average = Double(alive.reduce(0) { $0 + $1.words.count }) / Double(alive.count)
    var order: [String] = []
    for word in query where !order.contains(word) { order.append(word) }
    let weights = order.map { word -> Double in
      let rows = alive.count { $0.words.contains(word) }
      let times = query.count { $0 == word }
      return log(1 + (Double(alive.count - rows) + 0.5) / (Double(rows) + 0.5)) * Double(times)
    }
    var hits: [KeywordHit] = []
    for (segment, row, words) in alive where segments[segment].allowed?[row] != false {
      let score = zip(order, weights).reduce(0.0) { sum, pair in
        let times = Double(words.count { $0 == pair.0 })
        return sum + pair.1 * (times * 2.2 / (times + 1.2 * 0.25 + 1.2 * 0.75 / average * Double(words.count)))
      }
      if score > 0 { hits.append(KeywordHit(segment: segment, row: row, score: score)) }
    }
    hits.sort { ($1.score, $0.segment, $0.row) < ($0.score, $1.segment, $1.row) }
    return Array(hits.prefix(k))
  }

  private static func same(_ found: [KeywordHit], _ expected: [KeywordHit]) -> Bool {
    guard found.count == expected.count else { return false }
    // Scores that differ by rounding alone may come in either order.
    return zip(found, expected).allSatisfy { abs($0.score - $1.score) < 1e-9 * max(1, $1.score) }
      && Set(found.map { "\($0.segment) \($0.row)" }).count == found.count
  }

  @Test("the rows found are those that scoring every row finds", arguments: [1, 3, 10, 5000])
  func exact(k: Int) throws {
    var dice = Dice(state: UInt64(k))
    for (counts, isFiltered) in [([700], false), ([1, 0, 400], false), ([900, 300], true), ([5000], false)] {
      var parts: [([[String]], deleted: RowBitmap?, allowed: RowBitmap?)] = []
      for count in counts {
        let rows = Self.rows(count, seed: UInt64(count) + 1)
        var (deleted, allowed) = (RowBitmap(count: count), RowBitmap(count: count))
        for row in 0..<count {
          deleted[row] = dice.roll(5) == 0
          allowed[row] = dice.roll(3) > 0
        }
        parts.append((rows, isFiltered ? deleted : nil, isFiltered ? allowed : nil))
      }
      let segments = try parts.map { try Self.segment($0.0, deleted: $0.deleted, allowed: $0.allowed) }
      for _ in 0..<12 {
        let query = (0..<(1 + dice.roll(5))).map { _ in "w\(dice.roll(1 + dice.roll(300)))" }
        let found = try KeywordSearch.search(query.joined(separator: " "), in: segments, k: k)
        let wanted = Self.expected(query, parts, k: k)
        #expect(Self.same(found, wanted), "\(query) in \(counts), k = \(k)")
        #expect(
          zip(found, found.dropFirst()).allSatisfy { ($1.score, $0.segment, $0.row) < ($0.score, $1.segment, $1.row) })
      }
    }
  }

  @Test("deleted rows count no more than if they had never been there")
  func deleted() throws {
    let rows = Self.rows(600, seed: 9)
    var deleted = RowBitmap(count: 600)
    for row in stride(from: 0, to: 600, by: 3) { deleted[row] = true }
    let left = rows.enumerated().filter { !deleted[$0.offset] }.map(\.element)
    for query in ["w0", "w0 w1 w7", "w3 w50"] {
      let before = try KeywordSearch.search(query, in: [Self.segment(rows, deleted: deleted)], k: 20).map(\.score)
      #expect(before == (try KeywordSearch.search(query, in: [Self.segment(left)], k: 20).map(\.score)))
    }
  }

  @Test("words of a heading find its text; what nobody wrote finds nothing")
  func small() throws {
    let indexer = KeywordIndexer()
    indexer.add(StoreRecord(id: "a", text: "It waits 30 seconds.", heading: "Guide > Timeouts"), row: 0)
    indexer.add(StoreRecord(id: "b", text: "東京タワーの猫"), row: 1)
    indexer.add(StoreRecord(id: "c", text: "let maxTokens = max_tokens"), row: 2)
    let segments = [KeywordSegment(index: try #require(try MemoryBytes.index(indexer.finish())))]
    func rows(_ query: String) throws -> [Int] { try KeywordSearch.search(query, in: segments, k: 10).map(\.row) }
    #expect(try rows("timeouts") == [0])
    #expect(try rows("猫") == [1])
    #expect(try rows("京") == [1])
    #expect(try rows("東京") == [1])
    #expect(try rows("京都") == [])
    #expect(try rows("tokens") == [2])
    #expect(try rows("MaxTokens") == [2])
    #expect(try rows("") == [])
    #expect(try rows("nothing !") == [])
    #expect(try KeywordSearch.search("timeouts", in: segments, k: 0).isEmpty)
    #expect(try KeywordSearch.search("timeouts", in: [], k: 5).isEmpty)
    #expect(KeywordSearch.words("a b a").map(\.times) == [2, 1])
  }

  @Test("a segment without rows, and one without an index")
  func empty() throws {
    let blocks = KeywordIndexer().finish()
    let index = try #require(try MemoryBytes.index(blocks))
    #expect(index.rows == 0)
    #expect(try KeywordSearch.search("a", in: [KeywordSegment(index: index)], k: 3).isEmpty)
    #expect(try MemoryBytes.index([]) == nil)
    #expect(throws: StoreError.self) { try MemoryBytes.index(Array(blocks.dropLast())) }
  }

  @Test("damaged blocks are an error or a wrong answer, and never a fault")
  func damage() throws {
    let indexer = KeywordIndexer()
    for (row, words) in Self.rows(500, seed: 4).enumerated() {
      indexer.add(StoreRecord(id: "\(row)", text: words.joined(separator: " ")), row: row)
    }
    let blocks = indexer.finish()
    var dice = Dice(state: 77)
    var failures = 0
    for round in 0..<1500 {
      var damaged = blocks
      let block = dice.roll(damaged.count)
      if round % 4 == 0 {
        damaged[block].bytes.removeLast(min(damaged[block].bytes.count, 1 + dice.roll(40)))
      } else {
        for _ in 0..<(1 + dice.roll(4)) where !damaged[block].bytes.isEmpty {
          damaged[block].bytes[dice.roll(damaged[block].bytes.count)] = UInt8(dice.roll(256))
        }
      }
      var deleted = RowBitmap(count: 500)
      deleted[dice.roll(500)] = true
      do {
        guard let index = try MemoryBytes.index(damaged) else { continue }
        _ = try KeywordSearch.search(
          "w0 w1 w2 w9 w\(dice.roll(300))", in: [KeywordSegment(index: index, deleted: deleted)], k: 5)
      } catch {
        failures += 1
      }
    }
    #expect(failures > 300)
  }
}
