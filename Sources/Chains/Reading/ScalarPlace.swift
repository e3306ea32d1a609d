// From a place in the text of a YAML scalar back to the place in the file. Indentation, folds, quotes and escapes make the
// two differ, so the two texts are walked side by side; that costs something only when an error is worded.

/// Where a scalar stands in its file.
struct ScalarPlace: Sendable {
  /// Byte offset of its quote, its indicator (`|`), or its first byte.
  var offset: Int

  /// The offset in `source` of byte `place` of `text`, which is what the scalar means.
  func offset(of place: Int, text: [UInt8], in source: [UInt8]) -> Int {
    var at = offset
    guard at < source.count else { return offset }
    let opening = source[at]
    let isBlock = opening == UInt8(ascii: "|") || opening == UInt8(ascii: ">")
    let quote = opening == UInt8(ascii: "\"") || opening == UInt8(ascii: "'") ? opening : nil
    if isBlock {
      while at < source.count, source[at] != 0x0A { at += 1 }
      at += 1
    } else if quote != nil {
      at += 1
    }
    var index = 0
    while index < place, index < text.count, at < source.count {
      if index == 0 || text[index - 1] == 0x0A { skipIndentation(&at, text[index], source) }
      if let quote, source[at] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        skipEscape(&at, text, &index, source)
      } else if source[at] == text[index] {
        at += quote == UInt8(ascii: "'") && source[at] == quote ? 2 : 1
        index += 1
      } else if text[index] == 0x20 || text[index] == 0x0A {
        // A fold: line ends and indentation stand for one space or line end.
        while at < source.count, source[at] <= 0x20 { at += 1 }
        index += 1
      } else if source[at] <= 0x20 {
        at += 1
      } else {
        return offset
      }
    }
    if index < text.count, index == 0 || text[index - 1] == 0x0A { skipIndentation(&at, text[index], source) }
    return min(at, source.count)
  }

  private func skipIndentation(_ at: inout Int, _ next: UInt8, _ source: [UInt8]) {
    guard next != 0x20 else { return }
    while at < source.count, source[at] == 0x20 { at += 1 }
  }

  private func skipEscape(_ at: inout Int, _ text: [UInt8], _ index: inout Int, _ source: [UInt8]) {
    guard at + 1 < source.count else { return at += 1 }
    switch source[at + 1] {
    case 0x0A, 0x0D:
      at += 2
      while at < source.count, source[at] <= 0x20 { at += 1 }
      return
    case UInt8(ascii: "x"): at += 4
    case UInt8(ascii: "u"): at += 6
    case UInt8(ascii: "U"): at += 10
    default: at += 2
    }
    // One escape is one scalar, which may be several bytes.
    index += 1
    while index < text.count, text[index] & 0xC0 == 0x80 { index += 1 }
  }
}
