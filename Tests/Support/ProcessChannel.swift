// The descriptors between a test and its child: pipes, or a pseudo-terminal that is the child's controlling one.
// One thread polls them all, so that output never fills up unread while a test does something else.

import CSupport
import Foundation
import Synchronization

/// The child's ends, until it is spawned, and ours.
struct ChildDescriptors {
  private(set) var ours: (input: CInt, output: CInt, errors: CInt) = (-1, -1, -1)
  /// -1 where the terminal stands.
  private var theirs: [CInt] = [-1, -1, -1]
  private var terminalPath: String?
  /// The terminal's own side, which may stand for several of ours.
  private(set) var master: CInt = -1

  init(input: ProcessInput, terminal: TerminalEnds) throws {
    if !terminal.isEmpty { try openTerminal() }
    if !terminal.contains(.input) {
      if case .none = input {
        theirs[0] = open("/dev/null", O_RDONLY)
      } else {
        (theirs[0], ours.input) = try makePipe()
      }
    }
    if !terminal.contains(.output) { (ours.output, theirs[1]) = try makePipe() }
    if !terminal.contains(.errors) { (ours.errors, theirs[2]) = try makePipe() }
  }

  private mutating func openTerminal() throws {
    var path = [CChar](repeating: 0, count: 256)
    master = support_open_terminal(&path, path.count)
    guard master >= 0 else { throw SupportError.system("posix_openpt") }
    terminalPath = path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
  }

  /// Starts the child and closes its ends here.
  func spawn(_ arguments: [String], environment: [String: String], cwd: String?) throws -> pid_t {
    defer { for end in theirs where end >= 0 { close(end) } }
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = environment.sorted { $0.key < $1.key }.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    // A child may end without reading its input; that is told by write(2) and must not end the tests. The child itself
    // starts with ordinary signals.
    signal(SIGPIPE, SIG_IGN)
    var pid: pid_t = 0
    let code = support_spawn(&pid, argv, envp, theirs, terminalPath, cwd)
    guard code == 0 else {
      for end in [ours.input, ours.output, ours.errors, master] where end >= 0 { close(end) }
      throw SupportError.system("cannot start \(arguments[0])", code)
    }
    return pid
  }
}

/// What has come from the child so far.
struct ChannelState: Sendable {
  var stdout: [UInt8] = []
  var stderr: [UInt8] = []
  var toWrite: [UInt8] = []
  var closesInput = false
  var closesOutput = false
  var exit: ProcessExit?
  var openOutputs = 0

  var isComplete: Bool { exit != nil && openOutputs == 0 }

  func holds(_ text: [UInt8], in output: RunningProcess.Output) -> Bool {
    let bytes = Data(output == .stdout ? stdout : stderr)
    return bytes.range(of: Data(text)) != nil || text.isEmpty
  }

  /// Where `text` ends in the standard output behind `offset`.
  func end(of text: [UInt8], behind offset: Int) -> Int? {
    let bytes = Data(stdout)
    return bytes.range(of: Data(text), in: min(offset, bytes.count)..<bytes.count)?.upperBound
  }
}

/// Our side of a child.
final class ProcessChannel: Sendable {
  private let state = Mutex(ChannelState())
  private let waiters = Waiters()
  private let wakePipe: WakePipe
  private let input: CInt
  private let outputs: [(descriptor: CInt, output: RunningProcess.Output)]

  init(_ ends: ChildDescriptors, input: ProcessInput) throws {
    wakePipe = try WakePipe()
    self.input = ends.ours.input >= 0 ? ends.ours.input : ends.master
    var outputs: [(CInt, RunningProcess.Output)] = []
    if ends.ours.output >= 0 { outputs.append((ends.ours.output, .stdout)) }
    if ends.ours.errors >= 0 { outputs.append((ends.ours.errors, .stderr)) }
    if ends.master >= 0 { outputs.append((ends.master, ends.ours.output >= 0 ? .stderr : .stdout)) }
    self.outputs = outputs
    for descriptor in outputs.map(\.0) + [self.input] where descriptor >= 0 { setNonBlocking(descriptor) }
    state.withLock { state in
      state.openOutputs = outputs.count
      if case .bytes(let bytes) = input {
        state.toWrite = bytes
        state.closesInput = ends.master < 0 || ends.ours.input >= 0
      }
    }
  }

  func output(_ output: RunningProcess.Output) -> [UInt8] {
    state.withLock { output == .stdout ? $0.stdout : $0.stderr }
  }

  var exit: ProcessExit? { state.withLock { $0.exit } }

  func write(_ bytes: [UInt8]) { change { $0.toWrite += bytes } }
  func closeInput() { change { $0.closesInput = true } }
  func closeOutput() { change { $0.closesOutput = true } }
  func ended(_ exit: ProcessExit) { change { $0.exit = exit } }

  private func change(_ body: (inout ChannelState) -> Void) {
    state.withLock { body(&$0) }
    wakePipe.wake()
  }

  /// Waits until `condition` gives true.
  func wait(
    _ what: String, seconds: Double, until condition: @escaping @Sendable (ChannelState) -> Bool
  ) async throws {
    try await waiters.wait(what, seconds: seconds, wake: wakePipe.wake) { [self] in
      state.withLock { condition($0) }
    }
  }

  /// The thread's body: ends when the child has ended and its outputs are closed.
  func run() {
    var open = outputs
    var input = self.input
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let snapshot = state.withLock { ($0.toWrite.isEmpty, $0.closesInput, $0.closesOutput) }
      if snapshot.2 { closeEnds(&open, input: &input) { $0.output == .stdout } }
      if snapshot.0, snapshot.1, input >= 0 { closeInput(&input, open) }
      let next = waiters.check()
      if state.withLock({ $0.isComplete }) { break }
      var polled = [pollfd(fd: wakePipe.reading, events: Int16(POLLIN), revents: 0)]
      polled += open.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
      if !snapshot.0, input >= 0 { polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
      guard poll(&polled, nfds_t(polled.count), pollTimeout(next)) >= 0 else { continue }
      if polled[0].revents != 0 { wakePipe.drain() }
      if !snapshot.0, input >= 0, polled[open.count + 1].revents != 0 { writeInput(&input, open) }
      let ended = zip(open, polled.dropFirst()).filter { $1.revents != 0 && !receive($0, &buffer) }
        .map(\.0.descriptor)
      closeEnds(&open, input: &input) { ended.contains($0.descriptor) }
    }
    if input >= 0 { close(input) }
    waiters.finish()
  }

  private func receive(_ end: (descriptor: CInt, output: RunningProcess.Output), _ buffer: inout [UInt8]) -> Bool {
    let count = read(end.descriptor, &buffer, buffer.count)
    if count > 0 {
      state.withLock { state in
        if end.output == .stdout { state.stdout += buffer[..<count] } else { state.stderr += buffer[..<count] }
      }
      return true
    }
    // A terminal whose other side is closed gives EIO.
    return count < 0 && (errno == EAGAIN || errno == EINTR)
  }

  private func closeEnds(
    _ open: inout [(descriptor: CInt, output: RunningProcess.Output)], input: inout CInt,
    where belongs: ((descriptor: CInt, output: RunningProcess.Output)) -> Bool
  ) {
    for end in open where belongs(end) {
      close(end.descriptor)
      if end.descriptor == input { input = -1 }
    }
    open.removeAll(where: belongs)
    let count = open.count
    state.withLock { $0.openOutputs = count }
  }

  private func writeInput(_ input: inout CInt, _ open: [(descriptor: CInt, output: RunningProcess.Output)]) {
    let bytes = state.withLock { $0.toWrite.prefix(1 << 16) }
    let count = bytes.withUnsafeBytes { Foundation.write(input, $0.baseAddress, $0.count) }
    if count > 0 {
      state.withLock { $0.toWrite.removeFirst(count) }
    } else if errno != EAGAIN, errno != EINTR {
      state.withLock { $0.toWrite = [] }
      closeInput(&input, open)
    }
  }

  /// A terminal has no end of its own to close: its end is a typed control-D.
  private func closeInput(_ input: inout CInt, _ open: [(descriptor: CInt, output: RunningProcess.Output)]) {
    if open.contains(where: { [input] in $0.descriptor == input }) {
      var endOfInput: UInt8 = 4
      _ = Foundation.write(input, &endOfInput, 1)
    } else {
      close(input)
    }
    input = -1
  }
}
