// Mails (RFC 5322, MIME): the headers that a reader looks for, and the text of the body. Of alternatives the plain text is
// taken, else the page; attached files are named and not read. What is malformed is read as far as it makes sense, since
// mails are old and of many hands.

import Formats

struct MailReader {
  private(set) var text: [UInt8] = []
  private(set) var marks: [SourceMap.Mark] = []
  private let source: [UInt8]
  private var attachments: [String] = []

  struct Mail {
    var text: [UInt8]
    var title: String?
    var metadata: [(name: String, value: JSON)]
    var marks: [SourceMap.Mark]
  }

  static func read(_ source: [UInt8]) -> Mail {
    var reader = MailReader(source: source)
    let (headers, body) = MailHeaders.read(source, from: 0, to: source.count)
    var metadata: [(name: String, value: JSON)] = []
    for name in ["from", "to", "cc", "date", "subject"] {
      guard let value = headers[name] else { continue }
      let words = MailHeaders.decodeWords(value)
      metadata.append((name, .string(words)))
      reader.text += Array("\(name.prefix(1).uppercased())\(name.dropFirst()): \(words)\n".utf8)
    }
    reader.marks.append(.init(text: 0, offset: 0, line: 1))
    if !reader.text.isEmpty { reader.text.append(0x0A) }
    reader.readPart(headers, body, depth: 0)
    if !reader.attachments.isEmpty {
      metadata.append(("attachments", .array(reader.attachments.map { .string($0) })))
    }
    let subject = headers["subject"].map { MailHeaders.decodeWords($0) }
    return Mail(text: reader.text, title: subject, metadata: metadata, marks: reader.marks)
  }

  private init(source: [UInt8]) { self.source = source }

  private mutating func readPart(_ headers: MailHeaders, _ body: Range<Int>, depth: Int) {
    let type = headers.parameters("content-type")
    let disposition = headers.parameters("content-disposition")
    if disposition.value == "attachment" || (disposition["filename"] ?? type["name"]) != nil {
      attachments.append(MailHeaders.decodeWords(disposition["filename"] ?? type["name"] ?? "without a name"))
      return
    }
    if type.value.hasPrefix("multipart/"), let boundary = type["boundary"], !boundary.isEmpty, depth < 16 {
      let parts = self.parts(body, boundary).map { MailHeaders.read(source, from: $0.lowerBound, to: $0.upperBound) }
      guard type.value == "multipart/alternative" else {
        for (headers, body) in parts { readPart(headers, body, depth: depth + 1) }
        return
      }
      // The parts go from the plainest to the richest; a nested multipart holds a page with its pictures.
      let plain = parts.first { ["", "text/plain"].contains($0.0.parameters("content-type").value) }
      if let (headers, body) = plain ?? parts.last { readPart(headers, body, depth: depth + 1) }
      return
    }
    if type.value == "message/rfc822", depth < 16 {
      let (inner, body) = MailHeaders.read(source, from: body.lowerBound, to: body.upperBound)
      return readPart(inner, body, depth: depth + 1)
    }
    guard ["", "text/plain", "text/html", "text/markdown", "text/x-markdown"].contains(type.value) else { return }
    let encoding = type["charset"].flatMap { TextEncoding.named($0) }
    let bytes = transferDecoded(headers["content-transfer-encoding"] ?? "", body)
    var decoded = (encoding ?? TextEncoding.of(bytes).encoding).decode(bytes)
    if type.value == "text/html" { decoded = HTMLReader.read(decoded).text }
    let line = 1 + source[..<body.lowerBound].count { $0 == 0x0A }
    marks.append(.init(text: text.count, offset: body.lowerBound, line: line))
    append(decoded)
    marks.append(
      .init(text: text.count, offset: body.upperBound, line: line + source[body].count { $0 == 0x0A }))
  }

  /// Appends text with LF line ends.
  private mutating func append(_ bytes: [UInt8]) {
    for (index, byte) in bytes.enumerated() where byte != 0x0D || index + 1 == bytes.count || bytes[index + 1] != 0x0A {
      text.append(byte)
    }
    if text.last != 0x0A { text.append(0x0A) }
    text.append(0x0A)
  }

  /// The ranges between the lines `--boundary`.
  private func parts(_ body: Range<Int>, _ boundary: String) -> [Range<Int>] {
    let mark = Array("--\(boundary)".utf8)
    var parts: [Range<Int>] = []
    var start: Int?
    var at = body.lowerBound
    while at < body.upperBound, parts.count < 1000 {
      let end = source[at..<body.upperBound].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.upperBound
      if source[at..<end].starts(with: mark) {
        if let start { parts.append(start..<max(start, at)) }
        let isLast = source[at..<end].dropFirst(mark.count).starts(with: "--".utf8)
        start = isLast ? nil : end
        if isLast { break }
      }
      at = end
    }
    if let start { parts.append(start..<body.upperBound) }
    return parts
  }

  private func transferDecoded(_ encoding: String, _ body: Range<Int>) -> [UInt8] {
    switch encoding.lowercased() {
    case "base64":
      let clean = source[body].filter { $0 > 0x20 && $0 != UInt8(ascii: "=") }
      // A single character left over holds no byte.
      return Base64.decode(clean.dropLast(clean.count % 4 == 1 ? 1 : 0), padding: .optional) ?? []
    case "quoted-printable": return MailHeaders.quotedPrintable(source[body], isHeader: false)
    default: return Array(source[body])
    }
  }
}
