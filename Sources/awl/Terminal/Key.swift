// Bytes that a terminal sends, as keys: UTF-8, control characters, and escape sequences of the terminals in use (ECMA-48,
// xterm's ctlseqs). Pure and by the byte: a sequence may come in pieces; what is not known is one unknown key.

/// What was pressed, named by what it does.
enum Key: Sendable, Equatable {
  case text(String)
  /// Pasted between the marks of bracketed paste: line ends in it submit nothing.
  case pasted(String)
  case enter, newLine, tab, interrupt, endOrDelete, redraw, search, escape
  case left, right, home, end, wordLeft, wordRight, up, down
  case backspace, delete, killToEnd, killToStart, killSpacedWord, killWordLeft, killWordRight, yank, transpose
  case unknown
}

struct KeyReader: Sendable {
  /// The longest paste that is taken, in bytes; more of it is dropped.
  static let pasteLimit = 4 << 20
  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  private var pending: [UInt8] = []
  private var paste: [UInt8]?

  /// A lone escape has come, or the beginning of a sequence: when nothing follows, it is the key itself.
  var isWaiting: Bool { paste == nil && !pending.isEmpty }

  /// Takes bytes; gives the keys that are complete.
  mutating func push(_ bytes: ArraySlice<UInt8>) -> [Key] {
    var keys: [Key] = []
    var text: [UInt8] = []
    for byte in bytes {
      if paste != nil {
        if let key = addToPaste(byte) { keys.append(key) }
        continue
      }
      pending.append(byte)
      guard let key = Self.key(pending) else {
        // No sequence is so long.
        if pending.count > 64 { pending = [] }
        continue
      }
      let taken = pending
      pending = []
      if case .character = key {
        text += taken
        continue
      }
      flush(&text, into: &keys)
      switch key {
      case .character: break
      case .pasteStart: paste = []
      case .key(let key): keys.append(key)
      }
    }
    flush(&text, into: &keys)
    return keys
  }

  /// Nothing more comes soon: an escape is a key.
  mutating func expire() -> [Key] {
    guard isWaiting else { return [] }
    let isEscape = pending == [0x1B]
    pending = []
    return [isEscape ? .escape : .unknown]
  }

  private func flush(_ text: inout [UInt8], into keys: inout [Key]) {
    guard !text.isEmpty else { return }
    keys.append(.text(String(decoding: text, as: UTF8.self)))
    text = []
  }

  private mutating func addToPaste(_ byte: UInt8) -> Key? {
    // Taken out while it is changed, so that it is not copied for every byte.
    guard var held = paste else { return nil }
    paste = []
    held.append(byte)
    if byte == UInt8(ascii: "~"), held.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
      paste = nil
      let text = String(decoding: held.dropLast(Self.pasteEnd.count), as: UTF8.self)
      // What a terminal would take for a command is no text.
      return .pasted(String(String.UnicodeScalarView(text.unicodeScalars.filter(Self.isText))))
    }
    if held.count > Self.pasteLimit { held.removeSubrange(Self.pasteLimit - 8..<held.count - 7) }
    paste = held
    return nil
  }

  private static func isText(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && !(0x7F..<0xA0 ~= scalar.value) || scalar == "\n" || scalar == "\r" || scalar == "\t"
  }

  private enum Sequence {
    case character
    case pasteStart
    case key(Key)
  }

  /// The key of a whole sequence; `nil` while it is not whole.
  private static func key(_ bytes: [UInt8]) -> Sequence? {
    let first = bytes[0]
    if first == 0x1B { return bytes.count == 1 ? nil : escapeKey(bytes) }
    if first < 0x20 || first == 0x7F { return .key(control(first)) }
    let length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    if length == 0 { return .key(.unknown) }
    if bytes.count > 1, let last = bytes.last, last & 0xC0 != 0x80 { return .key(.unknown) }
    return bytes.count == length ? .character : nil
  }

  private static func control(_ byte: UInt8) -> Key {
    switch byte {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOrDelete
    case 0x05: .end
    case 0x06: .right
    case 0x07: .escape
    case 0x08, 0x7F: .backspace
    case 0x09: .tab
    case 0x0A: .newLine
    case 0x0B: .killToEnd
    case 0x0C: .redraw
    case 0x0D: .enter
    case 0x0E: .down
    case 0x10: .up
    case 0x12: .search
    case 0x14: .transpose
    case 0x15: .killToStart
    case 0x17: .killSpacedWord
    case 0x19: .yank
    default: .unknown
    }
  }

  private static func escapeKey(_ bytes: [UInt8]) -> Sequence? {
    switch bytes[1] {
    case UInt8(ascii: "["), UInt8(ascii: "O"):
      guard bytes.count > 2, let last = bytes.last else { return nil }
      // Parameters, then one final byte (ECMA-48 §5.4).
      guard last >= 0x40, last <= 0x7E else { return last < 0x20 ? .key(.unknown) : nil }
      return sequence(String(decoding: bytes[2..<bytes.count - 1], as: UTF8.self), last)
    case UInt8(ascii: "b"): return .key(.wordLeft)
    case UInt8(ascii: "f"): return .key(.wordRight)
    case UInt8(ascii: "d"): return .key(.killWordRight)
    case 0x7F, 0x08: return .key(.killWordLeft)
    case 0x0D, 0x0A: return .key(.newLine)
    case 0x1B: return .key(.escape)
    default: return .key(.unknown)
    }
  }

  private static func sequence(_ parameters: String, _ last: UInt8) -> Sequence {
    let parts = parameters.split(separator: ";").map { Int($0) ?? 0 }
    // Alt is 3, Ctrl 5 (and Shift one more).
    let isByWord = parts.count > 1 && parts[1] >= 3
    switch last {
    case UInt8(ascii: "A"): return .key(.up)
    case UInt8(ascii: "B"): return .key(.down)
    case UInt8(ascii: "C"): return .key(isByWord ? .wordRight : .right)
    case UInt8(ascii: "D"): return .key(isByWord ? .wordLeft : .left)
    case UInt8(ascii: "H"): return .key(.home)
    case UInt8(ascii: "F"): return .key(.end)
    case UInt8(ascii: "~"):
      switch parts.first {
      case 1, 7: return .key(.home)
      case 3: return .key(isByWord ? .killWordRight : .delete)
      case 4, 8: return .key(.end)
      case 200: return .pasteStart
      default: return .key(.unknown)
      }
    default: return .key(.unknown)
    }
  }
}
