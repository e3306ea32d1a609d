// Pattern text to tree, by recursive descent over ECMA-262's grammar with the u flag (§22.2.1). The leniencies are those
// listed at ``RegularExpression``; whatever belongs to another dialect is refused by its name with the way to write it.

struct RegexParser {
  let source: [UInt32]
  var position = 0
  var flags: RegularExpression.Flags
  var tree = RegexTree()
  var depth = 0
  /// Names that a further group may not use: those of this alternative and of everything around it.
  var takenNames: Set<String> = []
  /// Where the highest numbered back-reference stands, checked once all groups are known.
  var highestReference: (number: Int, offset: Int) = (0, 0)
  var namedReferences: [(name: String, offset: Int)] = []

  static let maximalDepth = 250
  static let maximalLength = 1 << 18

  static func parse(
    _ pattern: String, flags: RegularExpression.Flags
  ) throws(RegularExpressionError) -> RegexTree {
    var parser = RegexParser(source: pattern.unicodeScalars.map { $0.value }, flags: flags)
    guard parser.source.count <= maximalLength else {
      throw .unsupported(offset: 0, message: "the pattern is longer than \(maximalLength) characters")
    }
    parser.tree.root = try parser.disjunction()
    if parser.peek() == UInt32(ascii: ")") { throw parser.syntax("')' closes no group (escape it as '\\)')") }
    if parser.highestReference.number > parser.tree.groupCount {
      parser.position = parser.highestReference.offset
      throw parser.syntax("there is no group \(parser.highestReference.number)")
    }
    for reference in parser.namedReferences where parser.tree.names[reference.name] == nil {
      parser.position = reference.offset
      throw parser.syntax("there is no group named '\(reference.name)'")
    }
    parser.tree.setFirstBytes = parser.tree.sets.map { RegexTree.firstBytes(of: $0) }
    return parser.tree
  }

  // MARK: Structure

  mutating func disjunction() throws(RegularExpressionError) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximalDepth else { throw unsupported("groups are nested deeper than \(Self.maximalDepth)") }
    let outerNames = takenNames
    var allNames = takenNames
    var alternatives: [RegexNode] = []
    repeat {
      takenNames = outerNames
      alternatives.append(try alternative())
      allNames.formUnion(takenNames)
    } while take("|")
    takenNames = allNames
    if alternatives.count == 1 { return alternatives[0] }
    return union(of: alternatives) ?? .alternation(alternatives)
  }

  /// Alternatives of one scalar each are a set, and a set is run without going back.
  private mutating func union(of alternatives: [RegexNode]) -> RegexNode? {
    var union = RegexSet()
    for alternative in alternatives {
      switch alternative {
      case .scalar(let value): union.insert([value...value])
      case .set(let index) where !tree.sets[index].isNegated && !tree.sets[index].ignoresCase:
        union.insert(tree.sets[index])
      default: return nil
      }
    }
    union.normalise()
    return add(union)
  }

  private mutating func alternative() throws(RegularExpressionError) -> RegexNode {
    var terms: [RegexNode] = []
    while let next = peek(), next != UInt32(ascii: "|"), next != UInt32(ascii: ")") {
      terms.append(try term())
    }
    return terms.isEmpty ? .empty : terms.count == 1 ? terms[0] : .sequence(terms)
  }

  private mutating func term() throws(RegularExpressionError) -> RegexNode {
    let start = position
    let firstGroup = tree.groupCount + 1
    let atom: RegexNode
    switch character(at: position) {
    case "^":
      position += 1
      atom = .assertion(flags.contains(.multiline) ? .lineStart : .start)
    case "$":
      position += 1
      atom = .assertion(flags.contains(.multiline) ? .lineEnd : .end)
    case "(":
      position += 1
      atom = try group(openedAt: start)
    case ".":
      position += 1
      atom = add(
        RegexSet(flags.contains(.dotAll) ? [0...0x10FFFF] : RegexSet.complement(RegexSet.lineTerminators)))
    case "[":
      position += 1
      atom = add(try characterClass(openedAt: start))
    case "\\":
      position += 1
      atom = try atomEscape(startedAt: start)
    case "*", "+", "?":
      throw syntax("nothing to repeat (escape it as '\\\(character(at: position) ?? "*")')")
    case "{":
      if try bounds() != nil {
        position = start
        throw syntax("nothing to repeat (escape it as '\\{')")
      }
      position = start + 1
      atom = literal(UInt32(ascii: "{"))
    default:
      atom = literal(source[position])
      position += 1
    }
    // What the assertion is wrapped into may be repeated, hence the look at the text instead of the tree.
    var isAssertion = false
    switch atom {
    case .assertion, .look: isAssertion = !isPlainGroup(at: start)
    default: break
    }
    return try quantified(atom, isAssertion: isAssertion, captures: firstGroup..<tree.groupCount + 1)
  }

  private mutating func quantified(
    _ atom: RegexNode, isAssertion: Bool, captures: Range<Int>
  ) throws(RegularExpressionError) -> RegexNode {
    let start = position
    let minimum: Int
    let maximum: Int
    switch character(at: position) {
    case "*": (minimum, maximum) = (0, .max)
    case "+": (minimum, maximum) = (1, .max)
    case "?": (minimum, maximum) = (0, 1)
    case "{":
      guard let found = try bounds() else {
        position = start
        return atom
      }
      (minimum, maximum) = found
      position -= 1
    default: return atom
    }
    if isAssertion {
      position = start
      throw syntax("an assertion cannot be repeated (put it into a group)")
    }
    position += 1
    let isGreedy = !take("?")
    switch character(at: position) {
    case "+": throw unsupported("possessive quantifiers are not ECMAScript (drop the second '+')")
    case "*", "?": throw syntax("nothing to repeat (a quantifier follows a quantifier)")
    default: break
    }
    if minimum == 1, maximum == 1 { return atom }
    return .repetition(atom, min: minimum, max: maximum, isGreedy: isGreedy, captures: captures)
  }

  /// Whether a group without assertion of its own opens here: `(?:` or modifiers.
  private func isPlainGroup(at start: Int) -> Bool {
    guard character(at: start) == "(", character(at: start + 1) == "?", let kind = character(at: start + 2) else {
      return false
    }
    return ":ims-".contains(kind)
  }

  /// `{n}`, `{n,}` or `{n,m}` here, or nil when the brace is a literal one.
  private mutating func bounds() throws(RegularExpressionError) -> (Int, Int)? {
    let start = position
    position += 1
    if take(",") {
      let isPython = number() != nil && peek() == UInt32(ascii: "}")
      position = start
      if isPython { throw unsupported("'{,n}' is not ECMAScript (write '{0,n}')") }
      return nil
    }
    guard let minimum = number() else { return nil }
    var maximum = minimum
    if take(",") { maximum = number() ?? .max }
    guard take("}") else { return nil }
    guard minimum <= maximum else {
      position = start
      throw syntax("the bounds of a quantifier are out of order")
    }
    return (minimum, maximum)
  }

  // MARK: Reading

  func peek() -> UInt32? { position < source.count ? source[position] : nil }

  func character(at index: Int) -> Character? {
    index < source.count ? Unicode.Scalar(source[index]).map { Character($0) } : nil
  }

  mutating func take(_ text: StaticString) -> Bool {
    let end = position + text.utf8CodeUnitCount
    guard end <= source.count else { return false }
    for index in position..<end where source[index] != UInt32(text.utf8Start[index - position]) { return false }
    position = end
    return true
  }

  /// A decimal number, at most `Int32.max` whatever is written.
  mutating func number() -> Int? {
    var value: Int?
    while let next = peek(), (0x30...0x39).contains(next) {
      value = min((value ?? 0) * 10 + Int(next - 0x30), Int(Int32.max))
      position += 1
    }
    return value
  }

  // MARK: Making

  mutating func add(_ set: RegexSet) -> RegexNode {
    tree.sets.append(set)
    return .set(tree.sets.count - 1)
  }

  mutating func literal(_ value: UInt32) -> RegexNode {
    guard flags.contains(.ignoreCase) else { return .scalar(value) }
    let members = CaseOrbit.members(of: value)
    return members.count == 1 ? .scalar(value) : add(RegexSet(members.map { $0...$0 }))
  }

  /// An error at the present position.
  func syntax(_ message: String) -> RegularExpressionError {
    .syntax(offset: byteOffset(of: position), message: message)
  }

  func unsupported(_ message: String) -> RegularExpressionError {
    .unsupported(offset: byteOffset(of: position), message: message)
  }

  private func byteOffset(of index: Int) -> Int {
    source.prefix(index).reduce(0) { $0 + ($1 < 0x80 ? 1 : $1 < 0x800 ? 2 : $1 < 0x10000 ? 3 : 4) }
  }
}

extension UInt32 {
  init(ascii scalar: Unicode.Scalar) { self = scalar.value }
}
