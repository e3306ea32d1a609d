// The one place that writes to stdout and stderr. stdout is data, stderr is talk. Text of a model goes to a terminal
// with its control and bidi characters escaped; into a pipe it goes as it is.

import Formats
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A descriptor that text is written to.
final class Output: Sendable {
  private let descriptor: Int32
  let isTerminal: Bool
  private let state = Mutex(State())

  fileprivate struct State {
    var pending: [UInt8] = []
    var isClosed = false
    /// The errno of a write that failed, other than a closed pipe.
    var failure: Int32 = 0
    var endsLine = true
  }

  init(_ descriptor: Int32, isTerminal: Bool) {
    self.descriptor = descriptor
    self.isTerminal = isTerminal
  }

  /// Whether the reader has gone.
  var isClosed: Bool { state.withLock { $0.isClosed } }
  /// What went wrong with writing, but for a reader that has gone.
  var problem: String? { state.withLock { $0.failure == 0 ? nil : String(cString: strerror($0.failure)) } }
  /// Whether the last byte ended a line, or nothing was written.
  var endsLine: Bool { state.withLock { $0.endsLine } }

  /// Adds text that this program wrote itself.
  func write(_ text: String) {
    state.withLock { $0.add(text) }
  }

  func write(_ bytes: [UInt8]) {
    state.withLock { $0.pending.append(contentsOf: bytes) }
  }

  /// Adds text that came from outside.
  func write(untrusted text: String) {
    let safe = isTerminal ? TerminalText.escaped(text) : text
    state.withLock { $0.add(safe) }
  }

  /// The same for UTF-8 bytes, which go into a pipe as they are.
  func write(untrusted bytes: [UInt8]) {
    guard isTerminal, !TerminalText.isPlain(bytes) else { return write(bytes) }
    write(TerminalText.escaped(String(decoding: bytes, as: UTF8.self)))
  }

  /// Adds JSON text: what a terminal could take for more than text is written as `\uXXXX`, which is the same JSON.
  func write(json bytes: [UInt8]) {
    guard isTerminal, !TerminalText.isPlain(bytes) else { return write(bytes) }
    write(TerminalText.escapedJSON(String(decoding: bytes, as: UTF8.self)))
  }

  /// Adds a JSON value over lines, the last of them ended.
  func write(pretty value: JSON) { write(json: Array((value.prettyText + "\n").utf8)) }

  /// Writes what was added. Blocks as long as the reader does, which is the back-pressure. Gives false when nobody reads.
  @discardableResult
  func flush() -> Bool {
    state.withLock { state in
      var offset = 0
      if let last = state.pending.last { state.endsLine = last == 0x0A }
      while offset < state.pending.count, !state.isClosed, state.failure == 0 {
        let written = state.pending.withUnsafeBytes { buffer in
          SystemCalls.write(descriptor, buffer.baseAddress.unsafelyUnwrapped + offset, buffer.count - offset)
        }
        if written >= 0 {
          offset += written
        } else if errno == EPIPE {
          state.isClosed = true
        } else if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wait, 1, -1)
        } else if errno != EINTR {
          state.failure = errno
        }
      }
      state.pending.removeAll(keepingCapacity: true)
      return !state.isClosed && state.failure == 0
    }
  }
}

extension Output.State {
  fileprivate mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { pending.append(contentsOf: $0) }
  }
}

/// Text as a terminal may show it.
enum TerminalText {
  /// `text` with control characters (but line feed and tab) and the characters that reorder or hide text made visible as
  /// `\u{…}`: a model's text must not move the cursor, set a title or turn words around.
  static func escaped(_ text: String) -> String {
    escaped(text) { "\\u{\(String($0.value, radix: 16))}" }
  }

  /// The same for JSON text, where they stand in strings alone: with the escapes of JSON (RFC 8259 §7). None of these
  /// characters needs more than four digits.
  static func escapedJSON(_ text: String) -> String {
    escaped(text) { scalar in
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private static func escaped(_ text: String, _ escape: (Unicode.Scalar) -> String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
      if isUnsafe(scalar) {
        safe += escape(scalar)
      } else {
        safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  /// Whether UTF-8 text holds nothing that is escaped, told by its bytes; false as well for some texts that hold nothing.
  static func isPlain(_ bytes: [UInt8]) -> Bool {
    var previous: UInt8 = 0
    for byte in bytes {
      if byte < 0x20 {
        guard byte == 0x0A || byte == 0x09 else { return false }
      } else if byte >= 0x7F {
        // U+0080 to U+009F, U+061C, U+2000 to U+207F.
        guard byte != 0x7F, previous != 0xC2 || byte >= 0xA0, previous != 0xD8 || byte != 0x9C,
          previous != 0xE2 || byte > 0x81
        else { return false }
      }
      previous = byte
    }
    return true
  }

  /// C0 and C1 controls, DEL, and the bidi controls of UAX #9 (as in "Trojan Source", Boucher & Anderson 2021).
  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x061C, 0x2028, 0x2029: true
    default: false
    }
  }
}
