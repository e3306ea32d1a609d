// Dates, times and durations (RFC 3339 §5.6 and appendix A). A leap second is one only at 23:59:60 UTC.

/// Reads a text from left to right.
struct FormatScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isDateTime: Bool {
    var scanner = self
    return scanner.date() && scanner.one(of: "Tt") && scanner.time() && scanner.isAtEnd
  }

  var isDate: Bool {
    var scanner = self
    return scanner.date() && scanner.isAtEnd
  }

  var isTime: Bool {
    var scanner = self
    return scanner.time() && scanner.isAtEnd
  }

  var isDuration: Bool {
    var scanner = self
    guard scanner.one(of: "P"), !scanner.isAtEnd else { return false }
    var week = scanner
    if week.number() != nil, week.one(of: "W"), week.isAtEnd { return true }
    guard scanner.run(of: ["Y", "M", "D"]) != nil else { return false }
    if scanner.isAtEnd { return true }
    guard scanner.one(of: "T"), let count = scanner.run(of: ["H", "M", "S"]) else { return false }
    return count > 0 && scanner.isAtEnd
  }

  /// Numbers with these units, in their order and without a gap; how many, nil when the text is wrong.
  private mutating func run(of units: [StaticString]) -> Int? {
    var next: Int?
    var count = 0
    while !isAtEnd, bytes[index].isDigit {
      guard number() != nil else { return nil }
      guard let place = units.indices.first(where: { one(of: units[$0]) }), next == nil || next == place else {
        return nil
      }
      next = place + 1
      count += 1
    }
    return count
  }

  private var isAtEnd: Bool { index == bytes.count }

  private mutating func one(of characters: StaticString) -> Bool {
    guard index < bytes.count else { return false }
    let byte = bytes[index]
    let isOne = characters.withUTF8Buffer { $0.contains(byte) }
    if isOne { index += 1 }
    return isOne
  }

  /// One digit or more.
  private mutating func number() -> Bool? {
    let start = index
    while index < bytes.count, bytes[index].isDigit { index += 1 }
    return index > start ? true : nil
  }

  private mutating func digits(_ count: Int) -> Int? {
    guard index + count <= bytes.count else { return nil }
    var value = 0
    for _ in 0..<count {
      guard bytes[index].isDigit else { return nil }
      value = value * 10 + Int(bytes[index] - 0x30)
      index += 1
    }
    return value
  }

  private mutating func date() -> Bool {
    guard let year = digits(4), one(of: "-"), let month = digits(2), one(of: "-"), let day = digits(2) else {
      return false
    }
    guard 1...12 ~= month else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return 1...days[month - 1] ~= day
  }

  private mutating func time() -> Bool {
    guard let hour = digits(2), one(of: ":"), let minute = digits(2), one(of: ":"), let second = digits(2) else {
      return false
    }
    guard hour < 24, minute < 60, second <= 60 else { return false }
    if one(of: "."), number() == nil { return false }
    var offset = 0
    if !one(of: "Zz") {
      let isNegative = one(of: "-")
      guard isNegative || one(of: "+") else { return false }
      guard let hours = digits(2), one(of: ":"), let minutes = digits(2), hours < 24, minutes < 60 else { return false }
      offset = (hours * 60 + minutes) * (isNegative ? -1 : 1)
    }
    return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439
  }
}
