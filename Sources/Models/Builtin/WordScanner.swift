// Words of a text in any script, case folded, without a library for Unicode: letters, digits and marks make words; runs
// of Han, Kana and Hangul are told apart, since they are compared by pairs of characters.

/// A word as it is scanned: folded scalars.
struct ScannedWord {
  var scalars: [UInt32] = []
  /// A run of Han, Kana or Hangul.
  var isIdeographic = false
}

enum WordScanner {
  /// Calls `body` with each word in `range` of `text`, which is UTF-8. Words are cut at 64 scalars.
  static func scan(_ text: [UInt8], _ range: Range<Int>, _ body: (ScannedWord) -> Void) {
    var word = ScannedWord()
    var index = range.lowerBound
    while index < range.upperBound {
      let (scalar, length) = UTF8Scalar.at(index, text)
      index += length
      let folded = fold(scalar)
      if folded == 0 {
        flush(&word, body)
        continue
      }
      let isIdeographic = isIdeographic(folded)
      if word.isIdeographic != isIdeographic || word.scalars.count >= 64 { flush(&word, body) }
      word.isIdeographic = isIdeographic
      word.scalars.append(folded)
    }
    flush(&word, body)
  }

  private static func flush(_ word: inout ScannedWord, _ body: (ScannedWord) -> Void) {
    guard !word.scalars.isEmpty else { return }
    body(word)
    word.scalars.removeAll(keepingCapacity: true)
  }

  /// The scalar as it is compared; 0 for what belongs to no word.
  private static func fold(_ scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0x30...0x39, 0x61...0x7A: return scalar
    case 0x41...0x5A: return scalar + 0x20
    case 0..<0x80: return 0
    // Full-width forms are the same letters and digits (Unicode Standard Annex 11).
    case 0xFF01...0xFF5E: return fold(scalar - 0xFEE0)
    case 0x3C2: return 0x3C3
    default: break
    }
    if isIdeographic(scalar) { return scalar }
    guard let unicode = Unicode.Scalar(scalar) else { return 0 }
    let properties = unicode.properties
    guard properties.isAlphabetic || properties.numericType != nil || properties.isGraphemeExtend else { return 0 }
    return properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar
  }

  @inline(__always)
  static func isIdeographic(_ scalar: UInt32) -> Bool {
    guard scalar >= 0x3005 else { return false }
    switch scalar {
    case 0x3005, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x20000...0x3FFFD:
      return true
    default: return false
    }
  }
}

/// Decoding one scalar of valid UTF-8.
enum UTF8Scalar {
  @inline(__always)
  static func at(_ index: Int, _ text: [UInt8]) -> (value: UInt32, length: Int) {
    let first = UInt32(text[index])
    if first < 0x80 { return (first, 1) }
    func next(_ offset: Int) -> UInt32 {
      index + offset < text.count ? UInt32(text[index + offset] & 0x3F) : 0
    }
    if first < 0xE0 { return ((first & 0x1F) << 6 | next(1), 2) }
    if first < 0xF0 { return ((first & 0xF) << 12 | next(1) << 6 | next(2), 3) }
    return ((first & 7) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
  }
}
