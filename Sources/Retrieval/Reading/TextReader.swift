// Text files in windows: whole lines as long as lines fit, and never more than a window in memory. A window ends at a
// blank line where there is one in its last half, so that cutting it by itself costs nothing.

import Formats

struct TextReader {
  let kind: Document.Kind
  /// Bytes of a window.
  var window = 4 << 20

  func read(_ file: inout SourceFile, _ body: (Document) throws -> Void) throws {
    var bytes: [UInt8] = []
    var offset = 0
    var line = 1
    var encoding: TextEncoding?
    var isFirst = true
    while true {
      let isMore = try file.read(into: &bytes, limit: max(1, window - bytes.count))
      if encoding == nil {
        let found = TextEncoding.of(bytes)
        encoding = found.encoding
        if found.encoding == .utf8 || found.encoding == .windows1252, bytes.prefix(1 << 16).contains(0) {
          throw ReadingError.binary(path: file.path)
        }
        bytes.removeFirst(found.mark)
        offset = found.mark
      }
      if !isMore { break }
      guard bytes.count >= window, let encoding else { continue }
      let end = TextReader.cut(bytes, encoding)
      let piece = Array(bytes[..<end])
      bytes.removeFirst(end)
      try give(piece, encoding, file.path, &offset, &line, &isFirst, body)
    }
    try file.checkUnchanged()
    if !bytes.isEmpty { try give(bytes, encoding ?? .utf8, file.path, &offset, &line, &isFirst, body) }
  }

  private func give(
    _ bytes: [UInt8], _ encoding: TextEncoding, _ path: String, _ offset: inout Int, _ line: inout Int,
    _ isFirst: inout Bool, _ body: (Document) throws -> Void
  ) throws {
    let isVerbatim = encoding == .utf8 && UTF8Validation.isValid(bytes)
    let text = isVerbatim ? bytes : encoding.decode(bytes)
    let map: SourceMap =
      isVerbatim
      ? .verbatim(offset: offset, line: line) : .marks(TextReader.marks(text, bytes, encoding, offset, line))
    try body(Document(path: path, kind: kind, text: text, map: map, isContinued: !isFirst))
    offset += bytes.count
    line += text.count { $0 == 0x0A }
    isFirst = false
  }

  /// A mark at the start of each line of a decoded text.
  private static func marks(
    _ text: [UInt8], _ bytes: [UInt8], _ encoding: TextEncoding, _ offset: Int, _ line: Int
  ) -> [SourceMap.Mark] {
    var marks = [SourceMap.Mark(text: 0, offset: offset, line: line)]
    let isWide = encoding == .utf16BigEndian || encoding == .utf16LittleEndian
    var ends: [Int] = []
    var at = 0
    while at < bytes.count {
      if isWide {
        guard at + 1 < bytes.count else { break }
        let isFeed =
          encoding == .utf16BigEndian
          ? bytes[at] == 0 && bytes[at + 1] == 0x0A : bytes[at] == 0x0A && bytes[at + 1] == 0
        if isFeed { ends.append(at + 2) }
        at += 2
      } else {
        at += 1
        if bytes[at - 1] == 0x0A { ends.append(at) }
      }
    }
    var place = 0
    for (index, byte) in text.enumerated() where byte == 0x0A {
      guard place < ends.count else { break }
      marks.append(.init(text: index + 1, offset: offset + ends[place], line: line + place + 1))
      place += 1
    }
    return marks
  }

  /// Where a full window is cut: behind a blank line, else behind a line, else between characters.
  private static func cut(_ bytes: [UInt8], _ encoding: TextEncoding) -> Int {
    guard encoding == .utf8 || encoding == .windows1252 else { return bytes.count & ~1 }
    var line: Int?
    var at = bytes.count - 1
    while at > bytes.count / 2 {
      if bytes[at] == 0x0A {
        if line == nil { line = at + 1 }
        if bytes[at - 1] == 0x0A { return at + 1 }
      }
      at -= 1
    }
    if let line { return line }
    at = bytes.count
    while at > 1, at > bytes.count - 4, bytes[at - 1] & 0xC0 == 0x80 { at -= 1 }
    // The character that starts here may be whole; leaving it to the next window is right in any case.
    return encoding == .utf8 && bytes[at - 1] >= 0xC0 && at > 1 ? at - 1 : bytes.count
  }
}
