// The nodes of a paragraph that are not told yet, and which delimiter runs belong together: the algorithm of CommonMark
// 0.31.2 ("process emphasis"), run as text comes. A node is told when no opener in front of it is open any more.

struct MarkdownNodes: Sendable {
  enum Kind: Sendable {
    case text, raw, softBreak, hardBreak, delimiter, bracket
    case code(fence: Int)
    case bytes([UInt8])
    case begin(MarkdownSpan)
    case end(MarkdownSpan)
  }

  struct Node: Sendable {
    var kind: Kind
    /// Its place in the source.
    var range: Range<Int>
    // Of delimiter runs alone:
    var byte: UInt8 = 0
    /// Delimiters that belong to no span: shown as they are.
    var left = 0
    var length = 0
    var canOpen = false
    var canClose = false
    /// Spans that end in front of what is left, and that begin behind it, the innermost first.
    var marks: [Mark] = []
  }

  struct Mark: Sendable {
    var isEnd: Bool
    var span: MarkdownSpan
  }

  private struct Bracket: Sendable {
    var node: Int
    var isImage: Bool
    var isActive = true
  }

  private var nodes: [Node] = []
  /// The nodes in front of it are told.
  private var head = 0
  /// Delimiter runs that may still open or close a span, in order.
  private var delimiters: ArraySlice<Int> = []
  private var brackets: ArraySlice<Bracket> = []
  /// Where those of `delimiters` begin that have not been looked at as closers.
  private var seen = 0
  /// For each kind of closer, the node below which no opener for it stands.
  private var bottoms = [Int](repeating: 0, count: 24)
  private var hasBottoms = false

  subscript(_ index: Int) -> Node { nodes[index] }
  /// The first node that is not told.
  var first: Int? { head < nodes.count ? head : nil }
  /// The first that may still open a span.
  var firstOpener: Int? {
    guard let delimiter = delimiters.first else { return brackets.first?.node }
    return brackets.first.map { min($0.node, delimiter) } ?? delimiter
  }
  var isLong: Bool { nodes.count - head > 64 && firstOpener.map { $0 > head } ?? true }
  var hasBracket: Bool { !brackets.isEmpty }
  var isBracketActive: Bool { brackets.last?.isActive ?? false }

  mutating func append(_ kind: Kind, _ range: Range<Int>) { nodes.append(Node(kind: kind, range: range)) }

  mutating func appendDelimiter(_ byte: UInt8, _ range: Range<Int>, canOpen: Bool, canClose: Bool) {
    var node = Node(kind: .delimiter, range: range, byte: byte)
    (node.left, node.length, node.canOpen, node.canClose) = (range.count, range.count, canOpen, canClose)
    nodes.append(node)
    guard canOpen || canClose else { return }
    delimiters.append(nodes.count - 1)
    if brackets.isEmpty { processEmphasis() }
  }

  mutating func appendBracket(_ range: Range<Int>, isImage: Bool) {
    append(.bracket, range)
    // The spans before it are settled first, so that what is open now stays open behind a link.
    brackets.append(Bracket(node: nodes.count - 1, isImage: isImage))
  }

  /// The last bracket is text, and so is the one that would have closed it.
  mutating func popBracket() {
    guard brackets.popLast() != nil else { return }
    if brackets.isEmpty { processEmphasis() }
  }

  /// The last bracket begins a link or an image that ends at `range`.
  mutating func endLink(_ range: Range<Int>, destination: [UInt8]) {
    guard let bracket = brackets.popLast() else { return }
    let span: MarkdownSpan = bracket.isImage ? .image(destination: destination) : .link(destination: destination)
    let inside = delimiters.firstIndex { $0 > bracket.node } ?? delimiters.endIndex
    var ignored = [Int](repeating: 0, count: 24)
    _ = process(from: inside, bottom: inside, bottoms: &ignored)
    delimiters.removeSubrange(inside...)
    nodes[bracket.node].kind = .begin(span)
    append(.end(span), range)
    // No links in links.
    if !bracket.isImage {
      for index in brackets.indices where !brackets[index].isImage { brackets[index].isActive = false }
    }
    if brackets.isEmpty { processEmphasis() }
  }

  /// No more text comes.
  mutating func finish() {
    if !brackets.isEmpty { brackets = [] }
    processEmphasis()
    clearDelimiters()
  }

  private mutating func clearDelimiters() {
    delimiters.removeAll(keepingCapacity: true)
    seen = delimiters.startIndex
  }

  /// The first opener finds no end within the limit: it is text.
  mutating func evict() {
    guard let first = firstOpener else { return }
    if brackets.first?.node == first {
      brackets.removeFirst()
      if brackets.isEmpty { processEmphasis() }
    } else {
      delimiters.removeFirst()
    }
  }

  // MARK: Emphasis

  private mutating func processEmphasis() {
    var own: [Int] = []
    swap(&own, &bottoms)
    seen = process(from: max(seen, delimiters.startIndex), bottom: delimiters.startIndex, bottoms: &own)
    swap(&own, &bottoms)
  }

  /// Looks for the openers of all closers from the `start`th delimiter on; gives the place behind the last.
  private mutating func process(from start: Int, bottom: Int, bottoms: inout [Int]) -> Int {
    var from = start
    while from < delimiters.endIndex {
      let closer = delimiters[from]
      guard nodes[closer].canClose else {
        from += 1
        continue
      }
      let kind = bottomIndex(nodes[closer])
      var at = from - 1
      while at >= bottom, delimiters[at] >= bottoms[kind], !matches(nodes[delimiters[at]], nodes[closer]) { at -= 1 }
      guard at >= bottom, delimiters[at] >= bottoms[kind] else {
        bottoms[kind] = closer
        hasBottoms = true
        if nodes[closer].canOpen { from += 1 } else { delimiters.remove(at: from) }
        continue
      }
      let opener = delimiters[at]
      let span = join(opener, closer)
      nodes[opener].marks.append(Mark(isEnd: false, span: span))
      nodes[closer].marks.append(Mark(isEnd: true, span: span))
      delimiters.removeSubrange(at + 1..<from)
      from = at + 1
      if nodes[opener].left == 0 {
        delimiters.remove(at: at)
        from -= 1
      }
      if nodes[closer].left == 0 { delimiters.remove(at: from) }
    }
    return from
  }

  /// Takes delimiters from both.
  private mutating func join(_ opener: Int, _ closer: Int) -> MarkdownSpan {
    let isDouble = nodes[opener].left >= 2 && nodes[closer].left >= 2
    nodes[opener].left -= isDouble ? 2 : 1
    nodes[closer].left -= isDouble ? 2 : 1
    return nodes[closer].byte == Byte.tilde ? .strike : isDouble ? .strong : .emphasis
  }

  private func matches(_ opener: Node, _ closer: Node) -> Bool {
    guard opener.byte == closer.byte, opener.canOpen else { return false }
    guard opener.canClose || closer.canOpen, opener.byte != Byte.tilde else { return true }
    // Rules 9 and 10.
    return !(opener.length + closer.length).isMultiple(of: 3)
      || opener.length.isMultiple(of: 3) && closer.length.isMultiple(of: 3)
  }

  private func bottomIndex(_ closer: Node) -> Int {
    let byte = closer.byte == Byte.star ? 0 : closer.byte == Byte.underscore ? 1 : 2
    return byte * 6 + (closer.canOpen ? 3 : 0) + closer.length % 3
  }

  // MARK: Telling

  /// Tells the nodes in front of the first opener.
  mutating func tell<Sink: MarkdownSink>(_ source: [UInt8], into sink: inout Sink) {
    let end = firstOpener ?? nodes.count
    while head < end {
      // Field by field: most nodes are text, and a whole copy counts its lists up and down.
      let (at, range) = (head, nodes[head].range)
      head += 1
      switch nodes[at].kind {
      case .text, .bracket: sink.text(source[range])
      case .raw: sink.raw(source[range])
      case .softBreak: sink.softBreak()
      case .hardBreak: sink.hardBreak()
      case .bytes(let bytes): sink.text(bytes[...])
      case .code(let fence): tellCode(source, range.dropFirst(fence).dropLast(fence), into: &sink)
      case .begin(let span): sink.begin(span)
      case .end(let span): sink.end(span)
      case .delimiter:
        let marks = nodes[at].marks
        for mark in marks where mark.isEnd { sink.end(mark.span) }
        if nodes[at].left > 0 { sink.text(source[range.lowerBound..<range.lowerBound + nodes[at].left]) }
        for mark in marks.reversed() where !mark.isEnd { sink.begin(mark.span) }
      }
    }
    if head == nodes.count {
      nodes.removeAll(keepingCapacity: true)
      moveIndices(by: head)
    } else if head > 1024 {
      nodes.removeSubrange(..<head)
      moveIndices(by: head)
    }
  }

  /// Line ends become spaces, and one space at each end goes where there are both.
  private func tellCode<Sink: MarkdownSink>(_ source: [UInt8], _ range: Range<Int>, into sink: inout Sink) {
    var text = source[range].map { $0 == Byte.lineFeed ? Byte.space : $0 }
    if text.count > 2, text.first == Byte.space, text.last == Byte.space, text.contains(where: { $0 != Byte.space }) {
      text = Array(text[1..<text.count - 1])
    }
    sink.begin(.code)
    sink.text(text[...])
    sink.end(.code)
  }

  private mutating func moveIndices(by count: Int) {
    head = 0
    for index in delimiters.indices { delimiters[index] -= count }
    for index in brackets.indices { brackets[index].node -= count }
    guard hasBottoms else { return }
    hasBottoms = false
    for index in bottoms.indices {
      bottoms[index] = max(0, bottoms[index] - count)
      if bottoms[index] > 0 { hasBottoms = true }
    }
  }

  /// The source has lost `count` bytes at its beginning.
  mutating func shift(by count: Int) {
    for index in head..<max(head, nodes.count) {
      nodes[index].range = nodes[index].range.lowerBound - count..<nodes[index].range.upperBound - count
    }
  }

  mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    head = 0
    clearDelimiters()
    if !brackets.isEmpty { brackets = [] }
    guard hasBottoms else { return }
    hasBottoms = false
    for index in bottoms.indices { bottoms[index] = 0 }
  }
}
