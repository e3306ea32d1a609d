// Which part of a prompt is the text to work on, and which asks something of it. Files come as `<file name="…">` blocks,
// standard input behind a blank line after the prompt; the question is a short paragraph at the beginning or the end.

import Formats

struct PromptMaterial {
  /// Empty where nothing is asked.
  var question = ""
  /// Empty where the prompt is a question alone.
  var material = ""

  init(_ prompt: String) {
    let (files, rest) = Self.files(Self.unmarked(prompt))
    var paragraphs = Self.paragraphs(rest)
    var questions: [Substring] = []
    if let first = paragraphs.first, Self.asks(first, isOutsideFiles: !files.isEmpty) {
      questions.append(first)
      paragraphs.removeFirst()
    }
    if let last = paragraphs.last, paragraphs.count > 1 || !files.isEmpty || !questions.isEmpty,
      Self.asks(last, isOutsideFiles: !files.isEmpty), questions.isEmpty || last.unicodeScalars.last == "?"
    {
      // The end is the question only where something is left to ask it of.
      if paragraphs.count > 1 || !files.isEmpty {
        questions.append(last)
        paragraphs.removeLast()
      }
    }
    material = (files + paragraphs.map(String.init)).joined(separator: "\n\n")
    question = questions.joined(separator: "\n")
    if files.isEmpty, material.isEmpty || questions.isEmpty, Self.paragraphs(rest).count <= 1 { splitParagraph(rest) }
  }

  /// One paragraph that holds both: `Summarise: …`, a question behind or before its text.
  private mutating func splitParagraph(_ text: String) {
    let bytes = Array(text.utf8)
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    (question, material) = ("", "")
    let sentences = SentenceSplitter.sentences(of: bytes)
    if let colon = bytes.prefix(200).firstIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count,
      bytes[colon + 1] <= 0x20, Self.hasInstruction(text[..<(text.utf8.index(text.startIndex, offsetBy: colon))])
    {
      (question, material) = (string(0..<colon), string(colon + 1..<bytes.count))
    } else if sentences.count > 1, let last = sentences.last, bytes[last].last == UInt8(ascii: "?") {
      (question, material) = (string(last), string(0..<last.lowerBound))
    } else if sentences.count > 1, let first = sentences.first,
      bytes[first].last == UInt8(ascii: "?") || Self.hasInstruction(Substring(string(first)))
    {
      (question, material) = (string(first), string(first.upperBound..<bytes.count))
    } else if sentences.count > 1 {
      material = text
    } else {
      question = text
    }
    if material.allSatisfy(\.isWhitespace) { (question, material) = (text, "") }
  }

  /// Whether a short paragraph asks or orders something.
  private static func asks(_ paragraph: Substring, isOutsideFiles: Bool) -> Bool {
    guard paragraph.utf8.count <= 600 else { return false }
    guard let last = paragraph.unicodeScalars.last, paragraph.unicodeScalars.first != "#" else { return false }
    if isOutsideFiles || last == "?" || last == "？" || last == "؟" || last == ":" { return true }
    if hasInstruction(paragraph) { return true }
    // Search words, as they are typed before a pipe: short, one line, no sentence.
    return paragraph.utf8.count <= 120 && !paragraph.unicodeScalars.contains("\n")
      && ![".", "!", "。", "！", "|", "`"].contains(last) && !paragraph.hasPrefix("- ")
  }

  /// Whether a text begins like an order.
  private static func hasInstruction(_ text: Substring) -> Bool {
    var first: [UInt32]?
    let start = Array(text.prefix(64).utf8)
    WordScanner.scan(start, 0..<start.count) { word in if first == nil || first == please { first = word.scalars } }
    return first.map(orders.contains) ?? false
  }

  private static let please = "please".unicodeScalars.map(\.value)
  private static let orders = FunctionWords.set(
    """
    summarise summarize summary explain describe list extract find give tell answer write show state name identify \
    translate classify compare condense shorten outline question tl what who when where why how which fasse nenne \
    erkläre beschreibe finde résume explique décris liste resume explica enumera
    """)

  /// Without the marks that chains put around text from outside; what they mark is a paragraph of its own.
  private static func unmarked(_ prompt: String) -> String {
    let mark = "material-"
    guard prompt.utf8.count > 2 * mark.utf8.count, Array(prompt.utf8).firstOffset(of: Array(mark.utf8), from: 0) != nil
    else { return prompt }
    var pieces: [Substring] = []
    for line in prompt.split(separator: "\n", omittingEmptySubsequences: false) {
      var rest = line
      let isEnd = rest.hasPrefix("</" + mark)
      // A mark may stand behind words: `Note: <material-…>`.
      if !isEnd, rest.hasSuffix(">"), let start = rest.lastIndex(of: "<"), rest[start...].dropFirst().hasPrefix(mark) {
        rest = rest[..<start]
        pieces += [rest, ""]
      } else if isEnd, let end = rest.firstIndex(of: ">") {
        rest = rest[rest.index(after: end)...]
        pieces += ["", rest]
      } else {
        pieces.append(line)
      }
    }
    return pieces.joined(separator: "\n")
  }

  /// The contents of file blocks, and what stands outside of them.
  private static func files(_ prompt: String) -> (files: [String], rest: String) {
    let bytes = Array(prompt.utf8)
    let opening = Array("<file name=\"".utf8)
    let closing = Array("</file>".utf8)
    var files: [String] = []
    var rest: [UInt8] = []
    var index = 0
    while let start = bytes.firstOffset(of: opening, from: index) {
      guard start == 0 || bytes[start - 1] == 0x0A,
        let head = bytes[start...].firstIndex(of: UInt8(ascii: ">")),
        let end = bytes.firstOffset(of: closing, from: head)
      else {
        rest += bytes[index..<start + opening.count]
        index = start + opening.count
        continue
      }
      rest += bytes[index..<start]
      // A block stands between paragraphs.
      rest += [0x0A, 0x0A]
      files.append(String(decoding: bytes[head + 1..<end], as: UTF8.self))
      index = end + closing.count
    }
    rest += bytes[index...]
    return (files, String(decoding: rest, as: UTF8.self))
  }

  /// Paragraphs, without white space around them.
  private static func paragraphs(_ text: String) -> [Substring] {
    var paragraphs: [Substring] = []
    var start: String.Index?
    var end = text.startIndex
    for line in text.lines {
      if line.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
        if let start { paragraphs.append(text[start..<end]) }
        start = nil
      } else {
        start = start ?? line.startIndex
        end = line.endIndex
      }
    }
    if let start { paragraphs.append(text[start..<end]) }
    return paragraphs
  }
}
