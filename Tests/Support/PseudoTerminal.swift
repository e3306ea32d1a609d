// Both ends of a pseudo-terminal within the tests' own process, for what reads keys and draws.

import CSupport
import Foundation

/// A pseudo-terminal, both ends.
package final class PseudoTerminal: Sendable {
  package let master: CInt
  package let slave: CInt

  package init() throws {
    var path = [CChar](repeating: 0, count: 256)
    master = support_open_terminal(&path, path.count)
    slave = master < 0 ? -1 : path.withUnsafeBufferPointer { $0.baseAddress.map { open($0, O_RDWR | O_NOCTTY) } ?? -1 }
    guard slave >= 0 else { throw SupportError.system("posix_openpt") }
    var size = winsize(ws_row: 24, ws_col: 20, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  package func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Output until it holds `text`.
  package func output(until text: String) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: bytes, as: UTF8.self).contains(text) {
      var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 20_000) > 0 else { break }
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  package var echoes: Bool {
    var settings = termios()
    tcgetattr(slave, &settings)
    return settings.c_lflag & tcflag_t(ECHO) != 0
  }

  deinit {
    close(master)
    close(slave)
  }
}
