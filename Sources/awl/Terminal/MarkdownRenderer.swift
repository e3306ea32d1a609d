// Markdown to what a terminal is sent, while it comes: the parser and the layout put together, behind the sanitizer.
// Nothing is drawn twice; what may still change its meaning is held back.

/// Renders Markdown for a terminal as it streams.
///
///     var renderer = MarkdownRenderer(width: 80, colours: true, hyperlinks: false)
///     output.write(renderer.push("# Ti"))
///     output.write(renderer.push("tle\nSome *text*"))
///     output.write(renderer.finish())
struct MarkdownRenderer: Sendable {
  private var parser: MarkdownParser<TerminalLayout>
  private var endsInReturn = false

  /// Columns of the terminal; may change between pushes, and counts from the next word on.
  var width: Int {
    get { parser.sink.width }
    set { parser.sink.width = max(1, newValue) }
  }

  /// - Parameters:
  ///   - colours: without them the structure is still shown (bold, italics, underlines).
  ///   - hyperlinks: the terminal knows OSC 8; else addresses are written behind their text.
  init(width: Int, colours: Bool, hyperlinks: Bool) {
    parser = MarkdownParser(sink: TerminalLayout(width: max(1, width), colours: colours, hyperlinks: hyperlinks))
  }

  /// Takes more text, from outside and not to be trusted; gives what is certain now, for the terminal.
  mutating func push(_ text: String) -> String {
    var bytes = Array(text.utf8)
    if endsInReturn || !TerminalText.isPlain(bytes) { bytes = Array(TerminalText.escaped(withLineFeeds(text)).utf8) }
    parser.push(bytes[...])
    return take()
  }

  /// The text is over: gives what was held back, and ends the line.
  mutating func finish() -> String {
    if endsInReturn { parser.push(Array(TerminalText.escaped("\r").utf8)[...]) }
    endsInReturn = false
    parser.finish()
    parser.sink.finish()
    return take()
  }

  private mutating func take() -> String {
    defer { parser.sink.output.removeAll(keepingCapacity: parser.sink.output.count < 1 << 16) }
    return String(decoding: parser.sink.output, as: UTF8.self)
  }

  /// Line ends of other systems as ours; a return that ends the piece waits for what follows it.
  private mutating func withLineFeeds(_ text: String) -> String {
    guard endsInReturn || text.utf8.contains(0x0D) else { return text }
    var bytes: [UInt8] = endsInReturn ? [0x0D] : []
    bytes += text.utf8
    endsInReturn = bytes.last == 0x0D
    if endsInReturn { bytes.removeLast() }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      if byte != 0x0D || index + 1 == bytes.count || bytes[index + 1] != Byte.lineFeed { plain.append(byte) }
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
