// Places to cut source code: before declarations, with the comments and attributes above them; outer declarations before
// inner ones; else blank lines; else any line. A light look at the first words of a line serves the common languages: no
// grammar is read, and a line that is taken wrongly only makes a cut less good.

/// Finds places to cut in source code.
struct CodeScanner {
  /// Whether a line that ends in `{` behind parentheses may declare a function without a keyword (C, Java, JavaScript).
  let hasBraces: Bool

  init(hasBraces: Bool) { self.hasBraces = hasBraces }

  func scan(_ table: inout CutTable) {
    let text = table.text
    /// Where the comments and attributes right above the current line start.
    var above: Int?
    var isComment = false
    var at = 0
    while at < text.count {
      let end = CutTable.lineEnd(text, at)
      let place = table.cuts.count - 1
      var start = at
      var indent = 0
      while start < end, text[start] == 0x20 || text[start] == 0x09 {
        indent += text[start] == 0x09 ? 4 : 1
        start += 1
      }
      var stop = end
      while stop > start, text[stop - 1] <= 0x20 { stop -= 1 }
      let body = start..<stop
      var level = CutLevel.line
      if isComment {
        isComment = !ends(text, body, "*/")
      } else if body.isEmpty {
        above = nil
        level = CutLevel.paragraph
      } else if isAttached(text, body) {
        isComment = starts(text, body, "/*") && !text[body].dropFirst(2).contains(0x2F)
        above = above ?? place
      } else {
        if indent <= 12, isDeclaration(text, body, indent) {
          table.raise(above ?? place, to: CutLevel.end - 3 - UInt8(min(3, indent / 2)) * 2 + (indent == 0 ? 1 : 0))
        }
        above = nil
      }
      if level == CutLevel.line, end < text.count, text[end] == 0x20 || text[end] == 0x09 { level = CutLevel.sentence }
      table.mark(end, level, newLines: text[end - 1] == 0x0A ? 1 : 0)
      if level == CutLevel.paragraph { table.raiseBlank() }
      at = end
    }
    table.finish()
  }

  private func starts(_ text: UnsafeRawBufferPointer, _ body: Range<Int>, _ words: StaticString) -> Bool {
    guard body.count >= words.utf8CodeUnitCount else { return false }
    for index in 0..<words.utf8CodeUnitCount where text[body.lowerBound + index] != words.utf8Start[index] {
      return false
    }
    return true
  }

  private func ends(_ text: UnsafeRawBufferPointer, _ body: Range<Int>, _ words: StaticString) -> Bool {
    let count = words.utf8CodeUnitCount
    return body.count >= count && starts(text, (body.upperBound - count)..<body.upperBound, words)
  }

  /// Whether the line belongs to what stands below it: a comment, an attribute, a decorator.
  private func isAttached(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Bool {
    switch text[body.lowerBound] {
    case UInt8(ascii: "/"): starts(text, body, "//") || starts(text, body, "/*")
    case UInt8(ascii: "#"): !starts(text, body, "#include") && !starts(text, body, "#define")
    case UInt8(ascii: "@"): !CodeScanner.hasDeclaringWord(text, body)
    case UInt8(ascii: "*"): true
    case UInt8(ascii: "-"): starts(text, body, "--")
    case UInt8(ascii: ";"): starts(text, body, ";;")
    case UInt8(ascii: "["): ends(text, body, "]")
    case UInt8(ascii: "t"): starts(text, body, "template") && !ends(text, body, "{") && !ends(text, body, ";")
    default: false
    }
  }

  private func isDeclaration(_ text: UnsafeRawBufferPointer, _ body: Range<Int>, _ indent: Int) -> Bool {
    let first = text[body.lowerBound] | 0x20
    guard first &- 0x61 < 26 || first == 0x40 || first == 0x7F || first == 0x28 else { return false }
    switch CodeScanner.words(text, body) {
    case .declaring: return true
    case .control: return false
    case .constant: return indent == 0
    case .other: break
    }
    guard hasBraces, text[body].contains(0x28) else { return false }
    let last = text[body.upperBound - 1]
    return last == UInt8(ascii: "{") || (indent == 0 && last == UInt8(ascii: ")"))
  }

  private enum Meaning { case declaring, constant, control, other }

  private static func hasDeclaringWord(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Bool {
    words(text, body) == .declaring
  }

  /// What the first words of a line say, modifiers and attributes skipped.
  private static func words(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Meaning {
    var at = body.lowerBound
    for count in 0..<6 {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      let start = at
      while at < body.upperBound, isWordByte(text[at]) {
        hash = (hash ^ UInt64(text[at])) &* 0x0000_0100_0000_01B3
        at += 1
      }
      guard at > start else { return .other }
      if declaring.contains(hash) { return at < body.upperBound && text[at] == 0x3D ? .other : .declaring }
      if constant.contains(hash) { return .constant }
      if control.contains(hash) { return count == 0 ? .control : .other }
      guard modifiers.contains(hash) || text[start] == 0x40 else { return .other }
      if at < body.upperBound, text[at] == 0x28 {
        // `pub(crate)`, `private(set)`
        while at < body.upperBound, text[at] != 0x29 { at += 1 }
        at = min(at + 1, body.upperBound)
      }
      while at < body.upperBound, text[at] == 0x20 || text[at] == 0x09 { at += 1 }
    }
    return .other
  }

  @inline(__always)
  private static func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte == 0x5F || byte == 0x40 || byte &- 0x30 < 10
  }

  /// FNV-1a of each word: a line is compared without making strings of it.
  private static func hashes(_ words: String) -> Set<UInt64> {
    Set(
      words.split(separator: " ").map { word in
        word.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
      })
  }

  private static let declaring = hashes(
    """
    func fn def class struct enum interface trait impl type module namespace function sub procedure protocol extension \
    actor union record object macro_rules mod defmodule defp defn defun instance data newtype typedef init deinit \
    subscript table view trigger create CREATE task contract library package message service proc macro
    """)
  private static let constant = hashes("const let var val static auto local import use using from")
  private static let control = hashes(
    "if else for while switch case catch do return try with match guard when until throw")
  private static let modifiers = hashes(
    """
    public private protected internal fileprivate open package static final abstract async override virtual inline \
    extern export default pub unsafe const sealed partial readonly mutating nonisolated indirect lazy weak synchronized \
    native strictfp transient volatile explicit constexpr friend declare suspend data inner companion operator infix \
    tailrec external annotation expect actual required convenience dynamic optional prefix postfix distributed \
    consuming borrowing implicit case local
    """)
}
