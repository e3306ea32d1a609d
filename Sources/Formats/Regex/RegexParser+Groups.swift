// Everything that opens with a parenthesis: captures, names, modifiers, look-around.

extension RegexParser {
  /// Reads a group whose parenthesis has been taken.
  mutating func group(openedAt start: Int) throws(RegularExpressionError) -> RegexNode {
    guard take("?") else {
      tree.groupCount += 1
      return .group(index: tree.groupCount, try body(openedAt: start))
    }
    if take(":") { return try body(openedAt: start) }
    if take("=") { return try look(isBehind: false, isNegative: false, openedAt: start) }
    if take("!") { return try look(isBehind: false, isNegative: true, openedAt: start) }
    if take("<=") { return try look(isBehind: true, isNegative: false, openedAt: start) }
    if take("<!") { return try look(isBehind: true, isNegative: true, openedAt: start) }
    if take("<") {
      let nameStart = position
      let name = try groupName()
      guard takenNames.insert(name).inserted else {
        position = nameStart
        throw syntax("the group name '\(name)' is used twice")
      }
      tree.groupCount += 1
      let index = tree.groupCount
      tree.names[name, default: []].append(index)
      return .group(index: index, try body(openedAt: start))
    }
    position = start
    if let foreign = foreignGroup() { throw unsupported(foreign) }
    position = start + 2
    return try modified(openedAt: start)
  }

  private mutating func body(openedAt start: Int) throws(RegularExpressionError) -> RegexNode {
    let node = try disjunction()
    guard take(")") else {
      position = start
      throw syntax("the group is not closed (escape it as '\\(' if it is no group)")
    }
    return node
  }

  private mutating func look(
    isBehind: Bool, isNegative: Bool, openedAt start: Int
  ) throws(RegularExpressionError) -> RegexNode {
    tree.hasLook = true
    return .look(isBehind: isBehind, isNegative: isNegative, try body(openedAt: start))
  }

  /// `(?ims-ims:…)`, ECMA-262 2025.
  private mutating func modified(openedAt start: Int) throws(RegularExpressionError) -> RegexNode {
    let outer = flags
    var seen: RegularExpression.Flags = []
    var isAdding = true
    while !take(":") {
      let flag: RegularExpression.Flags
      switch character(at: position) {
      case "i": flag = .ignoreCase
      case "m": flag = .multiline
      case "s": flag = .dotAll
      case "-" where isAdding:
        isAdding = false
        position += 1
        continue
      case ")" where position > start + 2 && seen != []:
        position = start
        throw unsupported("inline flags need a group of their own (write '(?i:…)' around what they apply to)")
      case let other:
        position = start
        throw unsupported("'(?\(other.map { String($0) } ?? "")' is not a group of ECMAScript")
      }
      guard seen.insert(flag).inserted else { throw syntax("a flag is named twice") }
      if isAdding { flags.insert(flag) } else { flags.remove(flag) }
      position += 1
    }
    if seen == [] {
      position = start
      throw syntax("a modifier names no flag")
    }
    let node = try body(openedAt: start)
    flags = outer
    return node
  }

  /// A sentence on a group of another dialect that starts here.
  private mutating func foreignGroup() -> String? {
    if take("(?P<") { return "'(?P<name>' is Python's spelling (write '(?<name>')" }
    if take("(?P=") { return "'(?P=name)' is Python's spelling (write '\\k<name>')" }
    if take("(?>") { return "atomic groups are not ECMAScript" }
    if take("(?#") { return "comments are not ECMAScript" }
    if take("(?|") { return "branch reset groups are not ECMAScript" }
    if take("(?(") { return "conditional groups are not ECMAScript" }
    if take("(?R") || take("(?&") || take("(?P>") { return "recursion is not ECMAScript" }
    if take("(?'") { return "'(?'name'' is not ECMAScript (write '(?<name>')" }
    return nil
  }

  /// A name up to and with its `>`; letters as in identifiers, `\u` escapes allowed.
  mutating func groupName() throws(RegularExpressionError) -> String {
    let start = position
    var name = String.UnicodeScalarView()
    while !take(">") {
      guard var value = peek() else {
        position = start
        throw syntax("a group name is not closed by '>'")
      }
      position += 1
      if value == UInt32(ascii: "\\") {
        guard take("u") else { throw syntax("a group name holds an escape that is not '\\u'") }
        value = try unicodeEscape(startedAt: position - 2)
      }
      guard let scalar = Unicode.Scalar(value), isIdentifier(scalar, isFirst: name.isEmpty) else {
        position -= 1
        throw syntax("a group name holds a character that is no letter, digit, '_' or '$'")
      }
      name.append(scalar)
    }
    guard !name.isEmpty else { throw syntax("a group name is empty") }
    return String(name)
  }

  private func isIdentifier(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    if scalar == "$" || scalar == "_" { return true }
    if isFirst { return scalar.properties.isIDStart }
    return scalar.properties.isIDContinue || scalar.value == 0x200C || scalar.value == 0x200D
  }
}
