// Numbers as ECMAScript prints them (the form of RFC 8785 §3.2.2.3) and compared by value.

// For libm, which the conversion of doubles to Int calls.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum JSONNumber {
  /// The shortest text that reads back as `value`, in ECMAScript's form (Number::toString); `nil` where it is not finite.
  package static func text(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    if value == 0 { return "0" }
    // Swift's description holds the shortest digits that round-trip; only their layout differs.
    var digits: [UInt8] = []
    var exponent = 0
    var pointAt: Int?
    var text = Substring(value.magnitude.description)
    if let mark = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = text[..<mark]
    }
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
    }
    var point = (pointAt ?? digits.count) + exponent
    while let last = digits.last, last == 0x30, digits.count > 1 { digits.removeLast() }
    while let first = digits.first, first == 0x30, digits.count > 1 {
      digits.removeFirst()
      point -= 1
    }
    let all = String(decoding: digits, as: UTF8.self)
    let count = digits.count
    let unsigned: String
    if count <= point, point <= 21 {
      unsigned = all + String(repeating: "0", count: point - count)
    } else if point > 0, point <= 21 {
      unsigned = "\(all.prefix(point)).\(all.dropFirst(point))"
    } else if point > -6, point <= 0 {
      unsigned = "0." + String(repeating: "0", count: -point) + all
    } else {
      let power = point - 1
      let mantissa = count == 1 ? all : "\(all.prefix(1)).\(all.dropFirst())"
      unsigned = "\(mantissa)e\(power < 0 ? "-" : "+")\(power.magnitude)"
    }
    return value < 0 ? "-" + unsigned : unsigned
  }

  /// The canonical text of a JSON number: as ECMAScript prints its double, and as it stands where a double is no good
  /// copy of it: outside the range (`1e400`, `1e-400`), or an Int that doubles skip (`9007199254740993`).
  static func canonical(_ text: String) -> String {
    if let int = Int(text), Double(exactly: int) == nil { return text }
    guard let value = Double(text), value.isFinite, value != 0 || isZero(text) else { return text }
    return JSONNumber.text(value) ?? text
  }

  /// Whether two number texts have one canonical text.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    left == right || canonical(left) == canonical(right)
  }

  /// The Int that a number text means; `nil` where it has a fractional part or does not fit.
  static func int(_ text: String) -> Int? {
    if let exact = Int(text) { return exact }
    guard let value = Double(text), value.magnitude < 9_007_199_254_740_992, value != 0 || isZero(text) else {
      return nil
    }
    return Int(exactly: value)
  }

  /// Whether all digits before the exponent are zero.
  private static func isZero(_ text: String) -> Bool {
    text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }.allSatisfy { !(0x31...0x39 ~= $0) }
  }
}
