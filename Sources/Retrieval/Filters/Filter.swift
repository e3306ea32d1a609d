// Filters in the JSON that MongoDB made common: `{"lang": "en", "year": {"$gte": 2020}}`. Read once, with the place of what
// is wrong; then evaluated for a segment on its columns, one set of rows for each test.
//
// Rules where tools differ: a list matches when any member does; `$ne` and `$nin` match rows without the field (MongoDB's
// rule; Pinecone's is the other); null equals null and a field that is absent; numbers compare with numbers and texts with
// texts, by their bytes, and never one with the other. A name with dots is a member of a member.

import Formats

/// A condition on the metadata of rows.
package struct Filter: Sendable {
  enum Relation: Sendable { case equal, less, atMost, greater, atLeast }

  enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
  }

  struct Test: Sendable {
    var value: Value
    var relation: Relation
  }

  indirect enum Node: Sendable {
    /// The field has a value for which one of the tests holds.
    case any(field: String, [Test])
    case exists(field: String)
    case all([Node])
    case either([Node])
    case not(Node)
  }

  let root: Node

  private static let operators = [
    "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$and", "$or", "$nor", "$not",
  ]
  /// Deeper filters are refused.
  static let maximumDepth = 64

  /// Reads a filter.
  ///
  /// - Throws: What is wrong and where, positions counted in the text that `json` was parsed from.
  package init(_ json: JSON) throws(FormatError) { root = try Filter.condition(json, depth: 0) }

  /// The rows of a segment that match.
  package func rows(in columns: Columns) throws(StoreError) -> RowBitmap {
    try Filter.evaluate(root, columns)
  }

  // MARK: Reading

  private static func condition(_ json: JSON, depth: Int) throws(FormatError) -> Node {
    guard json.kind == .object else {
      throw FormatError("a filter must be an object", hint: #"for example {"lang": "en"}"#, at: json.position)
    }
    try check(depth, json)
    var nodes: [Node] = []
    for (key, value) in json.members {
      switch key {
      case "$and": nodes.append(.all(try conditions(value, key, depth)))
      case "$or": nodes.append(.either(try conditions(value, key, depth)))
      case "$nor": nodes.append(.not(.either(try conditions(value, key, depth))))
      case "$not": nodes.append(.not(try condition(value, depth: depth + 1)))
      case _ where key.utf8.first == UInt8(ascii: "$"):
        if operators.contains(key) {
          throw FormatError(
            "'\(key)' without a field", hint: #"write {"field": {"\#(key)": …}}"#,
            at: json.keyPosition(key) ?? json.position)
        }
        throw unknown(key, json)
      default: nodes.append(try field(key, value, depth: depth + 1))
      }
    }
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  private static func conditions(_ json: JSON, _ key: String, _ depth: Int) throws(FormatError) -> [Node] {
    guard json.kind == .array, json.count > 0 else {
      throw FormatError("'\(key)' needs a list of filters", at: json.position)
    }
    var nodes: [Node] = []
    for element in json.elements { nodes.append(try condition(element, depth: depth + 1)) }
    return nodes
  }

  private static func field(_ name: String, _ json: JSON, depth: Int) throws(FormatError) -> Node {
    try check(depth, json)
    guard json.kind == .object else { return try equals(name, json) }
    var nodes: [Node] = []
    for (key, value) in json.members {
      switch key {
      case "$eq": nodes.append(try equals(name, value))
      case "$ne": nodes.append(.not(try equals(name, value)))
      case "$gt": nodes.append(try compared(name, key, value, .greater))
      case "$gte": nodes.append(try compared(name, key, value, .atLeast))
      case "$lt": nodes.append(try compared(name, key, value, .less))
      case "$lte": nodes.append(try compared(name, key, value, .atMost))
      case "$in": nodes.append(try among(name, key, value))
      case "$nin": nodes.append(.not(try among(name, key, value)))
      case "$exists":
        guard let flag = value.bool else { throw FormatError("'$exists' needs true or false", at: value.position) }
        nodes.append(flag ? .exists(field: name) : .not(.exists(field: name)))
      case "$not": nodes.append(.not(try field(name, value, depth: depth + 1)))
      case _ where key.utf8.first == UInt8(ascii: "$"): throw unknown(key, json)
      default:
        throw FormatError(
          "'\(key)' is no operator", hint: "for a member of '\(name)' write \"\(name).\(key)\"",
          at: json.keyPosition(key) ?? json.position)
      }
    }
    guard !nodes.isEmpty else {
      throw FormatError("'\(name)' has no operator", hint: #"for example {"$eq": 1}"#, at: json.position)
    }
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  private static func equals(_ name: String, _ json: JSON) throws(FormatError) -> Node {
    let value = try scalar(json)
    let node = Node.any(field: name, [Test(value: value, relation: .equal)])
    return value == .null ? .either([node, .not(.exists(field: name))]) : node
  }

  private static func compared(
    _ name: String, _ key: String, _ json: JSON, _ relation: Relation
  ) throws(FormatError) -> Node {
    guard json.kind == .number || json.kind == .string else {
      throw FormatError("'\(key)' compares with a number or a text", at: json.position)
    }
    return .any(field: name, [Test(value: try scalar(json), relation: relation)])
  }

  private static func among(_ name: String, _ key: String, _ json: JSON) throws(FormatError) -> Node {
    guard json.kind == .array else { throw FormatError("'\(key)' needs a list", at: json.position) }
    var tests: [Test] = []
    tests.reserveCapacity(json.count)
    var hasNull = false
    for element in json.elements {
      let value = try scalar(element)
      hasNull = hasNull || value == .null
      tests.append(Test(value: value, relation: .equal))
    }
    let node = Node.any(field: name, tests)
    return hasNull ? .either([node, .not(.exists(field: name))]) : node
  }

  private static func scalar(_ json: JSON) throws(FormatError) -> Value {
    switch json.kind {
    case .null: return .null
    case .bool: return .bool(json.bool ?? false)
    case .number: return .number(json.double ?? .infinity)
    case .string: return .text(json.string ?? "")
    case .array:
      throw FormatError(
        "a field is compared with one value", hint: #"for any of several write {"$in": […]}"#, at: json.position)
    case .object: throw FormatError("a field is compared with one value, not with an object", at: json.position)
    }
  }

  private static func unknown(_ key: String, _ json: JSON) -> FormatError {
    let near = EditDistance.suggestion(for: key, among: operators)
    return FormatError(
      "unknown operator '\(key)'",
      hint: near.map { "did you mean '\($0)'?" } ?? "there are \(operators.joined(separator: " "))",
      at: json.keyPosition(key) ?? json.position)
  }

  private static func check(_ depth: Int, _ json: JSON) throws(FormatError) {
    if depth > maximumDepth { throw FormatError("the filter is nested too deeply", at: json.position) }
  }

  // MARK: Evaluating

  private static func evaluate(_ node: Node, _ columns: Columns) throws(StoreError) -> RowBitmap {
    switch node {
    case .any(let field, let tests):
      guard let column = try columns.column(field) else { return RowBitmap(count: columns.rows) }
      var wanted = [Bool](repeating: false, count: column.count)
      for test in tests { for value in column.values(test) { wanted[value] = true } }
      return column.rows(with: wanted)
    case .exists(let field): return try columns.column(field)?.present() ?? RowBitmap(count: columns.rows)
    case .all(let nodes):
      var rows = RowBitmap(count: columns.rows, all: true)
      for node in nodes { rows.formIntersection(try evaluate(node, columns)) }
      return rows
    case .either(let nodes):
      var rows = RowBitmap(count: columns.rows)
      for node in nodes { rows.formUnion(try evaluate(node, columns)) }
      return rows
    case .not(let node):
      var rows = try evaluate(node, columns)
      rows.invert()
      return rows
    }
  }
}
