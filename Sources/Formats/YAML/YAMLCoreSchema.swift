// What a plain scalar means: the core schema of YAML 1.2.2 §10.3.2 and nothing from YAML 1.1 (`yes`, `1_000`, `0b1` and
// dates are text). Numbers are brought to JSON's form.

/// What a plain scalar is under the core schema.
enum YAMLCoreSchema: Equatable, Sendable {
  case null
  case bool(Bool)
  /// The number as JSON writes it; `nil` where it already stands so.
  case int(String?)
  case float(String?)
  /// `.inf`, negative or not.
  case infinity(isNegative: Bool)
  case notANumber
  case string

  /// The most hexadecimal or octal digits of a number, since their conversion is quadratic; with more it is text.
  static let maximumDigits = 1024

  @inline(__always)
  static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> YAMLCoreSchema {
    guard let first = text.first else { return .null }
    switch first {
    case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): return number(text)
    case UInt8(ascii: "~"): return text.count == 1 ? .null : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      return isWord(text, "null", "Null", "NULL") ? .null : .string
    case UInt8(ascii: "t"), UInt8(ascii: "T"):
      return isWord(text, "true", "True", "TRUE") ? .bool(true) : .string
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      return isWord(text, "false", "False", "FALSE") ? .bool(false) : .string
    default: return .string
    }
  }

  static func resolve(_ text: String) -> YAMLCoreSchema {
    var text = text
    return text.withUTF8 { resolve($0) }
  }

  private static func isWord(_ text: UnsafeBufferPointer<UInt8>, _ words: StaticString...) -> Bool {
    words.contains { word in
      word.utf8CodeUnitCount == text.count && (0..<text.count).allSatisfy { word.utf8Start[$0] == text[$0] }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(never)
  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> YAMLCoreSchema {
    let count = text.count
    if count > 2, text[0] == 0x30, text[1] == UInt8(ascii: "x") || text[1] == UInt8(ascii: "o") {
      return radixNumber(text, bits: text[1] == UInt8(ascii: "x") ? 4 : 3)
    }
    let isSigned = text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-")
    let isNegative = text[0] == UInt8(ascii: "-")
    let start = isSigned ? 1 : 0
    let rest = UnsafeBufferPointer(rebasing: text[start...])
    if isWord(rest, ".inf", ".Inf", ".INF") { return .infinity(isNegative: isNegative) }
    if !isSigned, isWord(rest, ".nan", ".NaN", ".NAN") { return .notANumber }

    var index = start
    while index < count, isDigit(text[index]) { index += 1 }
    let whole = start..<index
    var fraction = index..<index
    var hasPoint = false
    if index < count, text[index] == UInt8(ascii: ".") {
      hasPoint = true
      index += 1
      let first = index
      while index < count, isDigit(text[index]) { index += 1 }
      fraction = first..<index
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return .string }
    let exponent = index
    if index < count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") { index += 1 }
      guard index < count, isDigit(text[index]) else { return .string }
      while index < count, isDigit(text[index]) { index += 1 }
    }
    guard index == count else { return .string }

    let isInt = !hasPoint && exponent == count
    let leadsWithZero = whole.count > 1 && text[whole.lowerBound] == 0x30
    guard text[0] == UInt8(ascii: "+") || leadsWithZero || whole.isEmpty || hasPoint && fraction.isEmpty else {
      return isInt ? .int(nil) : .float(nil)
    }
    var digits = whole
    while digits.count > 1, text[digits.lowerBound] == 0x30 { digits = digits.lowerBound + 1..<digits.upperBound }
    func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    var output = isNegative ? "-" : ""
    output += digits.isEmpty ? "0" : string(digits)
    if hasPoint { output += "." + (fraction.isEmpty ? "0" : string(fraction)) }
    output += string(exponent..<count)
    return isInt ? .int(output) : .float(output)
  }

  /// `0x1F`, `0o17`.
  private static func radixNumber(_ text: UnsafeBufferPointer<UInt8>, bits: UInt32) -> YAMLCoreSchema {
    var value: UInt64 = 0
    // Decimal digits, least first, once the value is beyond 64 bits.
    var digits: [UInt8]?
    for byte in text.dropFirst(2) {
      guard let digit = JSONEscapes.hexadecimalDigit(byte), digit < 1 << bits else { return .string }
      if text.count - 2 > maximumDigits { continue }
      if digits == nil, value >> UInt64(64 - bits) == 0 {
        value = value << UInt64(bits) | UInt64(digit)
        continue
      }
      var carry = digit
      var decimal = digits ?? String(value).utf8.reversed().map { $0 - 0x30 }
      for index in decimal.indices {
        let sum = UInt32(decimal[index]) << bits + carry
        decimal[index] = UInt8(sum % 10)
        carry = sum / 10
      }
      while carry > 0 {
        decimal.append(UInt8(carry % 10))
        carry /= 10
      }
      digits = decimal
    }
    if text.count - 2 > maximumDigits { return .string }
    guard let digits else { return .int(String(value)) }
    return .int(String(decoding: digits.reversed().map { $0 + 0x30 }, as: UTF8.self))
  }
}
