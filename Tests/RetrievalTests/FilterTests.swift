// Filters: every operator on every kind of value, what is refused, many values, damaged blocks.

import Formats
import Testing

@testable import Retrieval

@Suite("Filters") struct FilterTests {
  private static let metadata: [String?] = [
    #"{"lang": "en", "year": 2020, "tags": ["a", "b"], "ok": true, "at": "2026-01-02"}"#,
    #"{"lang": "de", "year": 2021.5, "tags": [], "ok": false, "deep": {"x": {"y": 1}}}"#,
    #"{"lang": "en", "year": -3, "tags": "a", "none": null, "at": "2026-02-01"}"#,
    nil,
    #"{"lang": ["en", "fr"], "year": "2020", "tags": ["c", 7, null], "ok": true, "objects": [{"z": 1}]}"#,
    #"{"lang": "", "year": -0.0, "ok": [true, false]}"#,
  ]

  private static func block(_ metadata: [String?]) throws -> [UInt8] {
    var indexer = ColumnIndexer()
    for (row, text) in metadata.enumerated() {
      indexer.add(StoreRecord(id: "\(row)", metadata: try text.map { try JSON.parse($0) }), row: row)
    }
    return try #require(indexer.finish().first).bytes
  }

  private static func rows(_ filter: String, _ columns: Columns) throws -> [Int] {
    let found = try Filter(JSON.parse(filter)).rows(in: columns)
    return (0..<columns.rows).filter { found[$0] }
  }

  @Test(
    "a filter finds these rows",
    arguments: [
      ("{}", [0, 1, 2, 3, 4, 5]), (#"{"lang": "en"}"#, [0, 2, 4]), (#"{"lang": {"$eq": "fr"}}"#, [4]),
      (#"{"lang": ""}"#, [5]),
      (#"{"lang": {"$ne": "en"}}"#, [1, 3, 5]), (#"{"lang": {"$in": ["de", "fr", 5]}}"#, [1, 4]),
      (#"{"lang": {"$in": []}}"#, []),
      (#"{"lang": {"$nin": ["de", "fr"]}}"#, [0, 2, 3, 5]), (#"{"year": 2020}"#, [0]), (#"{"year": "2020"}"#, [4]),
      (#"{"year": 2.02e3}"#, [0]), (#"{"year": 0}"#, [5]), (#"{"year": {"$gt": 0}}"#, [0, 1]),
      (#"{"year": {"$gte": 0}}"#, [0, 1, 5]),
      (#"{"year": {"$lt": 2020}}"#, [2, 5]), (#"{"year": {"$lte": 2020}}"#, [0, 2, 5]),
      (#"{"year": {"$gt": -10, "$lt": 1}}"#, [2, 5]),
      (#"{"year": {"$gt": "0"}}"#, [4]), (#"{"tags": "a"}"#, [0, 2]), (#"{"tags": 7}"#, [4]),
      (#"{"tags": {"$ne": "a"}}"#, [1, 3, 4, 5]),
      (#"{"tags": {"$exists": true}}"#, [0, 1, 2, 4]), (#"{"tags": {"$exists": false}}"#, [3, 5]),
      (#"{"ok": true}"#, [0, 4, 5]),
      (#"{"ok": false}"#, [1, 5]), (#"{"ok": 1}"#, []), (#"{"none": null}"#, [0, 1, 2, 3, 4, 5]),
      (#"{"none": {"$exists": true}}"#, [2]),
      (#"{"none": {"$ne": null}}"#, []), (#"{"tags": null}"#, [3, 4, 5]), (#"{"at": {"$gte": "2026-01-15"}}"#, [2]),
      (#"{"deep.x.y": 1}"#, [1]), (#"{"objects": {"$exists": true}}"#, [4]), (#"{"unknown": 1}"#, []),
      (#"{"unknown": {"$ne": 1}}"#, [0, 1, 2, 3, 4, 5]),
      (#"{"lang": "en", "ok": true}"#, [0, 4]), (#"{"$or": [{"lang": "de"}, {"year": -3}]}"#, [1, 2]),
      (#"{"$and": [{"lang": "en"}, {"$not": {"year": 2020}}]}"#, [2, 4]),
      (#"{"$nor": [{"lang": "en"}, {"ok": false}]}"#, [3]),
      (#"{"year": {"$not": {"$gt": 0}}}"#, [2, 3, 4, 5]), (#"{"tags": {"$in": [null]}}"#, [3, 4, 5]),
    ])
  func operators(filter: String, rows: [Int]) throws {
    let columns = try Columns(path: "memory", block: MemoryBytes(bytes: Self.block(Self.metadata)))
    #expect(try Self.rows(filter, columns) == rows)
  }

  @Test(
    "what is no filter is told with its place",
    arguments: [
      (#"[1]"#, #"f:1:1: a filter must be an object (for example {"lang": "en"})"#),
      (#"{"a": {"$gte": 1, "$lthe": 2}}"#, "f:1:19: unknown operator '$lthe' (did you mean '$lte'?)"),
      (#"{"$gt": 1}"#, #"f:1:2: '$gt' without a field (write {"field": {"$gt": …}})"#),
      (
        #"{"$xyzzy": 1}"#,
        "f:1:2: unknown operator '$xyzzy' (there are $eq $ne $gt $gte $lt $lte $in $nin $exists $and $or $nor $not)"
      ),
      (#"{"a": [1]}"#, #"f:1:7: a field is compared with one value (for any of several write {"$in": […]})"#),
      (#"{"a": {"b": 1}}"#, #"f:1:8: 'b' is no operator (for a member of 'a' write "a.b")"#),
      (#"{"a": {}}"#, #"f:1:7: 'a' has no operator (for example {"$eq": 1})"#),
      (#"{"a": {"$in": 1}}"#, "f:1:15: '$in' needs a list"),
      (#"{"a": {"$gt": true}}"#, "f:1:15: '$gt' compares with a number or a text"),
      (#"{"a": {"$exists": 1}}"#, "f:1:19: '$exists' needs true or false"),
      (#"{"$or": []}"#, "f:1:9: '$or' needs a list of filters"),
      (#"{"a": {"$eq": {}}}"#, "f:1:15: a field is compared with one value, not with an object"),
    ])
  func refused(filter: String, message: String) throws {
    let error = #expect(throws: FormatError.self) { try Filter(JSON.parse(filter)) }
    #expect(error?.text(file: "f") == message)
  }

  @Test("a filter that is nested too deeply is refused")
  func depth() throws {
    let deep = String(repeating: #"{"$and":["#, count: 200) + "{}" + String(repeating: "]}", count: 200)
    #expect(throws: FormatError.self) { try Filter(JSON.parse(deep)) }
  }

  @Test("a filter of 10,000 values finds what single tests find")
  func many() throws {
    let metadata = (0..<3000).map { #"{"n": \#($0 * 7 % 3001), "t": "t\#($0 % 500)"}"# }
    let columns = try Columns(path: "memory", block: MemoryBytes(bytes: Self.block(metadata)))
    let values = (0..<10_000).map { $0 * 3 }
    let list = values.map(String.init).joined(separator: ",")
    let wanted = (0..<3000).filter { $0 * 7 % 3001 % 3 == 0 }
    #expect(try Self.rows(#"{"n": {"$in": [\#(list)]}}"#, columns) == wanted)
    let texts = values.map { "\"t\($0)\"" }.joined(separator: ",")
    #expect(try Self.rows(#"{"t": {"$nin": [\#(texts)]}}"#, columns) == (0..<3000).filter { $0 % 500 % 3 != 0 })
  }

  @Test("fields that appear late or seldom are absent elsewhere")
  func sparse() throws {
    let metadata: [String?] = [nil, nil, #"{"a": 1}"#, nil, #"{"b": 2}"#, nil]
    let columns = try Columns(path: "memory", block: MemoryBytes(bytes: Self.block(metadata)))
    #expect(columns.names == ["a", "b"])
    #expect(try Self.rows(#"{"a": {"$exists": true}}"#, columns) == [2])
    #expect(try Self.rows(#"{"b": {"$ne": 2}}"#, columns) == [0, 1, 2, 3, 5])
  }

  @Test("damaged columns are an error or a wrong answer, and never a fault")
  func damage() throws {
    let bytes = try Self.block(Self.metadata)
    var dice = Dice(state: 13)
    let filters = try [
      #"{"lang": {"$gte": "a"}, "year": {"$lt": 9}}"#, #"{"tags": {"$in": ["a", 7, null, true]}, "ok": {"$ne": true}}"#,
    ]
    .map { try Filter(JSON.parse($0)) }
    for round in 0..<3000 {
      var damaged = bytes
      if round % 5 == 0 { damaged.removeLast(dice.roll(damaged.count)) }
      for _ in 0..<(1 + dice.roll(3)) where !damaged.isEmpty {
        damaged[dice.roll(damaged.count)] = UInt8(dice.roll(256))
      }
      guard let columns = try? Columns(path: "memory", block: MemoryBytes(bytes: damaged)), columns.rows < 1 << 20
      else { continue }
      for filter in filters { _ = try? filter.rows(in: columns) }
    }
  }
}
