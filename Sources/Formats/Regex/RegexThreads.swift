// The second machine: all paths in step, one scalar at a time (Thompson 1968, Pike's captures), so that time is bounded by
// pattern × input whatever the pattern. It takes over where the backtracker has used up its steps, and knows neither
// look-around nor back-references. A thread's state is its instruction and, for ECMAScript's rule against iterations that
// consume nothing, the outermost loop that began an iteration at this very position (all loops inside it did too).

struct RegexThreads: ~Copyable {
  /// Threads in order of priority, as a sparse set over states (Briggs and Torczon 1993). A handle to plain memory.
  private struct List {
    struct Head {
      var seenCount = 0
      var count = 0
      /// Captures of each waiting thread, `capacity` values at most.
      var slots: UnsafeMutablePointer<Int>
      var capacity: Int
    }

    let head: UnsafeMutablePointer<Head>
    /// Per state, its index in `seen`.
    let sparse: UnsafeMutablePointer<Int32>
    let seen: UnsafeMutablePointer<Int32>
    /// Instructions of the threads that wait for a scalar or have matched.
    let waiting: UnsafeMutablePointer<Int32>

    init(states: Int, width: Int) {
      head = .allocate(capacity: 1)
      head.initialize(to: Head(slots: .allocate(capacity: 8 * width), capacity: 8 * width))
      sparse = .allocate(capacity: states)
      sparse.initialize(repeating: 0, count: states)
      seen = .allocate(capacity: states)
      seen.initialize(repeating: 0, count: states)
      waiting = .allocate(capacity: states)
      waiting.initialize(repeating: 0, count: states)
    }

    func deallocate() {
      head.pointee.slots.deallocate()
      head.deallocate()
      sparse.deallocate()
      seen.deallocate()
      waiting.deallocate()
    }

    /// Whether the state is new at this position.
    @inline(__always)
    func insert(_ state: Int) -> Bool {
      let count = head.pointee.seenCount
      let index = Int(sparse[state])
      if index < count, Int(seen[index]) == state { return false }
      sparse[state] = Int32(count)
      seen[count] = Int32(state)
      head.pointee.seenCount = count + 1
      return true
    }

    @inline(__always)
    func append(_ pc: Int32, _ path: UnsafeMutablePointer<Int>, width: Int) {
      let count = head.pointee.count
      if (count + 1) * width > head.pointee.capacity { grow(used: count * width) }
      waiting[count] = pc
      (head.pointee.slots + count * width).initialize(from: path, count: width)
      head.pointee.count = count + 1
    }

    private func grow(used: Int) {
      let larger = UnsafeMutablePointer<Int>.allocate(capacity: head.pointee.capacity * 2)
      larger.moveInitialize(from: head.pointee.slots, count: used)
      head.pointee.slots.deallocate()
      head.pointee.slots = larger
      head.pointee.capacity *= 2
    }
  }

  private enum Task {
    case visit(pc: Int32, fresh: Int32)
    case restore(slot: Int32, value: Int)
  }

  /// States of a program at most, at 24 bytes each.
  static let maximalStates = 1 << 22

  let program: RegexProgram
  let text: RegexText
  var remainingSteps: Int
  private let levels: Int
  private var current: List
  private var upcoming: List
  private var tasks: [Task] = []
  /// Captures of the path being followed.
  private let path: UnsafeMutablePointer<Int>
  /// Captures of the best match so far.
  private(set) var best: [Int] = []

  init(_ program: RegexProgram, _ text: RegexText, steps: Int) {
    self.program = program
    self.text = text
    remainingSteps = steps
    levels = program.loopDepth + 1
    let states = program.instructions.count * levels
    current = List(states: states, width: program.captureSlots)
    upcoming = List(states: states, width: program.captureSlots)
    path = .allocate(capacity: program.captureSlots)
    path.initialize(repeating: -1, count: program.captureSlots)
  }

  deinit {
    current.deallocate()
    upcoming.deallocate()
    path.deallocate()
  }

  /// Finds the leftmost match that begins at `start` or, unless anchored, later; nil when the steps are used up.
  mutating func search(from start: Int, _ starts: RegexStart) -> Bool? {
    let isAnchored = starts.isAnchored
    var position = start
    var isFound = false
    while true {
      if current.head.pointee.count == 0, !isFound, !isAnchored {
        guard let next = starts.next(in: text, from: position) else { return false }
        position = next
      }
      if !isFound, position == start || !isAnchored {
        path.update(repeating: -1, count: program.captureSlots)
        follow(0, at: position, into: current)
      }
      if current.head.pointee.count == 0, isFound || isAnchored || position >= text.count { return isFound }
      remainingSteps -= current.head.pointee.count + 1
      if remainingSteps < 0 { return nil }
      let scalar = position < text.count ? text.scalar(at: position) : (.max, 1)
      upcoming.head.pointee.seenCount = 0
      upcoming.head.pointee.count = 0
      if step(over: scalar.value, from: position, to: position + scalar.length) { isFound = true }
      swap(&current, &upcoming)
      if position >= text.count { return isFound }
      position += scalar.length
    }
  }

  /// Moves every waiting thread over the scalar; true when one had matched, which drops those of lower priority.
  private mutating func step(over scalar: UInt32, from position: Int, to next: Int) -> Bool {
    let width = program.captureSlots
    for index in 0..<current.head.pointee.count {
      let pc = Int(current.waiting[index])
      let moves: Bool
      switch program.instructions[pc] {
      case .byte(let byte): moves = scalar == UInt32(byte)
      case .scalar(let value): moves = scalar == value
      case .set(let set): moves = scalar != .max && program.contains(set, scalar)
      default:
        best = Array(UnsafeBufferPointer(start: current.head.pointee.slots + index * width, count: width))
        return true
      }
      guard moves else { continue }
      path.update(from: current.head.pointee.slots + index * width, count: width)
      follow(Int32(pc + 1), at: next, into: upcoming)
    }
    return false
  }

  /// Adds to `list` every thread reached from `pc` without consuming, in order of priority.
  private mutating func follow(_ pc: Int32, at position: Int, into list: List) {
    tasks.append(.visit(pc: pc, fresh: Int32(program.loopDepth)))
    while let task = tasks.popLast() {
      switch task {
      case .restore(let slot, let value): path[Int(slot)] = value
      case .visit(let pc, let fresh): visit(pc, fresh, at: position, into: list)
      }
    }
  }

  private mutating func visit(_ start: Int32, _ fresh: Int32, at position: Int, into list: List) {
    var pc = start
    var fresh = fresh
    while true {
      remainingSteps -= 1
      let instruction = program.instructions[Int(pc)]
      // Once a scalar is consumed no loop has begun at the position, so those states are one.
      if instruction.consumes { fresh = Int32(program.loopDepth) }
      guard remainingSteps >= 0, list.insert(Int(pc) * levels + Int(fresh)) else { return }
      switch instruction {
      case .jump(let target): pc = target
      case .split(let first, let second, _):
        tasks.append(.visit(pc: second, fresh: fresh))
        pc = first
      case .save(let slot):
        set(Int(slot), to: position)
        pc += 1
      case .clear(let first, let end):
        for slot in Int(first)..<Int(end) where path[slot] != -1 { set(slot, to: -1) }
        pc += 1
      case .enterLoop(let depth):
        fresh = min(fresh, depth)
        pc += 1
      case .checkLoop(let depth):
        if fresh <= depth { return }
        pc += 1
      case .assertion(let assertion):
        guard assertion.holds(in: text, at: position) else { return }
        pc += 1
      default:
        list.append(pc, path, width: program.captureSlots)
        remainingSteps -= program.captureSlots >> 1
        return
      }
    }
  }

  private mutating func set(_ slot: Int, to value: Int) {
    tasks.append(.restore(slot: Int32(slot), value: path[slot]))
    path[slot] = value
  }
}
