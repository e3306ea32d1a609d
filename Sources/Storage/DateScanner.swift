// Reads the parts of a fixed date format from left to right: exact numbers of digits and literal text, nothing skipped.

struct DateScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  /// Takes `text` when it comes next.
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  /// Takes exactly `count` digits.
  mutating func digits(_ count: Int) -> Int? {
    guard bytes.count - position >= count else { return nil }
    var value = 0
    for byte in bytes[position..<position + count] {
      guard let digit = digit(byte) else { return nil }
      value = value * 10 + digit
    }
    position += count
    return value
  }

  /// Takes all digits of a decimal fraction, at least one, and gives the milliseconds in it.
  mutating func fraction() -> Int? {
    var milliseconds = 0
    var unit = 100
    let start = position
    while position < bytes.count, let digit = digit(bytes[position]) {
      milliseconds += digit * unit
      unit /= 10
      position += 1
    }
    return position > start ? milliseconds : nil
  }

  /// Takes the first of `names` that comes next and gives its index.
  mutating func oneOf(_ names: [StaticString]) -> Int? {
    for (index, name) in names.enumerated() where take(name) { return index }
    return nil
  }

  private func digit(_ byte: UInt8) -> Int? {
    byte >= 0x30 && byte <= 0x39 ? Int(byte - 0x30) : nil
  }
}
