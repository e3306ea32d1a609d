// Searching: from one possible start to the next with the backtracker, whose steps are limited by the input's length
// where the other machine can take over, and by the step bound alone where it cannot.

extension RegularExpression {
  /// The leftmost match that begins at or after an offset.
  ///
  /// - Parameter from: UTF-8 byte offset; assertions and look-behind see what lies before it.
  /// - Throws: `stepLimit`.
  package func firstMatch(
    in bytes: UnsafeBufferPointer<UInt8>, from: Int = 0
  ) throws(RegularExpressionError) -> Match? {
    var steps = budget(forBytes: bytes.count)
    return try search(RegexText(bytes), from: from, steps: &steps)
  }

  package func firstMatch(in bytes: [UInt8], from: Int = 0) throws(RegularExpressionError) -> Match? {
    try bytes.withUnsafeBufferPointer { (buffer) throws(RegularExpressionError) in
      try firstMatch(in: buffer, from: from)
    }
  }

  package func firstMatch(in text: String, from: Int = 0) throws(RegularExpressionError) -> Match? {
    var text = text
    // withUTF8 rethrows without the type of the error, hence the detour over a result.
    return try text.withUTF8 { buffer in
      Result { () throws(RegularExpressionError) in try firstMatch(in: buffer, from: from) }
    }.get()
  }

  /// Whether the pattern matches anywhere, as JSON Schema's `pattern` asks.
  ///
  /// - Throws: `stepLimit`.
  package func isMatch(_ text: String) throws(RegularExpressionError) -> Bool {
    try firstMatch(in: text) != nil
  }

  package func isMatch(_ bytes: [UInt8]) throws(RegularExpressionError) -> Bool {
    try firstMatch(in: bytes) != nil
  }

  /// All matches from left to right that do not overlap, found as they are asked for.
  package func matches(in bytes: [UInt8]) -> MatchIterator { MatchIterator(self, bytes) }

  package func matches(in text: String) -> MatchIterator { MatchIterator(self, Array(text.utf8)) }

  /// Gives one match after the other; one step bound holds for all of them together.
  package struct MatchIterator: Sendable {
    private let expression: RegularExpression
    private let bytes: [UInt8]
    private var position = 0
    private var steps: Int

    init(_ expression: RegularExpression, _ bytes: [UInt8]) {
      self.expression = expression
      self.bytes = bytes
      steps = expression.budget(forBytes: bytes.count)
    }

    /// The next match, nil after the last; after an empty match the search goes on one scalar further.
    package mutating func next() throws(RegularExpressionError) -> Match? {
      guard position <= bytes.count else { return nil }
      var steps = steps
      let (match, next) = try bytes.withUnsafeBufferPointer { (buffer) throws(RegularExpressionError) in
        let text = RegexText(buffer)
        let match = try expression.search(text, from: position, steps: &steps)
        return (match, match.map { Self.position(after: $0.range, in: text) } ?? .max)
      }
      self.steps = steps
      position = next
      return match
    }

    private static func position(after range: Range<Int>, in text: RegexText) -> Int {
      if !range.isEmpty { return range.upperBound }
      return range.upperBound + (range.upperBound < text.count ? text.scalar(at: range.upperBound).length : 1)
    }
  }
}

extension RegularExpression {
  func budget(forBytes count: Int) -> Int {
    let (extra, overflow) = count.multipliedReportingOverflow(by: 64)
    let (sum, overflowOfSum) = stepLimit.addingReportingOverflow(extra)
    return overflow || overflowOfSum ? .max : sum
  }

  func search(_ text: RegexText, from: Int, steps: inout Int) throws(RegularExpressionError) -> Match? {
    guard from >= 0, from <= text.count, let first = start.next(in: text, from: from) else { return nil }
    let allowance = tree.isLinear ? min(steps, 4096 + 8 * (text.count - first)) : steps
    var machine = RegexBacktracker(
      program, text, recordsFailures: tree.hasLook && !tree.hasBackreference, steps: allowance)
    var candidate: Int? = first
    while let position = candidate {
      switch machine.match(at: position) {
      case .matched:
        steps -= allowance - max(0, machine.remainingSteps)
        return match(machine.slots.prefix(program.captureSlots))
      case .failed:
        let next = position + (position < text.count ? text.scalar(at: position).length : 1)
        candidate = start.next(in: text, from: next)
      case .exhausted:
        steps -= allowance
        guard tree.isLinear else { throw .stepLimit(stepLimit) }
        return try searchInStep(text, from: position, steps: &steps)
      }
    }
    steps -= allowance - max(0, machine.remainingSteps)
    return nil
  }

  /// The second machine; its program is made here because few searches need it, and those are long.
  func searchInStep(
    _ text: RegexText, from: Int, steps: inout Int
  ) throws(RegularExpressionError) -> Match? {
    let program = try RegexCompiler.compile(tree, unrollsRuns: true)
    let states = program.instructions.count * (program.loopDepth + 1)
    steps -= states
    guard steps > 0, states <= RegexThreads.maximalStates else { throw .stepLimit(stepLimit) }
    var threads = RegexThreads(program, text, steps: steps)
    guard let isFound = threads.search(from: from, start) else { throw .stepLimit(stepLimit) }
    steps = threads.remainingSteps
    return isFound ? match(threads.best[...]) : nil
  }

  private func match(_ slots: some Sequence<Int>) -> Match {
    var groups: [Range<Int>?] = []
    groups.reserveCapacity(tree.groupCount + 1)
    var low: Int?
    for slot in slots {
      guard let start = low else {
        low = slot
        continue
      }
      groups.append(start >= 0 && slot >= start ? start..<slot : nil)
      low = nil
    }
    return Match(groups: groups, names: tree.names)
  }
}

extension RegexText {
  /// The first offset at or after `position` where these bytes stand.
  func firstIndex(of needle: [UInt8], from position: Int) -> Int? {
    UnsafeRawBufferPointer(bytes).firstOffset(of: needle, from: position)
  }
}
