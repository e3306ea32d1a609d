// Header lines as curl hands them over, one a call, gathered to a head. Interim (1xx) heads and the trailers after
// the body are passed by (RFC 9110 §6.5, §15.2).

struct ResponseHeadReader {
  enum Step {
    case more
    case tooLong
    case complete(status: Int, headers: [HTTPHeader], version: String)
  }

  /// Longest head in bytes.
  static let limit = 1 << 20
  /// Statuses whose `Location` is followed (RFC 9110 §15.4).
  static let redirects: Set<Int> = [301, 302, 303, 307, 308]

  private var status = 0
  private var version = ""
  private var headers: [HTTPHeader] = []
  private var length = 0
  private var isComplete = false

  mutating func push(_ line: UnsafeRawBufferPointer) -> Step {
    guard !isComplete else { return .more }
    length += line.count
    guard length <= Self.limit else { return .tooLong }
    let text = Self.trimmed(line[...])
    if text.isEmpty {
      guard status >= 200 else { return .more }
      isComplete = true
      return .complete(status: status, headers: headers, version: version)
    }
    if text.starts(with: "HTTP/".utf8) {
      readStatusLine(text.dropFirst(5))
    } else if line.first == 0x20 || line.first == 0x09 {
      continueLast(text)
    } else if let colon = text.firstIndex(of: 0x3A) {
      let name = String(decoding: Self.trimmed(text[..<colon]), as: UTF8.self)
      let value = String(decoding: Self.trimmed(text[text.index(after: colon)...]), as: UTF8.self)
      headers.append(HTTPHeader(name, value))
    }
    return .more
  }

  private mutating func readStatusLine(_ text: Slice<UnsafeRawBufferPointer>) {
    let parts = text.split(separator: 0x20, maxSplits: 2)
    version = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    status = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
    headers = []
  }

  /// A folded line (RFC 9112 §5.2) belongs to the field before it.
  private mutating func continueLast(_ text: Slice<UnsafeRawBufferPointer>) {
    guard !headers.isEmpty else { return }
    headers[headers.count - 1].value += " " + String(decoding: text, as: UTF8.self)
  }

  private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    guard let first = text.firstIndex(where: { !isSpace($0) }),
      let last = text.lastIndex(where: { !isSpace($0) })
    else { return text[text.startIndex..<text.startIndex] }
    return text[first...last]
  }
}
