// Reads the text of one paragraph while it comes: emphasis, code, links (CommonMark 0.31.2 §6, with GFM's strike). What
// can no longer change is told at once; from the first opener that may still find its end, text is held back, at most
// `limit` bytes of it: then the opener is text. What is found depends on the text alone, never on how it was cut.

struct MarkdownInline: Sendable {
  /// How far apart the ends of a span may be, in bytes.
  static let limit = 4096

  /// Source text from the first node on.
  var buffer: [UInt8] = []
  /// What has been read of it.
  var position = 0
  /// Text in front of `position` that belongs to no node yet begins here.
  private var textStart = 0
  var nodes = MarkdownNodes()
  /// No more comes.
  var isFinal = false

  /// Adds text. The sink hears what is certain.
  mutating func feed<Sink: MarkdownSink>(_ bytes: ArraySlice<UInt8>, into sink: inout Sink) {
    buffer.append(contentsOf: bytes)
    read(into: &sink)
  }

  /// Ends the paragraph: openers without an end are text.
  mutating func finish<Sink: MarkdownSink>(into sink: inout Sink) {
    isFinal = true
    while let last = buffer.last, last == Byte.space || last == Byte.tab, buffer.count > position {
      buffer.removeLast()
    }
    read(into: &sink)
    endText(at: position)
    nodes.finish()
    nodes.tell(buffer, into: &sink)
    buffer.removeAll(keepingCapacity: true)
    nodes.removeAll()
    (position, textStart, isFinal) = (0, 0, false)
  }

  private mutating func read<Sink: MarkdownSink>(into sink: inout Sink) {
    while position < buffer.count {
      let plain = skipPlain()
      if plain == buffer.count, !isFinal {
        // Spaces may turn out to stand at the end of a line.
        var end = plain
        while end > position, plain - end < Self.limit, buffer[end - 1] == Byte.space { end -= 1 }
        if plain - end == Self.limit { end = plain - 2 }
        position = end
        break
      }
      position = plain
      guard position < buffer.count else { break }
      evict()
      let start = position
      guard readToken() else { break }
      if position == start { position += 1 }
      if nodes.isLong { tellWhatIsCertain(into: &sink) }
    }
    evict()
    if !isFinal { tellWhatIsCertain(into: &sink) }
    compact()
  }

  private func skipPlain() -> Int {
    buffer.withUnsafeBufferPointer { bytes in
      var at = position
      while at < bytes.count, !Self.isSpecial(bytes[at]) { at += 1 }
      return at
    }
  }

  @inline(__always)
  static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case Byte.lineFeed, Byte.backslash, Byte.backtick, Byte.star, Byte.underscore, Byte.tilde, Byte.openBracket,
      Byte.closeBracket, Byte.bang, Byte.less, Byte.ampersand, Byte.dollar:
      true
    default: false
    }
  }

  private mutating func evict() {
    while let first = nodes.firstOpener, position - nodes[first].range.lowerBound > Self.limit { nodes.evict() }
  }

  private mutating func tellWhatIsCertain<Sink: MarkdownSink>(into sink: inout Sink) {
    endText(at: position)
    nodes.tell(buffer, into: &sink)
  }

  /// Lets go of source text that nobody needs any more.
  private mutating func compact() {
    // What stands before the next token says what it can be: its last character stays.
    let needed = min(nodes.first.map { nodes[$0].range.lowerBound } ?? textStart, position - 4)
    guard needed > 1 << 16 || nodes.first == nil && needed > 0 else { return }
    buffer.removeSubrange(..<needed)
    position -= needed
    textStart -= needed
    nodes.shift(by: needed)
  }

  // MARK: Nodes

  /// Makes a node of the plain text in front of `end`.
  mutating func endText(at end: Int) {
    if end > textStart { nodes.append(.text, textStart..<end) }
    textStart = end
  }

  /// Adds a node for `position..<end`, and goes on behind it.
  mutating func add(_ kind: MarkdownNodes.Kind, to end: Int) {
    endText(at: position)
    nodes.append(kind, position..<end)
    position = end
    textStart = end
  }

  /// Skips bytes that are not shown.
  mutating func drop(to end: Int) {
    endText(at: position)
    position = end
    textStart = end
  }

  /// Spaces at the end of the text so far are not shown; gives how many there were.
  mutating func trimText() -> Int {
    var end = position
    while end > textStart, buffer[end - 1] == Byte.space { end -= 1 }
    let count = position - end
    let stop = position
    position = end
    drop(to: stop)
    return count
  }

  /// How far a construct that begins at `position` may reach, and whether that is all there will be to see.
  var window: (end: Int, isWhole: Bool) {
    let end = min(buffer.count, position + Self.limit)
    return (end, isFinal || buffer.count >= position + Self.limit)
  }
}
