// Cutting a text as a model's tokens would: words with the white space behind them, and each CJK character for itself.
// The pieces joined are the text, byte for byte.

import Formats

enum TextPieces {
  /// White space, told without the tables that other scripts need.
  private static func isSpace(ascii value: UInt32) -> Bool { value == 0x20 || (0x09...0x0D).contains(value) }

  /// The smallest pieces. A run without white space is cut after 64 scalars.
  static func units(_ text: String) -> [Substring] {
    var units: [Substring] = []
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    var index = start
    var length = 0
    var wasSpace = false
    var wasIdeograph = false
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let isSpace = scalar.isASCII ? isSpace(ascii: scalar.value) : scalar.properties.isWhitespace
      let isIdeograph = WordScanner.isIdeographic(scalar.value)
      let canBegin = isIdeograph || wasIdeograph || (scalar.isASCII && scalar.value > 0x2F && length >= 64)
      if length > 0, !isSpace, wasSpace || (canBegin && !scalar.properties.isGraphemeExtend) {
        units.append(text[start..<index])
        start = index
        length = 0
      }
      length += 1
      wasSpace = isSpace
      wasIdeograph = isIdeograph
      index = scalars.index(after: index)
    }
    if length > 0 { units.append(text[start...]) }
    return units
  }

  /// Pieces of `words` units each; without a number 4, or more where there would be thousands of pieces.
  static func cut(_ text: String, words: Int?) -> [String] {
    let units = units(text)
    let size = max(1, words ?? max(4, units.count / 2000))
    return stride(from: 0, to: units.count, by: size).map { start in
      let last = units[min(start + size, units.count) - 1]
      return String(text[units[start].startIndex..<last.endIndex])
    }
  }

  /// The longest beginning in whole units that is at most `tokens` long.
  static func prefix(of text: String, tokens: Int) -> String {
    let units = units(text)
    var fits = 0
    var tooLong = units.count + 1
    while tooLong - fits > 1 {
      let middle = (fits + tooLong) / 2
      if TokenEstimate.count(String(text[..<units[middle - 1].endIndex])) <= tokens {
        fits = middle
      } else {
        tooLong = middle
      }
    }
    return fits == 0 ? "" : String(text[..<units[fits - 1].endIndex])
  }
}
