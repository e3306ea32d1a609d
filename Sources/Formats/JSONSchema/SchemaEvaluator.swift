// Evaluation: one walk of nodes over the value's tape. In the quick mode it stops at the first failure and makes no
// words; in the collecting mode it goes on to the bound of errors. Which members and elements were looked at is noted
// only where an `unevaluated…` keyword asks for it.

struct SchemaEvaluator {
  let program: SchemaProgram
  let document: JSONDocument
  /// The value under evaluation, which paths start from.
  private var root = 0
  var collects: Bool
  var violations: [SchemaViolation] = []
  /// How many violations are wanted.
  var wanted: Int
  var steps: Int
  let stepLimit: Int
  /// Nothing further is looked at: enough violations, or a bound was reached.
  var isStopped = false
  /// The bound that was reached.
  var bound: SchemaViolation?
  private var depth = 0
  /// Unions being explained.
  var explanations = 0
  /// Resources entered, outermost first.
  private var scope: [Int] = []
  /// For strings with escapes, decoded.
  var scratch: [UInt8] = []

  init(_ program: SchemaProgram, _ document: JSONDocument, _ options: JSONSchema.Options, collects: Bool) {
    self.program = program
    self.document = document
    self.collects = collects
    wanted = options.maximumErrors
    stepLimit = options.stepLimit &+ 64 &* document.nodes.count
    steps = stepLimit
  }

  mutating func isValid(_ value: Int, node: Int = 0) -> Bool {
    var seen = SchemaEvaluated()
    root = value
    return check(node, value, &seen) && bound == nil
  }

  mutating func violations(of value: Int) -> [SchemaViolation] {
    var seen = SchemaEvaluated()
    root = value
    let holds = check(0, value, &seen)
    if let bound { return Array(violations.prefix(wanted - 1)) + [bound] }
    if violations.isEmpty, !holds {
      // Never without a word: a failure is a failure.
      report(program.nodes[0], "", value, "does not fit its schema")
    }
    return violations
  }

  /// Whether evaluation goes on after a failure.
  var goesOn: Bool { collects && !isStopped }

  mutating func check(_ number: Int, _ value: Int, _ seen: inout SchemaEvaluated) -> Bool {
    steps -= 1
    var node = program.nodes[number]
    if let alias = node.alias { node = program.nodes[alias] }
    guard steps > 0, depth < SchemaBounds.evaluations else { return stop(node, value) }
    if let always = node.always {
      return always || fail(node, "", value, "must not be there: its schema is false")
    }
    depth += 1
    let enters = scope.last != node.resource
    if enters { scope.append(node.resource) }
    let holds: Bool
    if node.hasUnevaluated {
      var own = SchemaEvaluated(for: document.nodes[value])
      holds = apply(node, value, &own) && unevaluated(node, value, &own)
      if holds { seen.formUnion(own) }
    } else {
      holds = apply(node, value, &seen)
    }
    if enters { scope.removeLast() }
    depth -= 1
    return holds && !isStoppedByBound
  }

  private var isStoppedByBound: Bool { bound != nil }

  /// A check of another place in the value: what it looked at there is nobody's concern.
  mutating func checkElsewhere(_ number: Int, _ value: Int) -> Bool {
    var seen = SchemaEvaluated()
    return check(number, value, &seen)
  }

  /// A check whose failure is no violation.
  mutating func test(_ number: Int, _ value: Int, _ seen: inout SchemaEvaluated) -> Bool {
    let kept = collects
    collects = false
    defer { collects = kept }
    return check(number, value, &seen)
  }

  private mutating func apply(_ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated) -> Bool {
    let kind = document.nodes[value].kind
    var holds = true
    if node.types != .any, !isOfType(node.types, value) {
      return failType(node, value)
    }
    for values in node.values where !isAmong(values, value) {
      holds = failChoice(node, values, value)
      if !goesOn { return false }
    }
    switch kind {
    case .number:
      if let number = node.number, !check(number, node, value) { holds = false }
    case .string:
      if let string = node.string, !check(string, node, value) { holds = false }
    case .array:
      if let array = node.array, !check(array, node, value, &seen) { holds = false }
    case .object:
      if let object = node.object, !check(object, node, value, &seen) { holds = false }
    default: break
    }
    if !holds, !goesOn { return false }
    if let applicators = node.applicators, !check(applicators, node, value, &seen) { holds = false }
    return holds
  }

  @inline(never)
  private mutating func failType(_ node: SchemaNode, _ value: Int) -> Bool {
    failGot(node, "type", value, "must be \(SchemaWords.types(node.types))")
  }

  /// The node that a dynamic reference means here: the outermost resource with its anchor has the say.
  func dynamicTarget(_ reference: (initial: Int, anchor: Int?)) -> Int {
    guard let anchor = reference.anchor else { return reference.initial }
    let targets = program.dynamicAnchors[anchor]
    for resource in scope { if let target = targets[resource] { return target } }
    return reference.initial
  }

  private func isOfType(_ types: SchemaTypes, _ value: Int) -> Bool {
    switch document.nodes[value].kind {
    case .null: return types.contains(.null)
    case .true_, .false_: return types.contains(.boolean)
    case .string: return types.contains(.string)
    case .array: return types.contains(.array)
    case .object: return types.contains(.object)
    case .number:
      if types.contains(.fraction) { return true }
      return types.contains(.integer) && document.withRawText(value) { SchemaNumber.isInteger($0) }
    }
  }
}

extension SchemaEvaluator {
  /// Notes a violation where they are collected; always false.
  mutating func fail(
    _ node: SchemaNode, _ keyword: String, _ value: Int, at place: Int? = nil, _ message: @autoclosure () -> String
  ) -> Bool {
    if goesOn { report(node, keyword, value, at: place, message()) }
    return false
  }

  /// The same; the value is shown behind the message.
  mutating func failGot(
    _ node: SchemaNode, _ keyword: String, _ value: Int, _ message: @autoclosure () -> String
  ) -> Bool {
    guard goesOn else { return false }
    report(node, keyword, value, "\(message()), got \(SchemaWords.value(JSON(document: document, index: value)))")
    return false
  }

  mutating func report(_ node: SchemaNode, _ keyword: String, _ value: Int, at place: Int? = nil, _ message: String) {
    violations.append(violation(node, keyword, value, at: place, message))
    if violations.count >= wanted { isStopped = true }
  }

  /// - Parameters:
  ///   - value: the node of the value that the path names.
  ///   - place: the node whose position is told, where that is another.
  func violation(
    _ node: SchemaNode, _ keyword: String, _ value: Int, at place: Int? = nil, _ message: String
  ) -> SchemaViolation {
    SchemaViolation(
      instancePath: path(value), schemaPath: program.path(of: node, keyword: keyword),
      keyword: keyword, message: message,
      position: JSON(document: document, index: place ?? value).sourcePosition)
  }

  func path(_ value: Int) -> String { document.pointer(to: value, from: root) }

  /// A bound is reached: the value does not pass, whatever else there is.
  mutating func stop(_ node: SchemaNode, _ value: Int, _ message: String? = nil) -> Bool {
    isStopped = true
    if bound == nil {
      let words =
        steps <= 0
        ? "takes more than \(stepLimit) steps to check" : "takes schemas nested deeper than \(SchemaBounds.evaluations)"
      bound = violation(node, "", value, message ?? words)
    }
    return false
  }

  /// A value that is fit for evaluation: not too deep, and no key twice (of repeated keys the last is kept).
  static func prepared(_ value: JSON) -> JSON? {
    guard value.document.isWithinDepth(SchemaBounds.depth, from: value.index) else { return nil }
    if value.document.keysAreUnique || !value.document.hasRepeatedKeys(from: value.index) { return value }
    return value.withoutRepeatedKeys
  }
}

/// Which members or elements of one value were looked at, by their ordinal. Costs nothing unless it is asked for.
struct SchemaEvaluated {
  private(set) var isActive = false
  private var isAll = false
  private var words: [UInt64] = []

  init() {}

  init(for node: JSONNode) {
    guard node.isContainer else { return }
    isActive = true
    words = [UInt64](repeating: 0, count: (Int(node.length) + 63) / 64)
  }

  /// A set for the same value, empty.
  func empty() -> SchemaEvaluated {
    guard isActive else { return self }
    var other = self
    other.isAll = false
    for index in other.words.indices { other.words[index] = 0 }
    return other
  }

  mutating func insert(_ ordinal: Int) {
    if isActive { words[ordinal >> 6] |= 1 << UInt64(ordinal & 63) }
  }

  mutating func insertAll() { isAll = isActive }

  mutating func formUnion(_ other: SchemaEvaluated) {
    guard isActive, other.isActive else { return }
    isAll = isAll || other.isAll
    for index in words.indices { words[index] |= other.words[index] }
  }

  func contains(_ ordinal: Int) -> Bool { isAll || words[ordinal >> 6] >> UInt64(ordinal & 63) & 1 == 1 }
}
