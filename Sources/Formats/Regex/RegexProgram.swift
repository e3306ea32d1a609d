// A compiled pattern: instructions for both machines and their tables, in plain memory that never changes once made,
// so that the hot loops read it without reference counting.

enum RegexInstruction {
  case byte(UInt8)
  case scalar(UInt32)
  case set(Int32)
  case scalarBehind(UInt32)
  case setBehind(Int32)
  /// Goes on at `first`, and on failure at `second`; `choice` numbers the choice for the record of failures.
  case split(first: Int32, second: Int32, choice: Int32)
  case jump(Int32)
  case save(Int32)
  /// Forgets the capture slots of a range.
  case clear(first: Int32, end: Int32)
  /// Begins an iteration of a loop whose body may match nothing; the number is the depth among such loops.
  case enterLoop(Int32)
  /// Fails an iteration that consumed nothing (ECMA-262 RepeatMatcher, step 2.b).
  case checkLoop(Int32)
  case assertion(RegexAssertion)
  case backreference(Int32)
  /// The body follows and ends in `endLook`; after it the program goes on at `next`.
  case look(isNegative: Bool, next: Int32)
  case endLook
  /// A repeated set (``RegexProgram/Run``), in the backtracker's programs only.
  case run(Int32)
  case match

  /// Whether a thread waits here for the next scalar.
  var consumes: Bool {
    switch self {
    case .byte, .scalar, .set, .match: return true
    default: return false
    }
  }
}

final class RegexProgram: @unchecked Sendable {
  /// Repeats one set without an instruction per scalar.
  struct Run {
    let set: Int32
    let minimum: Int
    let maximum: Int
    let kind: Kind
    let choice: Int32

    /// `possessive`: what follows cannot begin with a scalar of the set, so giving back is of no use.
    enum Kind { case greedy, lazy, possessive }
  }

  struct Backreference {
    let groups: [Int]
    let ignoresCase: Bool
    let isBehind: Bool
  }

  let instructions: UnsafeBufferPointer<RegexInstruction>
  /// Two words per set: its ASCII members.
  let bitmaps: UnsafeBufferPointer<UInt64>
  /// Per set, what is known of its members beyond ASCII.
  let wide: UnsafeBufferPointer<RegexSet.Wide>
  let runs: UnsafeBufferPointer<Run>
  /// Per choice, how many loops with a possibly empty body stand around it.
  let choiceDepths: UnsafeBufferPointer<Int32>
  let sets: [RegexSet]
  let backreferences: [Backreference]
  /// Capture slots (two per group, the whole match first); the loops' start positions follow them.
  let captureSlots: Int
  let loopDepth: Int

  init(_ draft: RegexCompiler) {
    instructions = Self.copy(draft.instructions)
    runs = Self.copy(draft.runs)
    choiceDepths = Self.copy(draft.choiceDepths)
    sets = draft.sets
    backreferences = draft.backreferences
    captureSlots = 2 * (draft.tree.groupCount + 1)
    loopDepth = draft.loopDepth
    var bitmaps: [UInt64] = []
    for set in sets {
      var words: [UInt64] = [0, 0]
      for value: UInt32 in 0..<0x80 where set.contains(value) { words[Int(value >> 6)] |= 1 << UInt64(value & 63) }
      bitmaps += words
    }
    self.bitmaps = Self.copy(bitmaps)
    wide = Self.copy(sets.map { $0.beyondASCII })
  }

  deinit {
    instructions.deallocate()
    bitmaps.deallocate()
    wide.deallocate()
    runs.deallocate()
    choiceDepths.deallocate()
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
    let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
    return UnsafeBufferPointer(buffer)
  }

  /// The length of the scalar at `position` if it is in the set, else 0.
  @inline(__always)
  func length(of set: Int32, in text: RegexText, at position: Int) -> Int {
    let byte = text[position]
    if byte < 0x80 { return Int(truncatingIfNeeded: bitmaps[Int(set) * 2 + Int(byte >> 6)] >> UInt64(byte & 63) & 1) }
    return wideLength(of: set, in: text, at: position)
  }

  @inline(never)
  private func wideLength(of set: Int32, in text: RegexText, at position: Int) -> Int {
    let kind = wide[Int(set)]
    if kind == .none { return 0 }
    let scalar = text.scalar(at: position)
    return kind == .all || sets[Int(set)].contains(scalar.value) ? scalar.length : 0
  }

  /// Whether a decoded scalar is in the set.
  func contains(_ set: Int32, _ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return bitmaps[Int(set) * 2 + Int(scalar >> 6)] >> UInt64(scalar & 63) & 1 != 0 }
    return sets[Int(set)].contains(scalar)
  }
}

extension RegexAssertion {
  func holds(in text: RegexText, at position: Int) -> Bool {
    switch self {
    case .start: return position == 0
    case .end: return position == text.count
    case .lineStart: return position == 0 || Self.isLineTerminator(text.scalar(before: position).value)
    case .lineEnd: return position == text.count || Self.isLineTerminator(text.scalar(at: position).value)
    case .wordBoundary(let isNegative, let ignoresCase):
      let before = position > 0 && Self.isWord(text.scalar(before: position).value, ignoresCase)
      let after = position < text.count && Self.isWord(text.scalar(at: position).value, ignoresCase)
      return (before != after) != isNegative
    }
  }

  private static func isLineTerminator(_ value: UInt32) -> Bool {
    value == 0x0A || value == 0x0D || value == 0x2028 || value == 0x2029
  }

  private static func isWord(_ value: UInt32, _ ignoresCase: Bool) -> Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
    case 0x17F, 0x212A: return ignoresCase
    default: return false
    }
  }
}
