// Numbers as ECMAScript prints them (the form of RFC 8785 §3.2.2.3) and compared by value.

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

  /// Whether two number texts mean the same number, as far as a double tells; beyond its range, whether they are the
  /// same text.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    if let a = Int(left), let b = Int(right) { return a == b }
    guard let a = Double(left), let b = Double(right), a.isFinite, b.isFinite else { return false }
    return a == b
  }
}
