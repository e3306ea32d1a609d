// A parsed pattern. Flags are already resolved into it: scalars that have case under ignoreCase are sets, assertions say
// which lines they mean, so nothing below the parser knows of inline modifiers.

indirect enum RegexNode: Sendable {
  case empty
  case scalar(UInt32)
  /// One scalar of ``RegexTree/sets`` at this index.
  case set(Int)
  case sequence([RegexNode])
  case alternation([RegexNode])
  case group(index: Int, RegexNode)
  /// `captures` are the groups inside, which every iteration clears (ECMA-262 RepeatMatcher).
  case repetition(RegexNode, min: Int, max: Int, isGreedy: Bool, captures: Range<Int>)
  case assertion(RegexAssertion)
  /// Group numbers (several where a name is used in several alternatives).
  case backreference([Int], ignoresCase: Bool)
  case namedBackreference(String, ignoresCase: Bool)
  case look(isBehind: Bool, isNegative: Bool, RegexNode)
}

enum RegexAssertion: Sendable {
  case start, end, lineStart, lineEnd
  case wordBoundary(isNegative: Bool, ignoresCase: Bool)
}

struct RegexTree: Sendable {
  var root: RegexNode = .empty
  var sets: [RegexSet] = []
  /// Capture groups, not counting the whole match.
  var groupCount = 0
  var names: [String: [Int]] = [:]
  var hasBackreference = false
  var hasLook = false
  /// Per set, what it can begin with (filled in once all sets are known).
  var setFirstBytes: [RegexFirstBytes] = []

  /// Whether the whole pattern can be run in time proportional to pattern × input.
  var isLinear: Bool { !hasBackreference && !hasLook }
}
