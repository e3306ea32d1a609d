// Tree to instructions. Bounded repetitions are unrolled, which keeps both machines free of counters; repetitions of one
// set stay a single instruction for the backtracker. Look-behind bodies are compiled to run towards the start.

struct RegexCompiler {
  let tree: RegexTree
  /// Write repeated sets as loops, for the machine that steps all threads together.
  let unrollsRuns: Bool
  private(set) var instructions: [RegexInstruction] = []
  private(set) var runs: [RegexProgram.Run] = []
  private(set) var choiceDepths: [Int32] = []
  private(set) var backreferences: [RegexProgram.Backreference] = []
  private(set) var sets: [RegexSet]
  /// The deepest nesting of loops whose body may match nothing.
  private(set) var loopDepth = 0
  private var depth = 0
  private var isBehind = false
  private var setsOfScalars: [UInt32: Int32] = [:]
  /// Nodes compiled so far, counted to bound repetitions of what compiles to nothing.
  private var visits = 0

  /// Instructions of a program at most.
  static let maximalSize = 200_000

  static func compile(_ tree: RegexTree, unrollsRuns: Bool) throws(RegularExpressionError) -> RegexProgram {
    var compiler = RegexCompiler(tree: tree, unrollsRuns: unrollsRuns, sets: tree.sets)
    compiler.emit(.save(0))
    try compiler.compile(tree.root, then: RegexFirstBytes.anything)
    compiler.emit(.save(1))
    compiler.emit(.match)
    return RegexProgram(compiler)
  }

  private init(tree: RegexTree, unrollsRuns: Bool, sets: [RegexSet]) {
    self.tree = tree
    self.unrollsRuns = unrollsRuns
    self.sets = sets
  }

  private var next: Int32 { Int32(instructions.count) }

  private mutating func emit(_ instruction: RegexInstruction) { instructions.append(instruction) }

  /// `follow` is what can come after the node, for leaving out choices that cannot help.
  private mutating func compile(_ node: RegexNode, then follow: RegexFirstBytes) throws(RegularExpressionError) {
    visits += 1
    guard instructions.count < Self.maximalSize, visits < 2 * Self.maximalSize else {
      throw .unsupported(offset: 0, message: "the pattern is too large (lower the bounds of its quantifiers)")
    }
    switch node {
    case .empty: break
    case .scalar(let value):
      emit(isBehind ? .scalarBehind(value) : value < 0x80 ? .byte(UInt8(value)) : .scalar(value))
    case .set(let index): emit(isBehind ? .setBehind(Int32(index)) : .set(Int32(index)))
    case .sequence(let parts): try compile(sequence: parts, then: follow)
    case .alternation(let parts): try compile(alternatives: parts, then: follow)
    case .group(let index, let body):
      let slots = (Int32(2 * index), Int32(2 * index + 1))
      emit(.save(isBehind ? slots.1 : slots.0))
      try compile(body, then: follow)
      emit(.save(isBehind ? slots.0 : slots.1))
    case .repetition(let body, let minimum, let maximum, let isGreedy, let captures):
      try compile(body, minimum, maximum, isGreedy: isGreedy, captures: captures, then: follow)
    case .assertion(let assertion): emit(.assertion(assertion))
    case .backreference(let groups, let ignoresCase): refer(to: groups, ignoresCase)
    case .namedBackreference(let name, let ignoresCase): refer(to: tree.names[name] ?? [], ignoresCase)
    case .look(let isBehind, let isNegative, let body):
      let look = instructions.count
      emit(.look(isNegative: isNegative, next: 0))
      let outer = self.isBehind
      self.isBehind = isBehind
      try compile(body, then: RegexFirstBytes.anything)
      self.isBehind = outer
      emit(.endLook)
      instructions[look] = .look(isNegative: isNegative, next: next)
    }
  }

  private mutating func compile(
    sequence parts: [RegexNode], then follow: RegexFirstBytes
  ) throws(RegularExpressionError) {
    if isBehind {
      for part in parts.reversed() { try compile(part, then: RegexFirstBytes.anything) }
      return
    }
    var follows = [follow]
    for part in parts.dropFirst().reversed() {
      follows.append(tree.firstBytes(of: part, then: follows[follows.count - 1]))
    }
    for (part, follow) in zip(parts, follows.reversed()) { try compile(part, then: follow) }
  }

  private mutating func compile(
    alternatives: [RegexNode], then follow: RegexFirstBytes
  ) throws(RegularExpressionError) {
    var exits: [Int] = []
    for (index, alternative) in alternatives.enumerated() {
      guard index < alternatives.count - 1 else {
        try compile(alternative, then: follow)
        break
      }
      let split = instructions.count
      let choice = addChoice()
      emit(.jump(0))
      try compile(alternative, then: follow)
      exits.append(instructions.count)
      emit(.jump(0))
      instructions[split] = .split(first: Int32(split + 1), second: next, choice: choice)
    }
    for exit in exits { instructions[exit] = .jump(next) }
  }

  private mutating func compile(
    _ body: RegexNode, _ minimum: Int, _ maximum: Int, isGreedy: Bool, captures: Range<Int>,
    then follow: RegexFirstBytes
  ) throws(RegularExpressionError) {
    if maximum == 0 { return }
    if !unrollsRuns, !isBehind, let set = set(of: body) {
      let first = tree.firstBytes(of: body)
      let kind: RegexProgram.Run.Kind = !isGreedy ? .lazy : first.isDisjoint(from: follow) ? .possessive : .greedy
      runs.append(.init(set: set, minimum: minimum, maximum: maximum, kind: kind, choice: addChoice()))
      emit(.run(Int32(runs.count - 1)))
      return
    }
    var again = follow
    if !isBehind { again.formUnion(tree.firstBytes(of: body, then: body.canBeEmpty ? .anything : follow)) }
    var remaining = minimum
    while remaining > 0 {
      clear(captures)
      try compile(body, then: again)
      remaining -= 1
    }
    let isChecked = body.canBeEmpty
    if maximum == .max {
      let split = instructions.count
      try compileIteration(body, isChecked: isChecked, captures: captures, then: again)
      emit(.jump(Int32(split)))
      patch(split, exit: next, isGreedy: isGreedy)
      return
    }
    var splits: [Int] = []
    for _ in 0..<maximum - minimum {
      splits.append(instructions.count)
      try compileIteration(body, isChecked: isChecked, captures: captures, then: again)
    }
    for split in splits { patch(split, exit: next, isGreedy: isGreedy) }
  }

  /// A choice to go on, and one optional iteration.
  private mutating func compileIteration(
    _ body: RegexNode, isChecked: Bool, captures: Range<Int>, then follow: RegexFirstBytes
  ) throws(RegularExpressionError) {
    emit(.split(first: 0, second: 0, choice: addChoice()))
    clear(captures)
    guard isChecked else { return try compile(body, then: follow) }
    emit(.enterLoop(Int32(depth)))
    depth += 1
    loopDepth = max(loopDepth, depth)
    try compile(body, then: follow)
    depth -= 1
    emit(.checkLoop(Int32(depth)))
  }

  private mutating func patch(_ split: Int, exit: Int32, isGreedy: Bool) {
    guard case .split(_, _, let choice) = instructions[split] else { return }
    let body = Int32(split + 1)
    instructions[split] = .split(first: isGreedy ? body : exit, second: isGreedy ? exit : body, choice: choice)
  }

  private mutating func clear(_ captures: Range<Int>) {
    if !captures.isEmpty {
      emit(.clear(first: Int32(2 * captures.lowerBound), end: Int32(2 * captures.upperBound)))
    }
  }

  private mutating func refer(to groups: [Int], _ ignoresCase: Bool) {
    backreferences.append(.init(groups: groups, ignoresCase: ignoresCase, isBehind: isBehind))
    emit(.backreference(Int32(backreferences.count - 1)))
  }

  private mutating func addChoice() -> Int32 {
    choiceDepths.append(Int32(depth))
    return Int32(choiceDepths.count - 1)
  }

  private mutating func set(of node: RegexNode) -> Int32? {
    switch node {
    case .set(let index): return Int32(index)
    case .scalar(let value):
      if let known = setsOfScalars[value] { return known }
      sets.append(RegexSet([value...value]))
      setsOfScalars[value] = Int32(sets.count - 1)
      return Int32(sets.count - 1)
    default: return nil
    }
  }
}
