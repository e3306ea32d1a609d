// Fenced code blocks in a model's text (CommonMark 0.31.2 §4.5), for taking the code out of the talk around it.

package enum FencedBlock {
  /// The contents of all fenced blocks, in order. A fence that is not closed ends with the text.
  package static func all(in text: String) -> [String] {
    var blocks: [String] = []
    var fence: (character: Character, count: Int, indent: Int)?
    var lines: [Substring] = []
    for line in text.lines {
      let indent = line.prefix { $0 == " " }.count
      let body = line.dropFirst(indent)
      if let open = fence {
        let run = body.prefix { $0 == open.character }.count
        if indent < 4, run >= open.count, body.dropFirst(run).allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) {
          blocks.append(joined(lines))
          lines = []
          fence = nil
        } else {
          lines.append(line.dropFirst(min(indent, open.indent)))
        }
      } else if indent < 4, let character = body.first, character == "`" || character == "~" {
        let run = body.prefix { $0 == character }.count
        let info = body.dropFirst(run)
        if run >= 3, character == "~" || !info.contains("`") { fence = (character, run, indent) }
      }
    }
    if fence != nil {
      if lines.last?.isEmpty == true { lines.removeLast() }
      blocks.append(joined(lines))
    }
    return blocks
  }

  private static func joined(_ lines: [Substring]) -> String { lines.map { $0 + "\n" }.joined() }
}
