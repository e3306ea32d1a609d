// Numbers compared and divided exactly, on their decimal text: a double knows neither 0.1 nor 18446744073709551615.
// Comparisons are decided by doubles where those differ (rounding keeps the order) and by digits where they do not.

/// A number as digits × 10^exponent, without zeros at either end of the digits; no digits for zero.
struct SchemaDecimal: Sendable, Equatable {
  var isNegative = false
  /// Values 0 to 9.
  var digits: [UInt8] = []
  var exponent = 0

  /// - Parameter text: a JSON number. Exponents beyond ±10^9 are cut to that.
  init(_ text: some Sequence<UInt8>) {
    var scale = 0
    var isFraction = false
    var isExponent = false
    var exponentIsNegative = false
    var written = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "-"): if isExponent { exponentIsNegative = true } else { isNegative = true }
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
      case 0x30...0x39:
        if isExponent {
          written = min(1_000_000_000, written * 10 + Int(byte - 0x30))
        } else {
          digits.append(byte - 0x30)
          if isFraction { scale += 1 }
        }
      default: break
      }
    }
    exponent = (exponentIsNegative ? -written : written) - scale
    while digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(zeros)
    if digits.isEmpty { (isNegative, exponent) = (false, 0) }
  }

  var isInteger: Bool { exponent >= 0 }

  static func < (left: SchemaDecimal, right: SchemaDecimal) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    return left.isNegative ? right.isSmallerInSize(than: left) : left.isSmallerInSize(than: right)
  }

  private func isSmallerInSize(than other: SchemaDecimal) -> Bool {
    if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
    let (size, otherSize) = (digits.count + exponent, other.digits.count + other.exponent)
    if size != otherSize { return size < otherSize }
    return digits.lexicographicallyPrecedes(other.digits)
  }

  /// Whether this is an integer times `divisor`; nil where that takes more than a few million steps to find out.
  func isMultiple(of divisor: SchemaDecimal) -> Bool? {
    if digits.isEmpty { return true }
    // Neither has zeros at its end: a divisor with the larger power of ten cannot divide.
    let zeros = exponent - divisor.exponent
    if zeros < 0 || divisor.digits.isEmpty { return false }
    if divisor.digits.count <= 18 { return remainder(zeros, divisor.digits.reduce(0) { $0 * 10 + UInt64($1) }) == 0 }
    guard digits.count + zeros < 4_000_000 / divisor.digits.count else { return nil }
    return longRemainder(zeros, divisor.digits).isEmpty
  }

  /// digits × 10^zeros mod `modulus`.
  private func remainder(_ zeros: Int, _ modulus: UInt64) -> UInt64 {
    func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
      modulus.dividingFullWidth(left.multipliedFullWidth(by: right)).remainder
    }
    var result = digits.reduce(UInt64(0)) { (product($0, 10 % modulus) + UInt64($1)) % modulus }
    var power = 10 % modulus
    var left = zeros
    while left > 0 {
      if left & 1 == 1 { result = product(result, power) }
      power = product(power, power)
      left >>= 1
    }
    return result
  }

  /// The same by long division, on digits without leading zeros.
  private func longRemainder(_ zeros: Int, _ modulus: [UInt8]) -> [UInt8] {
    func isAtLeast(_ value: [UInt8]) -> Bool {
      value.count != modulus.count ? value.count > modulus.count : !value.lexicographicallyPrecedes(modulus)
    }
    var rest: [UInt8] = []
    for index in 0..<digits.count + zeros {
      let digit = index < digits.count ? digits[index] : 0
      if !rest.isEmpty || digit != 0 { rest.append(digit) }
      while isAtLeast(rest) {
        var borrow: Int8 = 0
        for place in 1...rest.count {
          let taken = place <= modulus.count ? Int8(modulus[modulus.count - place]) : 0
          var value = Int8(rest[rest.count - place]) - taken - borrow
          borrow = value < 0 ? 1 : 0
          if value < 0 { value += 10 }
          rest[rest.count - place] = UInt8(value)
        }
        rest.removeFirst(rest.prefix { $0 == 0 }.count)
      }
    }
    return rest
  }
}

/// A number of a schema, ready for comparison.
struct SchemaBound: Sendable {
  let text: String
  let double: Double
  let decimal: SchemaDecimal

  init(_ text: String) {
    self.text = text
    double = Double(text) ?? .nan
    decimal = SchemaDecimal(text.utf8)
  }

  /// -1, 0 or 1 as a number is below, equal to or above this.
  func order(of text: UnsafeBufferPointer<UInt8>) -> Int {
    let value = SchemaNumber.double(text)
    if value.isFinite, double.isFinite, value != double { return value < double ? -1 : 1 }
    let exact = SchemaDecimal(text)
    return exact < decimal ? -1 : exact == decimal ? 0 : 1
  }
}

enum SchemaNumber {
  /// Powers of ten that a double holds exactly.
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// The nearest double. Short numbers take one exact multiplication or division, which rounds right.
  static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double {
    if text.count <= 16 {
      var mantissa = 0
      var scale = 0
      var isFraction = false
      var isPlain = true
      for byte in text {
        switch byte {
        case 0x30...0x39:
          mantissa = mantissa * 10 + Int(byte - 0x30)
          if isFraction { scale += 1 }
        case UInt8(ascii: "."): isFraction = true
        case UInt8(ascii: "-"): break
        default: isPlain = false
        }
      }
      if isPlain, scale <= 15, mantissa < 1 << 53 {
        let value = Double(mantissa) / powers[scale]
        return text.first == UInt8(ascii: "-") ? -value : value
      }
    }
    return Double(String(decoding: text, as: UTF8.self)) ?? .nan
  }

  /// Whether a number has no fractional part: `7`, also `7.0` and `70e-1`.
  static func isInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") } || SchemaDecimal(text).isInteger
  }
}
