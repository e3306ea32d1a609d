// Patterns for paths: `*`, `?`, `[a-z]`, `**` over folders, `{a,b}`. Matched as a small automaton over bytes, all states at
// once, so that no pattern takes longer than its length times that of the path; plain names and `*.txt` are compared
// directly, since almost all patterns are of these forms.

/// One pattern for paths relative to a folder, with `/` between their parts.
///
/// `*` and `?` do not match `/`; `**` between slashes matches any number of folders. A character outside of ASCII counts
/// as one for `?`; in brackets only ASCII is told apart.
package struct Glob: Sendable, Equatable {
  private enum Token: Sendable, Equatable {
    case byte(UInt8)
    /// One character other than `/`.
    case one
    /// Any bytes without `/`.
    case star
    /// Any bytes.
    case all
    /// Nothing, or any bytes up to and with a `/`.
    case folders
    case set([ClosedRange<UInt8>], isNegated: Bool)
  }

  private enum Form: Sendable, Equatable {
    case exact([UInt8])
    case suffix([UInt8])
    case tokens([Token])
  }

  private let form: Form

  /// Compiles a pattern without braces.
  package init(_ pattern: some Sequence<UInt8>) {
    let pattern = Array(pattern)
    let tokens = Glob.tokens(pattern)
    let bytes = tokens.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
    if bytes.count == tokens.count {
      form = .exact(bytes)
    } else if tokens.first == .star, bytes.count == tokens.count - 1, !bytes.contains(0x2F) {
      form = .suffix(bytes)
    } else {
      form = .tokens(tokens)
    }
  }

  /// All patterns that a pattern with braces stands for; at most 256.
  package static func expanding(_ pattern: String) -> [Glob] { alternatives(Array(pattern.utf8)).map { Glob($0) } }

  /// Whether a text holds a sign with a meaning in patterns.
  package static func isPattern(_ text: some Sequence<UInt8>) -> Bool {
    text.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B || $0 == 0x7B }
  }

  package func matches(_ path: some Collection<UInt8>) -> Bool {
    switch form {
    case .exact(let bytes): path.elementsEqual(bytes)
    case .suffix(let bytes):
      path.count >= bytes.count && path.suffix(bytes.count).elementsEqual(bytes)
        && !path.dropLast(bytes.count).contains(0x2F)
    case .tokens(let tokens): Glob.run(tokens, path)
    }
  }

  // MARK: Compiling

  /// `{a,b}` written out; nested braces too.
  static func alternatives(_ pattern: [UInt8]) -> [[UInt8]] {
    var results: [[UInt8]] = []
    var open = [pattern]
    while let next = open.popLast() {
      guard results.count + open.count < 256, let (range, parts) = firstBraces(next) else {
        results.append(next)
        continue
      }
      for part in parts.reversed() { open.append(Array(next[..<range.lowerBound]) + part + next[range.upperBound...]) }
    }
    return results
  }

  private static func firstBraces(_ pattern: [UInt8]) -> (Range<Int>, [ArraySlice<UInt8>])? {
    guard let start = pattern.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    var (depth, from) = (0, start + 1)
    var parts: [ArraySlice<UInt8>] = []
    for at in start..<pattern.count {
      switch pattern[at] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ",") where depth == 1:
        parts.append(pattern[from..<at])
        from = at + 1
      case UInt8(ascii: "}"):
        depth -= 1
        guard depth == 0 else { continue }
        return parts.isEmpty ? nil : (start..<(at + 1), parts + [pattern[from..<at]])
      default: break
      }
    }
    return nil
  }

  private static func tokens(_ pattern: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var at = 0
    while at < pattern.count {
      let byte = pattern[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\\") where at < pattern.count:
        tokens.append(.byte(pattern[at]))
        at += 1
      case UInt8(ascii: "?"): tokens.append(.one)
      case UInt8(ascii: "*"):
        let start = at - 1
        while at < pattern.count, pattern[at] == byte { at += 1 }
        let isBehindSlash = start == 0 || pattern[start - 1] == 0x2F
        if at - start >= 2, isBehindSlash, at == pattern.count {
          tokens.append(.all)
        } else if at - start >= 2, isBehindSlash, pattern[at] == 0x2F {
          tokens.append(.folders)
          at += 1
        } else {
          tokens.append(.star)
        }
      case UInt8(ascii: "["):
        if let (set, next) = set(pattern, at) {
          tokens.append(set)
          at = next
        } else {
          tokens.append(.byte(byte))
        }
      default: tokens.append(.byte(byte))
      }
    }
    return tokens
  }

  private static func set(_ pattern: [UInt8], _ start: Int) -> (Token, Int)? {
    var at = start
    var isNegated = false
    if at < pattern.count, pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^") {
      isNegated = true
      at += 1
    }
    var ranges: [ClosedRange<UInt8>] = []
    let first = at
    while at < pattern.count {
      if pattern[at] == UInt8(ascii: "]"), at > first { return (.set(ranges, isNegated: isNegated), at + 1) }
      if pattern[at] == UInt8(ascii: "\\"), at + 1 < pattern.count { at += 1 }
      let low = pattern[at]
      at += 1
      if at + 1 < pattern.count, pattern[at] == UInt8(ascii: "-"), pattern[at + 1] != UInt8(ascii: "]") {
        let high = pattern[at + 1]
        if low <= high { ranges.append(low...high) }
        at += 2
      } else {
        ranges.append(low...low)
      }
    }
    return nil
  }

  // MARK: Matching

  private static func run(_ tokens: [Token], _ path: some Collection<UInt8>) -> Bool {
    var states = [Bool](repeating: false, count: tokens.count + 1)
    var next = states
    enter(0, tokens, &states)
    for byte in path {
      for index in next.indices { next[index] = false }
      for index in tokens.indices where states[index] {
        let isContinuation = byte & 0xC0 == 0x80
        switch tokens[index] {
        case .byte(let wanted): if byte == wanted { enter(index + 1, tokens, &next) }
        case .one:
          guard byte != 0x2F, !isContinuation else { break }
          enter(index + 1, tokens, &next)
        case .star: if byte != 0x2F { enter(index, tokens, &next) }
        case .all: enter(index, tokens, &next)
        case .folders:
          next[index] = true
          if byte == 0x2F { enter(index + 1, tokens, &next) }
        case .set(let ranges, let isNegated):
          guard byte != 0x2F, !isContinuation else { break }
          if ranges.contains(where: { $0.contains(byte) }) != isNegated { enter(index + 1, tokens, &next) }
        }
      }
      // The rest of a character that `?` or a set took.
      if byte & 0xC0 == 0x80 {
        for index in states.indices where states[index] && index > 0 {
          switch tokens[index - 1] {
          case .one, .set: next[index] = true
          default: break
          }
        }
      }
      swap(&states, &next)
      guard states.contains(true) else { return false }
    }
    return states[tokens.count]
  }

  /// Sets a state and those that follow it without a byte.
  private static func enter(_ index: Int, _ tokens: [Token], _ states: inout [Bool]) {
    var index = index
    while !states[index] {
      states[index] = true
      guard index < tokens.count else { return }
      switch tokens[index] {
      case .star, .all, .folders: index += 1
      default: return
      }
    }
  }
}
