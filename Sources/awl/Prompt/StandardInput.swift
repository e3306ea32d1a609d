// Reading stdin without hanging for ever: a pipe that stays open and silent, while there is a prompt to run, is given up.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Models
import Storage

struct StandardInput: Sendable {
  /// Largest text that is taken, in bytes.
  static let limit = 64 << 20
  /// Milliseconds that an open, silent pipe is waited for when the prompt does not depend on it.
  static let patience = 10_000

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
    return try await thread.run { () throws(Failure) in try readBlocking(wait, program) }
  }

  private static func readBlocking(_ wait: Wait, _ program: Program) throws(Failure) -> [UInt8]? {
    if case .aWhile = wait {
      if !hasInput(within: 1000) {
        program.say("waiting for stdin, which is open and silent (end it, or use < /dev/null)")
        guard hasInput(within: patience - 1000) else {
          program.say("stdin stayed silent for \(patience / 1000) s: going on without it (a word - waits for it)")
          return nil
        }
      }
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = systemRead(0, &block, block.count)
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

  private static func hasInput(within milliseconds: Int) -> Bool {
    var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(&descriptor, 1, Int32(milliseconds))
      if ready >= 0 { return ready > 0 }
      if errno != EINTR { return true }
    }
  }

  private static func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer, count)
    #else
      Darwin.read(descriptor, buffer, count)
    #endif
  }
}
