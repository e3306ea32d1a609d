// What stands behind a link's text, `(destination "title")`, and links between angle brackets (CommonMark 0.31.2 §6.3,
// §6.5). All readers here look at `from..<end` of the bytes and say what they found, or that more must come first.

/// What a reader found.
enum MarkdownMatch: Sendable {
  /// `end` is the place behind it; `value` is what it means, escapes and entities replaced.
  case match((end: Int, value: [UInt8]))
  case none
  /// It may be one when more text has come.
  case more
}

enum MarkdownLinks {
  /// From the parenthesis at `from` on.
  static func tail(_ bytes: [UInt8], from: Int, to end: Int, isWhole: Bool) -> MarkdownMatch {
    let short: MarkdownMatch = isWhole ? .none : .more
    guard var at = skipSpace(bytes, from + 1, end) else { return .none }
    guard at < end else { return short }
    var destination: [UInt8] = []
    if bytes[at] == Byte.less {
      let start = at + 1
      at = start
      while at < end, bytes[at] != Byte.greater {
        if bytes[at] == Byte.lineFeed || bytes[at] == Byte.less { return .none }
        at += bytes[at] == Byte.backslash && at + 1 < end && bytes[at + 1] != Byte.lineFeed ? 2 : 1
      }
      guard at < end else { return short }
      destination = MarkdownEntities.unescape(bytes[start..<at])
      at += 1
    } else {
      let start = at
      var depth = 0
      while at < end {
        let byte = bytes[at]
        if byte == Byte.backslash, at + 1 < end, Byte.isPunctuation(bytes[at + 1]) {
          at += 2
          continue
        }
        if byte <= 0x20 || byte == 0x7F { break }
        if byte == Byte.open { depth += 1 }
        if byte == Byte.close {
          if depth == 0 { break }
          depth -= 1
        }
        guard depth <= 32 else { return .none }
        at += 1
      }
      guard at < end else { return short }
      guard depth == 0 else { return .none }
      destination = MarkdownEntities.unescape(bytes[start..<at])
    }
    let beforeSpace = at
    guard let afterSpace = skipSpace(bytes, at, end) else { return .none }
    at = afterSpace
    guard at < end else { return short }
    if at > beforeSpace, bytes[at] != Byte.close {
      guard let closer = titleEnd(bytes[at]) else { return .none }
      let opener = bytes[at]
      at += 1
      while at < end, bytes[at] != closer {
        if opener == Byte.open, bytes[at] == Byte.open { return .none }
        at += bytes[at] == Byte.backslash ? 2 : 1
      }
      guard at < end, let behind = skipSpace(bytes, at + 1, end) else { return at < end ? .none : short }
      at = behind
      guard at < end else { return short }
    }
    return bytes[at] == Byte.close ? .match((at + 1, destination)) : .none
  }

  private static func titleEnd(_ opener: UInt8) -> UInt8? {
    switch opener {
    case Byte.quote, UInt8(ascii: "'"): opener
    case Byte.open: Byte.close
    default: nil
    }
  }

  /// The place behind spaces and at most one line end; `nil` where there are more.
  private static func skipSpace(_ bytes: [UInt8], _ from: Int, _ end: Int) -> Int? {
    var at = from
    var lines = 0
    while at < end, Byte.isSpace(bytes[at]) {
      if bytes[at] == Byte.lineFeed { lines += 1 }
      if lines > 1 { return nil }
      at += 1
    }
    return at
  }

  /// `<scheme:…>` or `<name@host>`.
  static func autolink(_ bytes: [UInt8], from: Int, to end: Int, isWhole: Bool) -> MarkdownMatch {
    var at = from + 1
    var colon: Int?
    var mark: Int?
    while at < end, bytes[at] != Byte.greater {
      let byte = bytes[at]
      if byte <= 0x20 || byte == Byte.less || byte == 0x7F { return .none }
      if byte == Byte.colon, colon == nil { colon = at }
      if byte == UInt8(ascii: "@"), mark == nil { mark = at }
      at += 1
    }
    guard at < end else { return isWhole ? .none : .more }
    let text = bytes[from + 1..<at]
    if let colon, isScheme(bytes[from + 1..<colon]) { return .match((at + 1, Array(text))) }
    guard let mark, isMailName(bytes[from + 1..<mark]), isHost(bytes[mark + 1..<at]) else { return .none }
    return .match((at + 1, Array("mailto:".utf8) + text))
  }

  private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count >= 2, text.count <= 32, let first = text.first, Byte.isLetter(first) else { return false }
    return text.allSatisfy { Byte.isLetter($0) || Byte.isDigit($0) || $0 == Byte.plus || $0 == 0x2E || $0 == 0x2D }
  }

  private static func isMailName(_ text: ArraySlice<UInt8>) -> Bool {
    let others = Array(".!#$%&'*+/=?^_`{|}~-".utf8)
    return !text.isEmpty && text.allSatisfy { Byte.isLetter($0) || Byte.isDigit($0) || others.contains($0) }
  }

  private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
    text.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.count <= 63 && label.first != Byte.minus && label.last != Byte.minus
        && label.allSatisfy { Byte.isLetter($0) || Byte.isDigit($0) || $0 == Byte.minus }
    }
  }
}
