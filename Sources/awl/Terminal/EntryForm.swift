// Entries of several lines: between `"""`, or with a backslash at the end of a line. The same for the line editor, which
// holds characters, and for lines of a pipe, which are strings.

enum EntryForm {
  private static let quotes = "\"\"\""

  /// Whether the entry goes on: an open `"""`, or a backslash at the end.
  static func continues(_ text: some BidirectionalCollection<Character>) -> Bool {
    if isQuoted(text) { return !isClosed(text) }
    return text.last == "\\" && text.dropLast().last != "\\"
  }

  static func isQuoted(_ text: some BidirectionalCollection<Character>) -> Bool { text.starts(with: quotes) }

  private static func isClosed(_ text: some BidirectionalCollection<Character>) -> Bool {
    text.dropFirst(3).suffix(3).elementsEqual(quotes)
  }

  /// The text that is meant: without the quotes around it and the line ends next to them.
  static func content<Text: BidirectionalCollection<Character>>(_ text: Text) -> Text.SubSequence
  where Text.SubSequence: BidirectionalCollection<Character> {
    guard isQuoted(text), isClosed(text) else { return text[...] }
    var content = text.dropFirst(3).dropLast(3)
    if content.first == "\n" { content = content.dropFirst() }
    if content.last == "\n" { content = content.dropLast() }
    return content
  }
}
