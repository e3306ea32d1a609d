// Headers of a mail: unfolded, by their names in small letters; parameters behind `;`; encoded words (RFC 2047).

import Formats

/// The headers of a mail or of a part of it.
struct MailHeaders {
  private var fields: [String: String] = [:]

  /// A header's value in small letters with its parameters.
  struct Parameters {
    var value: String
    fileprivate var parameters: [String: String] = [:]

    subscript(_ name: String) -> String? { parameters[name] }
  }

  /// The first value of a header.
  subscript(_ name: String) -> String? { fields[name] }

  /// Reads headers up to the blank line; gives them and the range of the body.
  static func read(_ source: [UInt8], from start: Int, to end: Int) -> (MailHeaders, Range<Int>) {
    var headers = MailHeaders()
    var at = start
    var name = ""
    var value: [UInt8] = []
    func finish() {
      let text = String(decoding: TextEncoding.of(value).encoding.decode(value), as: UTF8.self)
      if !name.isEmpty, headers.fields[name] == nil { headers.fields[name] = text }
      (name, value) = ("", [])
    }
    while at < end {
      let next = source[at..<end].firstIndex(of: 0x0A).map { $0 + 1 } ?? end
      var line = source[at..<next]
      while let last = line.last, last == 0x0A || last == 0x0D { line = line.dropLast() }
      at = next
      guard let first = line.first else { break }
      if first == 0x20 || first == 0x09 {
        guard value.count < 1 << 16 else { continue }
        value += [0x20] + line.drop { $0 == 0x20 || $0 == 0x09 }
        continue
      }
      finish()
      // A line `From …` of a mailbox, or no header at all, is passed over.
      guard let colon = line.firstIndex(of: 0x3A) else { continue }
      name = String(decoding: line[..<colon].prefix(80), as: UTF8.self).lowercased()
      value = Array(line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }.prefix(1 << 16))
    }
    finish()
    return (headers, at..<max(at, end))
  }

  /// `text/plain; charset="utf-8"`.
  func parameters(_ name: String) -> Parameters {
    var parts: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in (fields[name] ?? "").utf8 {
      if byte == 0x22 {
        isQuoted.toggle()
      } else if byte == 0x3B, !isQuoted {
        parts.append([])
      } else {
        parts[parts.count - 1].append(byte)
      }
    }
    func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
      let start = bytes.drop { $0 <= 0x20 }
      return String(decoding: start.reversed().drop { $0 <= 0x20 }.reversed(), as: UTF8.self)
    }
    var result = Parameters(value: trimmed(parts[0]).lowercased())
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: 0x3D) else { continue }
      result.parameters[trimmed(part[..<equals]).lowercased()] = trimmed(part[(equals + 1)...])
    }
    return result
  }

  /// `=?utf-8?Q?caf=C3=A9?=` and its like as text.
  static func decodeWords(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    var at = 0
    /// Where the output ended behind the last encoded word: white space between two of them is none.
    var wordEnd: Int?
    while at < bytes.count {
      if bytes[at] == 0x3D, let (word, next) = encodedWord(bytes, at) {
        if let wordEnd, output[wordEnd...].allSatisfy({ $0 <= 0x20 }) { output.removeSubrange(wordEnd...) }
        output += word
        wordEnd = output.count
        at = next
      } else {
        output.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func encodedWord(_ bytes: [UInt8], _ start: Int) -> ([UInt8], Int)? {
    guard start + 1 < bytes.count, bytes[start + 1] == 0x3F else { return nil }
    let limit = min(bytes.count, start + 1000)
    guard let first = bytes[(start + 2)..<limit].firstIndex(of: 0x3F),
      first + 2 < limit, bytes[first + 2] == 0x3F,
      let end = bytes[(first + 3)..<limit].firstIndex(of: 0x3F), end + 1 < bytes.count, bytes[end + 1] == 0x3D
    else { return nil }
    let charset = String(decoding: bytes[(start + 2)..<first], as: UTF8.self)
    guard let encoding = TextEncoding.named(charset) else { return nil }
    let content = bytes[(first + 3)..<end]
    switch bytes[first + 1] | 0x20 {
    case UInt8(ascii: "q"): return (encoding.decode(quotedPrintable(content, isHeader: true)), end + 2)
    case UInt8(ascii: "b"):
      guard let decoded = Base64.decode(content.filter { $0 != 0x3D }, padding: .optional) else { return nil }
      return (encoding.decode(decoded), end + 2)
    default: return nil
    }
  }

  /// RFC 2045 §6.7; in headers `_` is a space (RFC 2047 §4.2).
  static func quotedPrintable(_ bytes: ArraySlice<UInt8>, isHeader: Bool) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    func digit(_ at: Int) -> UInt8? {
      guard at < bytes.endIndex else { return nil }
      return Character(Unicode.Scalar(bytes[at])).hexDigitValue.map { UInt8($0) }
    }
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let byte = bytes[at]
      at += 1
      if byte == 0x3D {
        if let high = digit(at), let low = digit(at + 1) {
          output.append(high << 4 | low)
          at += 2
          continue
        }
        // `=` at the end of a line: the line goes on.
        var next = at
        while next < bytes.endIndex, bytes[next] == 0x20 || bytes[next] == 0x09 || bytes[next] == 0x0D { next += 1 }
        if next == bytes.endIndex || bytes[next] == 0x0A {
          at = min(next + 1, bytes.endIndex)
          continue
        }
      }
      output.append(isHeader && byte == 0x5F ? 0x20 : byte)
    }
    return output
  }
}
