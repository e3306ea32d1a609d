// Front matter: YAML between two lines `---` at the top of a text file, and the body below. The YAML is read where it
// stands, so that every position refers to the whole file.

/// The two parts of a file with front matter.
package struct FrontMatter: Sendable {
  /// What stands between the lines; `nil` where the file has no front matter, null where nothing is between them.
  package var value: JSON?
  /// The body as a range of the file's bytes.
  package var body: Range<Int>
  /// Where the body starts.
  package var bodyPosition: SourcePosition

  package struct Options: Sendable {
    package var yaml: YAML.Options
    /// Blank lines and lines that start with `#` may stand before the first `---` (a licence, as in dotprompt files).
    package var allowsCommentsBefore: Bool

    package init(yaml: YAML.Options = .any, allowsCommentsBefore: Bool = false) {
      self.yaml = yaml
      self.allowsCommentsBefore = allowsCommentsBefore
    }
  }

  /// Splits a file. Its first line is `---`; the next line that is `---` or `...` ends the front matter. Spaces and tabs
  /// may follow either.
  package static func split(_ bytes: [UInt8], _ options: Options = Options()) throws(FormatError) -> FrontMatter {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = Line(from: start, in: bytes)
    if options.allowsCommentsBefore {
      while line.end < bytes.count, isComment(line, bytes) { line = Line(from: line.next, in: bytes) }
    }
    if isMarker("+++", line, bytes) {
      throw FormatError(
        "front matter in TOML is not read", hint: "write it as YAML between lines '---'",
        at: SourcePosition(of: line.start, in: bytes))
    }
    guard isMarker("---", line, bytes) else {
      return FrontMatter(value: nil, body: start..<bytes.count, bodyPosition: SourcePosition(of: start, in: bytes))
    }
    let opening = line.start
    repeat {
      guard line.end < bytes.count else {
        throw FormatError(
          "the front matter is not closed", hint: "a line '---' ends it", at: SourcePosition(of: opening, in: bytes))
      }
      line = Line(from: line.next, in: bytes)
    } while !isMarker("---", line, bytes) && !isMarker("...", line, bytes)
    let value = try YAML.parse(Array(bytes[..<line.start]), options.yaml)
    return FrontMatter(
      value: value, body: line.next..<bytes.count, bodyPosition: SourcePosition(of: line.next, in: bytes))
  }

  private struct Line {
    var start: Int
    /// Of its text.
    var end: Int
    /// Start of the next line.
    var next: Int

    init(from start: Int, in bytes: [UInt8]) {
      self.start = start
      var index = start
      while index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D { index += 1 }
      end = index
      let isPair = index + 1 < bytes.count && bytes[index] == 0x0D && bytes[index + 1] == 0x0A
      next = min(bytes.count, index + (isPair ? 2 : 1))
    }
  }

  private static func isMarker(_ marker: String, _ line: Line, _ bytes: [UInt8]) -> Bool {
    let text = bytes[line.start..<line.end]
    return text.starts(with: marker.utf8) && text.dropFirst(3).allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  private static func isComment(_ line: Line, _ bytes: [UInt8]) -> Bool {
    let text = bytes[line.start..<line.end].drop { $0 == 0x20 || $0 == 0x09 }
    return text.isEmpty || text.first == UInt8(ascii: "#")
  }
}
