// Texts with names in them, as three simple languages write them: GitHub's and fabric's `{{name}}`, and the `$name` of
// Python's string.Template. Everything else in them is text.

import Formats
import Templates

enum SimpleNames {
  /// `{{name}}` without spaces within, as GitHub's tool replaces it; all other braces are text.
  ///
  /// - Parameter names: only these are names, where there are any.
  static func braces(_ text: String, allowsSpaces: Bool = false, only names: Set<String>? = nil) -> Template {
    let bytes = Array(text.utf8)
    var pieces: [Template.Piece] = []
    var start = 0
    var index = 0
    while index + 3 < bytes.count {
      guard bytes[index] == UInt8(ascii: "{"), bytes[index + 1] == UInt8(ascii: "{") else {
        index += 1
        continue
      }
      var from = index + 2
      if allowsSpaces { while from < bytes.count, bytes[from] == 0x20 { from += 1 } }
      var end = from
      while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
      var close = end
      if allowsSpaces { while close < bytes.count, bytes[close] == 0x20 { close += 1 } }
      let name = String(decoding: bytes[from..<end], as: UTF8.self)
      guard end > from, close + 1 < bytes.count, bytes[close] == UInt8(ascii: "}"),
        bytes[close + 1] == UInt8(ascii: "}"),
        names?.contains(name) ?? true
      else {
        // `{{{name}}`: the braces nearest to the name are the marks.
        index += 1
        continue
      }
      if index > start { pieces.append(.text(String(decoding: bytes[start..<index], as: UTF8.self))) }
      pieces.append(.name(name, index))
      index = close + 2
      start = index
    }
    if start < bytes.count { pieces.append(.text(String(decoding: bytes[start...], as: UTF8.self))) }
    return Template(pieces, source: bytes)
  }

  /// `$name`, `${name}` and `$$`; any other `$` is an error, as it is there.
  static func dollars(_ text: String) throws(FormatError) -> Template {
    let bytes = Array(text.utf8)
    var pieces: [Template.Piece] = []
    var plain: [UInt8] = []
    func flush() {
      if !plain.isEmpty { pieces.append(.text(String(decoding: plain, as: UTF8.self))) }
      plain = []
    }
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "$") else {
        plain.append(bytes[index])
        index += 1
        continue
      }
      if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "$") {
        plain.append(bytes[index])
        index += 2
        continue
      }
      let isBraced = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "{")
      let from = index + (isBraced ? 2 : 1)
      var end = from
      while end < bytes.count, isNameByte(bytes[end]), bytes[end] != UInt8(ascii: "-"), bytes[end] != UInt8(ascii: ".")
      {
        end += 1
      }
      let isName = end > from && !(0x30...0x39).contains(bytes[from])
      guard isName, !isBraced || (end < bytes.count && bytes[end] == UInt8(ascii: "}")) else {
        throw FormatError(
          "'$' starts no name", hint: "a dollar sign is written $$", at: SourcePosition(of: index, in: bytes))
      }
      flush()
      pieces.append(.name(String(decoding: bytes[from..<end], as: UTF8.self), index))
      index = isBraced ? end + 1 : end
    }
    flush()
    return Template(pieces, source: bytes)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
