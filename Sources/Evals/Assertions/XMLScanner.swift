// Well-formedness of XML in one pass: names, nesting, attributes, comments, CDATA, processing instructions, entities by
// name. No DTD is read; a document type is passed over.

import Formats

/// Reads XML as far as it must be read to know that it is some.
struct XMLScanner {
  struct Problem: Error, Equatable {
    var message: String
  }

  private let bytes: [UInt8]
  private var at: Int
  private var open: [String] = []
  private var paths: Set<String> = []
  private var hasRoot = false

  /// The paths of all elements: `a`, `a.b`.
  static func paths(of bytes: [UInt8]) throws(Problem) -> Set<String> {
    var scanner = XMLScanner(bytes: bytes, at: 0)
    while try scanner.step() {}
    guard scanner.open.isEmpty else { throw Problem(message: "<\(scanner.open.last ?? "")> is not closed") }
    guard scanner.hasRoot else { throw Problem(message: "there is no element") }
    return scanner.paths
  }

  /// Behind the end of the element that begins at `start`; nil where none begins there or it does not end.
  static func end(of bytes: [UInt8], from start: Int) -> Int? {
    var scanner = XMLScanner(bytes: bytes, at: start)
    while (try? scanner.step()) == true {
      if scanner.hasRoot, scanner.open.isEmpty { return scanner.at }
    }
    return nil
  }

  private init(bytes: [UInt8], at: Int) {
    self.bytes = bytes
    self.at = at
  }

  /// Reads one tag or one run of text; false at the end.
  private mutating func step() throws(Problem) -> Bool {
    guard at < bytes.count else { return false }
    guard bytes[at] == 0x3C else { return try text() }
    if starts("<!--") {
      try skip(to: "-->", "a comment is not closed")
    } else if starts("<![CDATA[") {
      guard !open.isEmpty else { throw Problem(message: "CDATA stands outside of the root element") }
      try skip(to: "]]>", "a CDATA section is not closed")
    } else if starts("<?") {
      try skip(to: "?>", "a processing instruction is not closed")
    } else if starts("<!") {
      try skip(to: ">", "a declaration is not closed")
    } else {
      try tag()
    }
    return true
  }

  private func starts(_ text: String) -> Bool { bytes[at...].starts(with: Array(text.utf8)) }

  private mutating func skip(to end: String, _ problem: String) throws(Problem) {
    guard let found = bytes.firstOffset(of: Array(end.utf8), from: at) else { throw Problem(message: problem) }
    at = found + end.utf8.count
  }

  private mutating func text() throws(Problem) -> Bool {
    let start = at
    while at < bytes.count, bytes[at] != 0x3C {
      if bytes[at] == 0x26 {
        guard let end = bytes[at...].prefix(32).firstIndex(of: 0x3B), end > at + 1 else {
          throw Problem(message: "an '&' begins no entity")
        }
      }
      at += 1
    }
    if open.isEmpty, bytes[start..<at].contains(where: { $0 > 0x20 }) {
      throw Problem(message: "text stands outside of the root element")
    }
    return true
  }

  private mutating func name() -> String {
    let start = at
    while at < bytes.count, bytes[at] >= 0x80 || isNameByte(bytes[at]) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
      || byte == 0x3A || byte == 0x2D || byte == 0x2E
  }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
  }

  private mutating func tag() throws(Problem) {
    at += 1
    let isEnd = at < bytes.count && bytes[at] == 0x2F
    if isEnd { at += 1 }
    let name = name()
    guard let first = name.utf8.first, !(0x30...0x39).contains(first), first != 0x2D, first != 0x2E else {
      throw Problem(message: "a '<' begins no tag")
    }
    if isEnd {
      skipSpace()
      guard at < bytes.count, bytes[at] == 0x3E else { throw Problem(message: "</\(name)> is not closed") }
      at += 1
      guard open.last == name else { throw Problem(message: "</\(name)> closes <\(open.last ?? "nothing")>") }
      open.removeLast()
      return
    }
    if open.isEmpty, hasRoot { throw Problem(message: "there is a second root element <\(name)>") }
    guard open.count < 512 else { throw Problem(message: "it is nested deeper than 512 elements") }
    hasRoot = true
    try attributes(of: name)
    open.append(name)
    paths.insert(open.joined(separator: "."))
    if bytes[at] == 0x2F {
      open.removeLast()
      at += 1
      guard at < bytes.count, bytes[at] == 0x3E else { throw Problem(message: "<\(name)> is not closed") }
    }
    at += 1
  }

  /// Stops at `>` or `/`.
  private mutating func attributes(of element: String) throws(Problem) {
    var seen: Set<String> = []
    while true {
      skipSpace()
      guard at < bytes.count else { throw Problem(message: "<\(element)> is not closed") }
      if bytes[at] == 0x3E || bytes[at] == 0x2F { return }
      let attribute = name()
      guard !attribute.isEmpty else { throw Problem(message: "<\(element)> has an attribute without a name") }
      guard seen.insert(attribute).inserted else { throw Problem(message: "<\(element)> has '\(attribute)' twice") }
      skipSpace()
      guard at < bytes.count, bytes[at] == 0x3D else {
        throw Problem(message: "the attribute '\(attribute)' has no value")
      }
      at += 1
      skipSpace()
      guard at < bytes.count, bytes[at] == 0x22 || bytes[at] == 0x27,
        let end = bytes[(at + 1)...].firstIndex(of: bytes[at])
      else { throw Problem(message: "the value of '\(attribute)' is not in quotes") }
      guard !bytes[at..<end].contains(0x3C) else { throw Problem(message: "the value of '\(attribute)' has a '<'") }
      at = end + 1
    }
  }
}
