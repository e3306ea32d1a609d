// A set of scalars as a class writes it: ranges plus tests of Unicode properties. Properties are asked at match time,
// one scalar at a time, because listing a category's scalars would cost milliseconds at every compile.

struct RegexSet: Sendable {
  /// Sorted, disjoint and not adjacent after ``normalise()``.
  private(set) var ranges: [ClosedRange<UInt32>] = []
  private(set) var properties: [(test: RegexProperty, negated: Bool)] = []
  var isNegated = false
  /// Matches whatever has a member that folds to the same scalar (ECMA-262 CharacterSetMatcher).
  var ignoresCase = false

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    self.ranges = ranges
    normalise()
  }

  /// Adds ranges; call ``normalise()`` once all are in.
  mutating func insert(_ more: [ClosedRange<UInt32>]) { ranges += more }

  mutating func insert(_ test: RegexProperty, negated: Bool) { properties.append((test, negated)) }

  mutating func insert(_ other: RegexSet) {
    ranges += other.ranges
    properties += other.properties
  }

  mutating func normalise() {
    guard ranges.count > 1 else { return }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    var merged = [ranges[0]]
    for range in ranges.dropFirst() {
      let last = merged[merged.count - 1]
      if range.lowerBound <= last.upperBound &+ 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    ranges = merged
  }

  func contains(_ scalar: UInt32) -> Bool {
    let found = ignoresCase ? CaseOrbit.contains(of: scalar, where: holds) : holds(scalar)
    return found != isNegated
  }

  /// Whether any scalar outside ASCII may be in the set: none, all, or to be asked (`false` and `true` are exact).
  var beyondASCII: Wide {
    let top = ranges.last.map { $0.upperBound } ?? 0
    if properties.isEmpty, !ignoresCase, top < 0x80 { return isNegated ? .all : .none }
    if !isNegated, ranges.contains(where: { $0.lowerBound <= 0x80 && $0.upperBound >= 0x10FFFF }) { return .all }
    return .some
  }

  enum Wide: UInt8, Sendable { case none, all, some }

  private func holds(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    if low < ranges.count, ranges[low].lowerBound <= scalar { return true }
    return properties.contains { $0.test.holds(scalar) != $0.negated }
  }
}

extension RegexSet {
  static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  /// ECMA-262 WhiteSpace and LineTerminator.
  static let space: [ClosedRange<UInt32>] = [
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ]
  static let lineTerminators: [ClosedRange<UInt32>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]

  /// ECMA-262 WordCharacters: without regard to case the long s and the Kelvin sign fold to word characters.
  static func word(ignoresCase: Bool) -> [ClosedRange<UInt32>] {
    let ascii: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    return ignoresCase ? ascii + [0x17F...0x17F, 0x212A...0x212A] : ascii
  }

  /// All code points outside `ranges`, which are sorted and disjoint.
  static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }
}
