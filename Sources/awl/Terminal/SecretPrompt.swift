// Reading a key from a person: on a terminal without showing it, from a pipe as its first line.

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
    guard program.environment.isInputTerminal else { return line() }
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else { return line() }
    let shown = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    // Before the question is seen: what is typed at once must be neither shown nor lost.
    guard tcsetattr(0, TCSANOW, &settings) == 0 else { return nil }
    program.errors.write(question)
    program.errors.flush()
    defer {
      var shown = shown
      tcsetattr(0, TCSANOW, &shown)
      program.errors.write("\n")
      program.errors.flush()
    }
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
