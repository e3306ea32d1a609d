// Numbers as people read them: times, money, sizes.

package enum Figures {
  /// `0.4 s`, `12 s`, `3 min 20 s`.
  package static func seconds(_ value: Double) -> String {
    if value < 0.01 { return "\(Int((value * 1000).rounded())) ms" }
    if value < 10 { return "\(fixed(value, value < 1 ? 2 : 1)) s" }
    if value < 60 { return "\(Int(value.rounded())) s" }
    let whole = Int(min(value, 1e9).rounded())
    return "\(whole / 60) min \(whole % 60) s"
  }

  /// `$0.0012`: two digits that count, at least cents.
  package static func money(_ value: Double) -> String {
    if value == 0 { return "$0" }
    var digits = 2
    var scaled = value
    while scaled < 0.1, digits < 8 {
      scaled *= 10
      digits += 1
    }
    return "$" + fixed(value, digits)
  }

  /// `812 bytes`, `1.5 kB`, `23 MB`, in powers of 1000.
  package static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) bytes" }
    var value = Double(count) / 1000
    for unit in ["kB", "MB", "GB"] {
      if value < 1000 { return "\(fixed(value, value < 10 ? 1 : 0)) \(unit)" }
      value /= 1000
    }
    return "\(fixed(value, 1)) TB"
  }

  /// `value` with `digits` behind the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard value.magnitude < 1e15 / scale else { return String(value) }
    let all = Int((value.magnitude * scale).rounded())
    let sign = value < 0 && all != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(all) }
    let text = String(repeating: "0", count: max(0, digits + 1 - String(all).count)) + String(all)
    return "\(sign)\(text.dropLast(digits)).\(text.suffix(digits))"
  }

  /// `1 row`, `2 rows`.
  package static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }
}
