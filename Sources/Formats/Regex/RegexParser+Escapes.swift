// Escapes and classes. An escape means the same inside a class and outside, but for \b (backspace inside), \B and
// references (outside only).

extension RegexParser {
  /// What one escape stands for.
  enum Escape {
    case scalar(UInt32)
    case set(RegexSet)
  }

  /// Reads an escape outside a class whose backslash has been taken.
  mutating func atomEscape(startedAt start: Int) throws(RegularExpressionError) -> RegexNode {
    let ignoresCase = flags.contains(.ignoreCase)
    if take("b") { return .assertion(.wordBoundary(isNegative: false, ignoresCase: ignoresCase)) }
    if take("B") { return .assertion(.wordBoundary(isNegative: true, ignoresCase: ignoresCase)) }
    if take("k") {
      guard take("<") else { throw syntax("'\\k' names no group (write '\\k<name>')") }
      let name = try groupName()
      namedReferences.append((name, start))
      tree.hasBackreference = true
      return .namedBackreference(name, ignoresCase: ignoresCase)
    }
    if let next = peek(), (0x31...0x39).contains(next), let number = number() {
      if number > highestReference.number { highestReference = (number, start) }
      tree.hasBackreference = true
      return .backreference([number], ignoresCase: ignoresCase)
    }
    switch try escape(startedAt: start) {
    case .scalar(let value): return literal(value)
    case .set(let set): return add(set)
    }
  }

  private mutating func escape(startedAt start: Int) throws(RegularExpressionError) -> Escape {
    guard let next = character(at: position) else { throw syntax("the pattern ends in a backslash") }
    position += 1
    let ignoresCase = flags.contains(.ignoreCase)
    switch next {
    case "d": return .set(set(RegexSet.digits))
    case "D": return .set(set(RegexSet.complement(RegexSet.digits)))
    case "s": return .set(set(RegexSet.space))
    case "S": return .set(set(RegexSet.complement(RegexSet.space)))
    case "w": return .set(set(RegexSet.word(ignoresCase: ignoresCase)))
    case "W": return .set(set(RegexSet.complement(RegexSet.word(ignoresCase: ignoresCase))))
    case "p", "P": return .set(try property(isNegated: next == "P", startedAt: start))
    case "n": return .scalar(0x0A)
    case "t": return .scalar(0x09)
    case "r": return .scalar(0x0D)
    case "f": return .scalar(0x0C)
    case "v": return .scalar(0x0B)
    case "0":
      if let digit = peek(), (0x30...0x39).contains(digit) {
        position = start
        throw unsupported("octal escapes are not supported (write '\\xHH')")
      }
      return .scalar(0)
    case "c":
      guard let letter = peek(), (0x41...0x5A).contains(letter & ~0x20) else {
        throw syntax("'\\c' needs a letter")
      }
      position += 1
      return .scalar(letter & 0x1F)
    case "x":
      guard let value = hex(digits: 2) else { throw syntax("'\\x' needs two hexadecimal digits") }
      return .scalar(value)
    case "u": return .scalar(try unicodeEscape(startedAt: start))
    case "1"..."9":
      position = start
      throw unsupported("octal escapes are not supported (write '\\xHH')")
    default:
      if next.isASCII, !next.isLetter, next != "\r\n", let value = next.unicodeScalars.first?.value {
        return .scalar(value)
      }
      position = start
      throw unsupported(Self.foreignEscape(next))
    }
  }

  private func set(_ ranges: [ClosedRange<UInt32>]) -> RegexSet {
    var set = RegexSet(ranges)
    set.ignoresCase = flags.contains(.ignoreCase)
    return set
  }

  private static func foreignEscape(_ letter: Character) -> String {
    let hint =
      switch letter {
      case "A": " (write '^')"
      case "z", "Z": " (write '$')"
      case "a": " (write '\\x07')"
      case "e": " (write '\\x1B')"
      case "h": " (write '[ \\t]')"
      case "R": " (write '(?:\\r\\n|\\n|\\r)')"
      case "Q", "E", "G", "K", "X": " (it is of another dialect)"
      default: " (drop the backslash)"
      }
    return "the escape '\\\(letter)' is not ECMAScript\(hint)"
  }

  /// Reads what follows `\u`; two escapes that form a surrogate pair are one scalar.
  mutating func unicodeEscape(startedAt start: Int) throws(RegularExpressionError) -> UInt32 {
    if take("{") {
      var value: UInt32 = 0
      var digits = 0
      while let digit = hex(digits: 1) {
        value = value << 4 | digit
        digits += 1
        guard value <= 0x10FFFF else {
          position = start
          throw syntax("'\\u{…}' is above 10FFFF")
        }
      }
      guard digits > 0, take("}") else {
        position = start
        throw syntax("'\\u{' needs hexadecimal digits and a '}'")
      }
      return value
    }
    guard let high = hex(digits: 4) else {
      position = start
      throw syntax("'\\u' needs four hexadecimal digits")
    }
    guard (0xD800...0xDBFF).contains(high) else { return high }
    let next = position
    if take("\\u"), let low = hex(digits: 4), (0xDC00...0xDFFF).contains(low) {
      return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    position = next
    return high
  }

  private mutating func hex(digits: Int) -> UInt32? {
    guard position + digits <= source.count else { return nil }
    var value: UInt32 = 0
    for index in position..<position + digits {
      guard let digit = character(at: index)?.hexDigitValue, source[index] < 0x80 else { return nil }
      value = value << 4 | UInt32(digit)
    }
    position += digits
    return value
  }

  private mutating func property(isNegated: Bool, startedAt start: Int) throws(RegularExpressionError) -> RegexSet {
    guard take("{"), let close = source[position...].firstIndex(of: UInt32(ascii: "}")) else {
      position = start
      throw syntax("'\\p' needs a property in braces")
    }
    let text = String(String.UnicodeScalarView(source[position..<close].compactMap { Unicode.Scalar($0) }))
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let meaning = RegexProperty.named(String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil) else {
      position = start
      throw unsupported("'\(text)' is no Unicode property, category or script that is known here")
    }
    position = close + 1
    var set = RegexSet()
    switch meaning {
    case .test(let test): set.insert(test, negated: isNegated)
    case .ranges(let ranges): set.insert(isNegated ? RegexSet.complement(ranges) : ranges)
    }
    set.ignoresCase = flags.contains(.ignoreCase)
    return set
  }

  // MARK: Classes

  /// Reads a class whose bracket has been taken.
  mutating func characterClass(openedAt start: Int) throws(RegularExpressionError) -> RegexSet {
    var set = RegexSet()
    set.isNegated = take("^")
    set.ignoresCase = flags.contains(.ignoreCase)
    while !take("]") {
      let memberStart = position
      let first = try classMember(openedAt: start)
      // A hyphen is itself at either end of the class, and beside an escape that is a set.
      guard peek() == UInt32(ascii: "-"), position + 1 < source.count, source[position + 1] != UInt32(ascii: "]")
      else {
        set.insert(first)
        continue
      }
      position += 1
      let last = try classMember(openedAt: start)
      guard case .scalar(let low) = first, case .scalar(let high) = last else {
        set.insert(first)
        set.insert(.scalar(UInt32(ascii: "-")))
        set.insert(last)
        continue
      }
      guard low <= high else {
        position = memberStart
        throw syntax("the range of a class is out of order")
      }
      set.insert([low...high])
    }
    set.normalise()
    return set
  }

  private mutating func classMember(openedAt start: Int) throws(RegularExpressionError) -> Escape {
    guard let next = peek() else {
      position = start
      throw syntax("the class is not closed (escape it as '\\[' if it is no class)")
    }
    let memberStart = position
    position += 1
    guard next == UInt32(ascii: "\\") else { return .scalar(next) }
    return take("b") ? .scalar(0x08) : try escape(startedAt: memberStart)
  }
}

extension RegexSet {
  fileprivate mutating func insert(_ escape: RegexParser.Escape) {
    switch escape {
    case .scalar(let value): insert([value...value])
    case .set(let set): insert(set)
    }
  }
}
