// What can be known of a pattern before it runs: whether a part can match nothing, which bytes it can begin with, which
// literal bytes it must begin with, whether it can only match at the start. All answers err on the safe side.

/// The first bytes that something may consume.
struct RegexFirstBytes: Sendable, Equatable {
  var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  /// It may succeed whatever byte is next.
  var isOpen = false
  /// It may succeed at the end of the input.
  var acceptsEnd = false

  static let anything = RegexFirstBytes(bits: (.max, .max, .max, .max), isOpen: true, acceptsEnd: true)

  static func == (a: Self, b: Self) -> Bool {
    a.bits == b.bits && a.isOpen == b.isOpen && a.acceptsEnd == b.acceptsEnd
  }

  mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: bits.0 |= bit
    case 1: bits.1 |= bit
    case 2: bits.2 |= bit
    default: bits.3 |= bit
    }
  }

  mutating func insertBeyondASCII() {
    bits.2 = .max
    bits.3 = .max
  }

  mutating func formUnion(_ other: Self) {
    bits = (bits.0 | other.bits.0, bits.1 | other.bits.1, bits.2 | other.bits.2, bits.3 | other.bits.3)
    isOpen = isOpen || other.isOpen
    acceptsEnd = acceptsEnd || other.acceptsEnd
  }

  /// Whether no byte can begin both; false when either is open.
  func isDisjoint(from other: Self) -> Bool {
    !isOpen && !other.isOpen
      && (bits.0 & other.bits.0 | bits.1 & other.bits.1 | bits.2 & other.bits.2 | bits.3 & other.bits.3) == 0
  }

  func contains(_ byte: UInt8) -> Bool {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: return bits.0 & bit != 0
    case 1: return bits.1 & bit != 0
    case 2: return bits.2 & bit != 0
    default: return bits.3 & bit != 0
    }
  }
}

extension RegexNode {
  /// Whether the node may match without consuming anything.
  var canBeEmpty: Bool {
    switch self {
    case .scalar, .set: return false
    case .empty, .assertion, .backreference, .namedBackreference, .look: return true
    case .sequence(let parts): return parts.allSatisfy { $0.canBeEmpty }
    case .alternation(let parts): return parts.contains { $0.canBeEmpty }
    case .group(_, let body): return body.canBeEmpty
    case .repetition(let body, let min, let max, _, _): return min == 0 || max == 0 || body.canBeEmpty
    }
  }

  /// Whether every match begins at offset 0.
  var isAnchored: Bool {
    switch self {
    case .assertion(.start): return true
    case .sequence(let parts): return parts.first?.isAnchored ?? false
    case .alternation(let parts): return parts.allSatisfy { $0.isAnchored }
    case .group(_, let body): return body.isAnchored
    case .repetition(let body, let min, _, _, _): return min > 0 && body.isAnchored
    default: return false
    }
  }

  /// Appends the literal bytes every match begins with; true when the whole node is that literal.
  func appendPrefix(to prefix: inout [UInt8]) -> Bool {
    switch self {
    case .empty: return true
    case .scalar(let value):
      // U+FFFD also stands for bytes that are no UTF-8, a surrogate for nothing.
      guard value != 0xFFFD, let scalar = Unicode.Scalar(value) else { return false }
      prefix += Array(String(Character(scalar)).utf8)
      return true
    case .sequence(let parts):
      for part in parts where !part.appendPrefix(to: &prefix) { return false }
      return true
    case .group(_, let body): return body.appendPrefix(to: &prefix)
    case .repetition(let body, let min, let max, _, _) where min > 0:
      return body.appendPrefix(to: &prefix) && min == 1 && max == 1
    default: return false
    }
  }
}

extension RegexTree {
  func firstBytes(of node: RegexNode) -> RegexFirstBytes {
    firstBytes(of: node, then: RegexFirstBytes.anything)
  }

  /// The first bytes of `node` followed by something that begins with `follow`.
  func firstBytes(of node: RegexNode, then follow: RegexFirstBytes) -> RegexFirstBytes {
    switch node {
    case .empty, .look: return follow
    case .scalar(let value): return firstBytes(of: value)
    case .set(let index): return setFirstBytes[index]
    case .sequence(let parts):
      return parts.reversed().reduce(follow) { firstBytes(of: $1, then: $0) }
    case .alternation(let parts):
      return parts.dropFirst().reduce(into: firstBytes(of: parts[0], then: follow)) {
        $0.formUnion(firstBytes(of: $1, then: follow))
      }
    case .group(_, let body): return firstBytes(of: body, then: follow)
    case .repetition(let body, let min, let max, _, _):
      if max == 0 { return follow }
      var first = firstBytes(of: body, then: body.canBeEmpty ? .anything : follow)
      if min == 0 { first.formUnion(follow) }
      return first
    case .assertion(.end):
      return RegexFirstBytes(acceptsEnd: true)
    case .assertion(.lineEnd):
      var first = RegexFirstBytes(acceptsEnd: true)
      for byte: UInt8 in [0x0A, 0x0D, 0xE2] { first.insert(byte) }
      return first
    case .assertion: return follow
    case .backreference, .namedBackreference: return .anything
    }
  }

  private func firstBytes(of value: UInt32) -> RegexFirstBytes {
    var first = RegexFirstBytes()
    if value == 0xFFFD {
      first.insertBeyondASCII()
    } else if let scalar = Unicode.Scalar(value), let byte = String(Character(scalar)).utf8.first {
      first.insert(byte)
    }
    return first
  }

  static func firstBytes(of set: RegexSet) -> RegexFirstBytes {
    var first = RegexFirstBytes()
    for byte: UInt8 in 0..<0x80 where set.contains(UInt32(byte)) { first.insert(byte) }
    if set.beyondASCII != .none { first.insertBeyondASCII() }
    return first
  }
}
