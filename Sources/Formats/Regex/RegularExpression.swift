// The door to regular expressions: a compiled pattern that searches UTF-8 bytes. Two machines stand behind it: a
// backtracker, quick on ordinary patterns, and a simulation of all paths in step that takes over where the former would
// go back too often. Patterns with look-around or back-references have the backtracker alone and a bound on its steps.

/// A regular expression with the meaning of ECMA-262 (2025) under the flag `u`, over Unicode scalars.
///
/// Beyond that grammar it accepts what JSON Schema files in the wild hold and what has one meaning only:
/// - a backslash before any ASCII punctuation or space stands for that character (`\-`, `\_`, `\@`, `\"`);
/// - `{`, `}` and `]` that belong to no quantifier or class stand for themselves (`^{.*}$`);
/// - a hyphen beside a set in a class stands for itself (`[\w-.]`).
///
/// Everything else outside the grammar is refused, other dialects by name. The flag `v` is not supported. Input bytes
/// that are no UTF-8 read as U+FFFD each. All offsets are UTF-8 byte offsets.
package struct RegularExpression: Sendable {
  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `i`: scalars match that have the same simple case folding.
    package static let ignoreCase = Flags(rawValue: 1)
    /// `m`: `^` and `$` also match at line terminators.
    package static let multiline = Flags(rawValue: 2)
    /// `s`: `.` also matches line terminators.
    package static let dotAll = Flags(rawValue: 4)
  }

  package let pattern: String
  package let flags: Flags
  /// Steps a search may take, plus 64 for each byte of its input; more is ``RegularExpressionError/stepLimit(_:)``.
  package let stepLimit: Int

  let tree: RegexTree
  let program: RegexProgram
  let start: RegexStart

  /// Compiles a pattern.
  ///
  /// - Throws: `syntax` or `unsupported`, with the place in the pattern.
  package init(
    _ pattern: String, flags: Flags = [], stepLimit: Int = 10_000_000
  ) throws(RegularExpressionError) {
    self.pattern = pattern
    self.flags = flags
    self.stepLimit = max(0, stepLimit)
    tree = try RegexParser.parse(pattern, flags: flags)
    program = try RegexCompiler.compile(tree, unrollsRuns: false)
    start = RegexStart(tree)
  }

  /// Capture groups, not counting the whole match.
  package var groupCount: Int { tree.groupCount }

  /// Names and the groups that bear them, several where a name is used in several alternatives.
  package var groupNames: [String: [Int]] { tree.names }

  /// Where a match and its groups lie, in UTF-8 byte offsets of the input.
  package struct Match: Sendable, Equatable {
    /// The whole match first, then each group; nil for a group that took no part.
    package let groups: [Range<Int>?]
    let names: [String: [Int]]

    package var range: Range<Int> { (groups.first ?? nil) ?? 0..<0 }

    /// The range of a named group; nil when there is no such name or it took no part.
    package subscript(name: String) -> Range<Int>? {
      names[name]?.lazy.compactMap { groups[$0] }.first
    }
  }
}

/// Where matches can begin, to pass over the rest of the input without running a machine.
struct RegexStart: Sendable {
  let isAnchored: Bool
  /// Literal bytes that every match begins with.
  let prefix: [UInt8]
  /// Bytes that a match can begin with; nil when it may be empty.
  let first: [Bool]?

  init(_ tree: RegexTree) {
    isAnchored = tree.root.isAnchored
    var prefix: [UInt8] = []
    if !isAnchored { _ = tree.root.appendPrefix(to: &prefix) }
    self.prefix = prefix
    let first = tree.firstBytes(of: tree.root)
    self.first = first.isOpen || first.acceptsEnd || isAnchored ? nil : (0...UInt8.max).map { first.contains($0) }
  }

  /// The first offset at or after `position` where a match can begin.
  func next(in text: RegexText, from position: Int) -> Int? {
    if isAnchored { return position == 0 ? 0 : nil }
    if !prefix.isEmpty { return text.firstIndex(of: prefix, from: position) }
    guard let first else { return position <= text.count ? position : nil }
    return first.withUnsafeBufferPointer { first in
      var position = position
      while position < text.count, !first[Int(text[position])] { position += 1 }
      return position < text.count ? position : nil
    }
  }
}
