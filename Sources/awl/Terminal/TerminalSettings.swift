// The settings of a terminal as they were found, so that they can be put back whatever happens, and the echo that is
// turned off while an answer is drawn: what is typed then must not stand in the middle of it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct TerminalSettings: Sendable {
  private let descriptor: Int32
  private let found: termios

  /// `nil` where it is no terminal.
  init?(_ descriptor: Int32) {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    (self.descriptor, found) = (descriptor, settings)
  }

  func restore() {
    var settings = found
    tcsetattr(descriptor, TCSANOW, &settings)
  }

  /// Shows nothing of what is typed; it is kept for who reads next, and Ctrl-C stays a signal.
  /// False where the terminal does not do it.
  @discardableResult
  func hideTyping() -> Bool {
    var settings = found
    settings.c_lflag &= ~tcflag_t(ECHO)
    return tcsetattr(descriptor, TCSANOW, &settings) == 0
  }
}
