// The first machine: tries one path at a time in ECMAScript's order of priority, with a stack of its own instead of
// recursion. Fast where there is little to go back to; its steps are bounded, and who calls it decides what follows
// when they are used up. With look-around (and no back-references) it records failed choices, since a choice that failed
// at a position fails there always.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct RegexBacktracker: ~Copyable {
  enum Outcome { case matched, failed, exhausted }

  private struct Frame {
    enum Kind: UInt8 { case alternative, slot, giveBack, takeMore, look, failure }
    var kind: Kind
    /// An instruction, or a slot.
    var target: Int32
    var a: Int
    var b: Int
  }

  let program: RegexProgram
  let text: RegexText
  /// Captures (two per group, -1 for none), then the loops' start positions.
  let slots: UnsafeMutableBufferPointer<Int>
  /// Steps that may still be taken.
  var remainingSteps: Int
  private var frames: UnsafeMutablePointer<Frame>
  private var frameCount = 0
  private var frameCapacity = 64
  /// Where the frame of the innermost open look-around lies, or -1.
  private var openLook = -1
  /// Failed choices by position, made when the search turns out to be long; empty where they cannot be recorded.
  private var failures: UnsafeMutablePointer<UInt64>?
  private let recordsFailures: Bool
  private var stepsUntilRecord = 4096

  private static let maximalFrames = 1 << 20
  /// Bits of the record at most (32 MB, touched only where used).
  private static let maximalRecord = 1 << 28

  init(_ program: RegexProgram, _ text: RegexText, recordsFailures: Bool, steps: Int) {
    self.program = program
    self.text = text
    let bits = Double(program.choiceDepths.count * (program.loopDepth + 1)) * Double(text.count + 1)
    self.recordsFailures = recordsFailures && bits < Double(Self.maximalRecord)
    remainingSteps = steps
    slots = .allocate(capacity: program.captureSlots + program.loopDepth)
    slots.initialize(repeating: -1)
    frames = .allocate(capacity: frameCapacity)
  }

  deinit {
    slots.deallocate()
    frames.deallocate()
    free(failures)
  }

  /// Looks for a match that begins at `start`; leaves its captures in ``slots``.
  mutating func match(at start: Int) -> Outcome {
    slots.update(repeating: -1)
    remainingSteps -= slots.count >> 3
    frameCount = 0
    openLook = -1
    let code = program.instructions
    var pc = 0
    var position = start
    while true {
      remainingSteps -= 1
      if remainingSteps < 0 || frameCount > Self.maximalFrames { return .exhausted }
      let succeeded: Bool
      switch code[pc] {
      case .byte(let byte):
        succeeded = position < text.count && text[position] == byte
        position += 1
        pc += 1
      case .set(let set):
        let length = position < text.count ? program.length(of: set, in: text, at: position) : 0
        succeeded = length > 0
        position += length
        pc += 1
      case .run(let index):
        succeeded = run(program.runs[Int(index)], &pc, &position)
      case .split(let first, let second, let choice):
        succeeded = !hasFailed(choice, at: position)
        if succeeded { push(.alternative, second, position, 0) }
        pc = Int(first)
      case .jump(let target):
        succeeded = true
        pc = Int(target)
      case .save(let slot):
        succeeded = true
        set(slot, to: position)
        pc += 1
      case .match: return .matched
      case .assertion(let assertion):
        succeeded = assertion.holds(in: text, at: position)
        pc += 1
      case .scalar(let value):
        succeeded = step(over: value, &position)
        pc += 1
      case .clear(let first, let end):
        succeeded = true
        remainingSteps -= Int(end - first) >> 3
        for slot in first..<end where slots[Int(slot)] != -1 { set(slot, to: -1) }
        pc += 1
      case .enterLoop(let depth):
        succeeded = true
        set(Int32(program.captureSlots) + depth, to: position)
        pc += 1
      case .checkLoop(let depth):
        succeeded = slots[program.captureSlots + Int(depth)] != position
        pc += 1
      case .scalarBehind, .setBehind:
        succeeded = stepBack(code[pc], &position)
        pc += 1
      case .backreference(let index):
        succeeded = refer(program.backreferences[Int(index)], &position)
        pc += 1
      case .look:
        succeeded = true
        push(.look, Int32(pc), position, openLook)
        openLook = frameCount - 1
        pc += 1
      case .endLook:
        succeeded = closeLook(&pc, &position)
      }
      if !succeeded, !goBack(&pc, &position) { return remainingSteps < 0 ? .exhausted : .failed }
    }
  }

  // MARK: Single steps

  private func step(over value: UInt32, _ position: inout Int) -> Bool {
    guard position < text.count else { return false }
    let scalar = text.scalar(at: position)
    position += scalar.length
    return scalar.value == value
  }

  private func stepBack(_ instruction: RegexInstruction, _ position: inout Int) -> Bool {
    guard position > 0 else { return false }
    let scalar = text.scalar(before: position)
    position -= scalar.length
    switch instruction {
    case .scalarBehind(let value): return scalar.value == value
    case .setBehind(let set): return program.contains(set, scalar.value)
    default: return false
    }
  }

  /// A group that has not matched matches nothing, successfully (ECMA-262 BackreferenceMatcher).
  private mutating func refer(_ reference: RegexProgram.Backreference, _ position: inout Int) -> Bool {
    guard let group = reference.groups.first(where: { slots[2 * $0] >= 0 && slots[2 * $0 + 1] >= 0 }) else {
      return true
    }
    let start = slots[2 * group]
    let end = slots[2 * group + 1]
    remainingSteps -= (end - start) >> 2
    var there = reference.isBehind ? end : start
    while there != (reference.isBehind ? start : end) {
      guard reference.isBehind ? position > 0 : position < text.count else { return false }
      let own = reference.isBehind ? text.scalar(before: position) : text.scalar(at: position)
      let other = reference.isBehind ? text.scalar(before: there) : text.scalar(at: there)
      let isEqual = reference.ignoresCase ? CaseOrbit.areEqual(own.value, other.value) : own.value == other.value
      guard isEqual else { return false }
      position += reference.isBehind ? -own.length : own.length
      there += reference.isBehind ? -other.length : other.length
    }
    return true
  }

  // MARK: Runs

  /// Repeats a set as often as its kind wants and leaves a frame for the other counts.
  @inline(__always)
  private mutating func run(_ run: RegexProgram.Run, _ pc: inout Int, _ position: inout Int) -> Bool {
    let start = position
    guard advance(run.set, exactly: run.minimum, &position) else { return false }
    let least = position
    if run.kind == .lazy {
      if run.maximum > run.minimum { push(.takeMore, Int32(pc), position, run.maximum - run.minimum) }
    } else {
      advance(run.set, atMost: run.maximum - run.minimum, &position)
      if run.kind == .greedy, position > least { push(.giveBack, Int32(pc), least, position) }
    }
    remainingSteps -= (position - start) >> 2
    if run.kind != .possessive, hasFailed(run.choice, at: position) { return false }
    pc += 1
    return true
  }

  @inline(__always)
  private func advance(_ set: Int32, exactly count: Int, _ position: inout Int) -> Bool {
    var remaining = count
    while remaining > 0 {
      guard position < text.count else { return false }
      let length = program.length(of: set, in: text, at: position)
      if length == 0 { return false }
      position += length
      remaining -= 1
    }
    return true
  }

  @inline(__always)
  private func advance(_ set: Int32, atMost count: Int, _ position: inout Int) {
    var remaining = count
    let low = program.bitmaps[Int(set) * 2]
    let high = program.bitmaps[Int(set) * 2 + 1]
    while remaining > 0, position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        if (byte < 0x40 ? low : high) >> UInt64(byte & 63) & 1 == 0 { return }
        position += 1
      } else {
        let length = program.length(of: set, in: text, at: position)
        if length == 0 { return }
        position += length
      }
      remaining -= 1
    }
  }

  // MARK: Look-around

  /// The body of the innermost look-around has matched: its choices are dropped, its captures stay undoable.
  private mutating func closeLook(_ pc: inout Int, _ position: inout Int) -> Bool {
    let look = openLook
    let frame = frames[look]
    openLook = frame.b
    guard case .look(let isNegative, let next) = program.instructions[Int(frame.target)] else { return false }
    remainingSteps -= (frameCount - look) >> 2
    if isNegative {
      while frameCount > look + 1 {
        frameCount -= 1
        if frames[frameCount].kind == .slot { slots[Int(frames[frameCount].target)] = frames[frameCount].a }
      }
      frameCount = look
      return false
    }
    var kept = look
    for index in look + 1..<max(frameCount, look + 1) where frames[index].kind == .slot {
      frames[kept] = frames[index]
      kept += 1
    }
    frameCount = kept
    position = frame.a
    pc = Int(next)
    return true
  }

  // MARK: Going back

  private mutating func goBack(_ pc: inout Int, _ position: inout Int) -> Bool {
    while frameCount > 0 {
      frameCount -= 1
      remainingSteps -= 1
      let frame = frames[frameCount]
      switch frame.kind {
      case .alternative:
        pc = Int(frame.target)
        position = frame.a
        return true
      case .slot: slots[Int(frame.target)] = frame.a
      case .giveBack:
        position = frame.b - text.scalar(before: frame.b).length
        if case .byte(let byte) = program.instructions[Int(frame.target) + 1] {
          let from = position
          while position > frame.a, text[position] != byte { position -= text.scalar(before: position).length }
          remainingSteps -= (from - position) >> 2
        }
        if position > frame.a { push(.giveBack, frame.target, frame.a, position) }
        if hasFailed(program.runs[runIndex(frame.target)].choice, at: position) { continue }
        pc = Int(frame.target) + 1
        return true
      case .takeMore:
        let run = program.runs[runIndex(frame.target)]
        position = frame.a
        guard advance(run.set, exactly: 1, &position) else { continue }
        var remaining = frame.b - 1
        if case .byte(let byte) = program.instructions[Int(frame.target) + 1] {
          let from = position
          while remaining > 0, position < text.count, text[position] != byte, advance(run.set, exactly: 1, &position) {
            remaining -= 1
          }
          remainingSteps -= (position - from) >> 2
        }
        if remaining > 0 { push(.takeMore, frame.target, position, remaining) }
        if hasFailed(run.choice, at: position) { continue }
        pc = Int(frame.target) + 1
        return true
      case .look:
        openLook = frame.b
        guard case .look(true, let next) = program.instructions[Int(frame.target)] else { continue }
        pc = Int(next)
        position = frame.a
        return true
      case .failure: failures?[frame.a >> 6] |= 1 << UInt64(frame.a & 63)
      }
      if remainingSteps < 0 { return false }
    }
    return false
  }

  private func runIndex(_ pc: Int32) -> Int {
    if case .run(let index) = program.instructions[Int(pc)] { return Int(index) }
    return 0
  }

  @inline(__always)
  private mutating func set(_ slot: Int32, to value: Int) {
    if frameCount > 0 { push(.slot, slot, slots[Int(slot)], 0) }
    slots[Int(slot)] = value
  }

  @inline(__always)
  private mutating func push(_ kind: Frame.Kind, _ target: Int32, _ a: Int, _ b: Int) {
    if frameCount == frameCapacity { grow() }
    (frames + frameCount).initialize(to: Frame(kind: kind, target: target, a: a, b: b))
    frameCount += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Frame>.allocate(capacity: frameCapacity * 2)
    larger.moveInitialize(from: frames, count: frameCount)
    frames.deallocate()
    frames = larger
    frameCapacity *= 2
  }

  // MARK: The record of failures

  /// Whether this choice is known to fail here; if not, leaves a frame that records its failure.
  @inline(__always)
  private mutating func hasFailed(_ choice: Int32, at position: Int) -> Bool {
    recordsFailures && isRecorded(choice, position)
  }

  @inline(never)
  private mutating func isRecorded(_ choice: Int32, _ position: Int) -> Bool {
    if stepsUntilRecord > 0 {
      stepsUntilRecord -= 1
      return false
    }
    let levels = program.loopDepth + 1
    if failures == nil {
      let bits = program.choiceDepths.count * levels * (text.count + 1)
      failures = calloc(bits / 64 + 1, MemoryLayout<UInt64>.stride)?.assumingMemoryBound(to: UInt64.self)
    }
    guard let failures else { return false }
    // Loops that began an iteration here may not end it here: which of them did is part of the state. Inner loops began
    // no earlier than outer ones, so their number tells which.
    var fresh = 0
    var depth = Int(program.choiceDepths[Int(choice)])
    while depth > 0, slots[program.captureSlots + depth - 1] == position {
      fresh += 1
      depth -= 1
    }
    let key = (Int(choice) * levels + fresh) * (text.count + 1) + position
    if failures[key >> 6] >> UInt64(key & 63) & 1 != 0 { return true }
    push(.failure, 0, key, 0)
    return false
  }
}
