// Reading a key from a person: on a terminal without showing it, from a pipe as its first line.

import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum SecretPrompt {
  /// The longest line that is taken, in bytes.
  private static let limit = 16_384

  /// A line from stdin. On a terminal `question` is shown and what is typed is not.
  static func read(_ question: String, _ program: Program) -> String? {
    guard program.environment.isInputTerminal, let terminal = TerminalSettings(0) else { return line() }
    @Sendable func putBack() {
      terminal.restore()
      program.errors.write("\n")
      program.errors.flush()
    }
    // Who leaves by Ctrl-C finds the terminal as it was.
    Signals.block().forEach { _ in
      putBack()
      _exit(ExitCode.interrupted.rawValue)
    }
    // Before the question is seen: what is typed at once must be neither shown nor lost.
    guard terminal.hideTyping() else { return nil }
    defer { putBack() }
    program.errors.write(question)
    program.errors.flush()
    return line()
  }

  private static func line() -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = SystemCalls.read(0, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != 0x0A else { break }
      guard bytes.count < limit else { return nil }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
