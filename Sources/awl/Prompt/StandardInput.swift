// Reading stdin without hanging for ever: a pipe that stays open and silent, while there is a prompt to run, is given up.

import Formats
import Models
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct StandardInput: Sendable {
  /// Largest text that is taken, in bytes.
  static let limit = 64 << 20
  /// Milliseconds that an open, silent pipe is waited for when the prompt does not depend on it. AWL_STDIN_PATIENCE_MS
  /// is for tests alone.
  private static func patience(_ program: Program) -> Int {
    program.environment["AWL_STDIN_PATIENCE_MS"].flatMap { Int($0) } ?? 10_000
  }

  enum Wait: Sendable {
    /// Stdin is all there is, or `-` names it: wait as long as it takes.
    case forEver
    /// A prompt was given: a silent pipe may be nobody's.
    case aWhile
  }

  /// The whole of stdin; `nil` where it is a terminal that nobody asked to read, or was given up. Blocks on a thread of
  /// its own.
  static func read(_ wait: Wait, _ program: Program) async throws(Failure) -> [UInt8]? {
    if program.environment.isInputTerminal, case .aWhile = wait { return nil }
    let thread = SerialThread(name: "awl-stdin")
    let interruption = Interruption()
    let result = await withTaskCancellationHandler {
      await thread.run { Result { () throws(Failure) in try readBlocking(wait, program, interruption) } }
    } onCancel: {
      interruption.isWanted.withLock { $0 = true }
    }
    return try result.get()
  }

  /// Ctrl-C, as the reading thread sees it.
  private final class Interruption: Sendable {
    let isWanted = Mutex(false)
  }

  private static func readBlocking(
    _ wait: Wait, _ program: Program, _ interruption: Interruption
  ) throws(Failure) -> [UInt8]? {
    if case .aWhile = wait {
      let patience = patience(program)
      if try !hasInput(within: patience / 10, interruption) {
        program.note("waiting for stdin, which is open and silent (end it, or use < /dev/null)")
        guard try hasInput(within: patience - patience / 10, interruption) else {
          program.say(
            "stdin stayed silent for \(Figures.seconds(Double(patience) / 1000)): going on without it (a word - waits for it)"
          )
          return nil
        }
      }
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      while try !hasInput(within: 60_000, interruption) {}
      let count = SystemCalls.read(0, &block, block.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        // A closed stdin is an empty one.
        if errno == EBADF { return bytes }
        throw Failure("stdin: \(String(cString: strerror(errno)))", .usage)
      }
      bytes.append(contentsOf: block[..<count])
      guard bytes.count <= limit else { throw Failure("stdin: larger than \(limit >> 20) MB", .usage) }
    }
  }

  /// Whether there is input, or its end, within `milliseconds`.
  private static func hasInput(within milliseconds: Int, _ interruption: Interruption) throws(Failure) -> Bool {
    var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    var left = milliseconds
    while left > 0 {
      let ready = poll(&descriptor, 1, Int32(min(left, 100)))
      if interruption.isWanted.withLock({ $0 }) { throw Failure("interrupted", .interrupted) }
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return true }
      left -= 100
    }
    return false
  }
}
