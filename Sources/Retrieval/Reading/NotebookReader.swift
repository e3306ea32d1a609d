// Jupyter notebooks (nbformat 4, and the worksheets of 3) as Markdown: text cells as they are, code cells as fences, and
// the text that they printed. Pictures and pages among the outputs are left out.

import Formats

enum NotebookReader {
  /// The most that is taken of what one cell printed, in bytes.
  static let outputLimit = 2000

  static func read(_ bytes: [UInt8]) throws(FormatError) -> (text: [UInt8], title: String?, marks: [SourceMap.Mark]) {
    let notebook = try JSON.parse(bytes)
    let worksheets = notebook["worksheets"].map { Array($0.elements) } ?? []
    guard let cells = notebook["cells"] ?? worksheets.first?["cells"], cells.kind == .array else {
      throw FormatError("no 'cells'", hint: "is this a notebook?", at: notebook.position)
    }
    let information =
      notebook["metadata"]?["language_info"]?["name"] ?? notebook["metadata"]?["kernelspec"]?["language"]
    let language = information?.string ?? ""
    var text: [UInt8] = []
    var marks: [SourceMap.Mark] = []
    var title: String?
    for cell in cells.elements {
      guard let source = (cell["source"] ?? cell["input"]) else { continue }
      let body = joined(source)
      guard body.contains(where: { $0 > 0x20 }) else { continue }
      let place = source.position
      marks.append(.init(text: text.count, offset: place.offset, line: place.line))
      if cell["cell_type"]?.string == "code" {
        append(body, fencedAs: language, &text)
        for output in cell["outputs"]?.elements ?? JSON.array([]).elements {
          guard let printed = output["text"] ?? output["data"]?["text/plain"] else { continue }
          let position = printed.position
          marks.append(.init(text: text.count, offset: position.offset, line: position.line))
          append(limited(joined(printed)), fencedAs: "", &text)
        }
      } else {
        if title == nil, body.starts(with: "# ".utf8) {
          title = String(decoding: body.dropFirst(2).prefix { $0 != 0x0A }, as: UTF8.self)
        }
        text += body
        text += body.last == 0x0A ? [0x0A] : [0x0A, 0x0A]
      }
    }
    return (text, title, marks)
  }

  /// A text, or lines of it in an array.
  private static func joined(_ value: JSON) -> [UInt8] {
    var bytes: [UInt8] = []
    if value.appendString(to: &bytes) { return bytes }
    for line in value.elements { _ = line.appendString(to: &bytes) }
    return bytes
  }

  private static func limited(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > outputLimit else { return bytes }
    var end = outputLimit
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return Array(bytes[..<end]) + Array(" …".utf8)
  }

  private static func append(_ body: [UInt8], fencedAs language: String, _ text: inout [UInt8]) {
    guard body.contains(where: { $0 > 0x20 }) else { return }
    // Longer than any run of backticks in it.
    var (run, longest) = (0, 2)
    for byte in body {
      run = byte == 0x60 ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = [UInt8](repeating: 0x60, count: longest + 1)
    text += fence + Array(language.utf8) + [0x0A] + body
    if body.last != 0x0A { text.append(0x0A) }
    text += fence + [0x0A, 0x0A]
  }
}
