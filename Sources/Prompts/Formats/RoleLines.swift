// A text in which lines begin messages, `system:`, `# user:`, `user[name="x"]:`, as prompty has them. They are found on
// the source, before any value is in it.

import Formats
import Models

enum RoleLines {
  struct Section {
    var role: Role
    /// Bytes of the file.
    var range: Range<Int>
  }

  /// The messages of a body. Text before the first role line is a system message; code between fences has no role lines.
  static func sections(_ bytes: [UInt8], in body: Range<Int>) -> [Section] {
    var sections: [Section] = []
    var role = Role.system
    var start = body.lowerBound
    var line = body.lowerBound
    while line < body.upperBound {
      let end = bytes[line..<body.upperBound].firstIndex(of: 0x0A) ?? body.upperBound
      let next = min(end + 1, body.upperBound)
      if let found = self.role(bytes[line..<end]) {
        sections.append(Section(role: role, range: trimmed(start..<line, bytes)))
        role = found
        start = next
      }
      line = next
    }
    sections.append(Section(role: role, range: trimmed(start..<body.upperBound, bytes)))
    return sections.filter { !$0.range.isEmpty }
  }

  private static func trimmed(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    var range = range
    while let last = range.last, bytes[last].isSpace { range = range.lowerBound..<last }
    // Blank lines go, the indentation of the first line stays.
    while let first = range.first, let end = bytes[range].firstIndex(of: 0x0A), bytes[first..<end].allSatisfy(\.isSpace)
    {
      range = (end + 1)..<range.upperBound
    }
    return range
  }

  /// `  # user [name="x"] : `, in any case.
  private static func role(_ line: ArraySlice<UInt8>) -> Role? {
    var rest = line.drop(while: \.isSpace)
    if rest.first == UInt8(ascii: "#") { rest = rest.dropFirst().drop(while: \.isSpace) }
    let word = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) }
    guard !word.isEmpty, word.count < 16, let role = Role(promptRole: String(decoding: word, as: UTF8.self)) else {
      return nil
    }
    rest = rest.dropFirst(word.count)
    if rest.first == UInt8(ascii: "[") {
      guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      rest = rest[(close + 1)...]
    }
    rest = rest.drop(while: \.isSpace)
    guard rest.first == UInt8(ascii: ":") else { return nil }
    return rest.dropFirst().allSatisfy(\.isSpace) ? role : nil
  }
}
