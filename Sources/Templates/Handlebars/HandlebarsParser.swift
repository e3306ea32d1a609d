// Pieces to a tree: blocks closed by their names, `else` and its chains within them.

struct HandlebarsParser {
  private let pieces: [HandlebarsPiece]
  private var at = 0
  private var depth = 0

  static func nodes(of source: ArraySlice<UInt8>) throws(TemplateFault) -> [HandlebarsNode] {
    var parser = HandlebarsParser(pieces: try HandlebarsLexer.pieces(of: source))
    let (nodes, end) = try parser.parse()
    if let end {
      let what = end.kind == .close ? "the block's end" : "'else'"
      throw TemplateFault(.syntax, "\(what) stands where no block is open", at: end.offset)
    }
    return nodes
  }

  private init(pieces: [HandlebarsPiece]) { self.pieces = pieces }

  /// Nodes up to a tag that ends them.
  private mutating func parse() throws(TemplateFault) -> ([HandlebarsNode], HandlebarsTag?) {
    var nodes: [HandlebarsNode] = []
    while at < pieces.count {
      let piece = pieces[at]
      at += 1
      switch piece {
      case .text(let bytes): nodes.append(.text(bytes))
      case .tag(let tag):
        switch tag.kind {
        case .comment: break
        case .output: nodes.append(.output(tag.call, tag.offset))
        case .partial:
          nodes.append(.partial(tag.call, indent: tag.indent, tag.offset))
        case .open, .inverse: nodes.append(.block(try block(tag, isChained: false)))
        case .close, .otherwise: return (nodes, tag)
        }
      }
    }
    return (nodes, nil)
  }

  /// - Parameter isChained: it is an `else if`, and ends where the block around it ends.
  private mutating func block(_ open: HandlebarsTag, isChained: Bool) throws(TemplateFault) -> HandlebarsBlock {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw TemplateFault(.syntax, "blocks are nested too deeply", at: open.offset) }
    guard let name = open.call.name else {
      throw TemplateFault(.syntax, "the name of a block is expected", at: open.offset)
    }
    var block = HandlebarsBlock(
      call: open.call, isInverse: open.kind == .inverse, names: open.blockNames, body: [], otherwise: [],
      offset: open.offset)
    var end: HandlebarsTag?
    (block.body, end) = try parse()
    if let tag = end, tag.kind == .otherwise {
      if case .literal = tag.call.target {
        (block.otherwise, end) = try parse()
        if let again = end, again.kind == .otherwise {
          throw TemplateFault(.syntax, "a second 'else' in '\(name)'", at: again.offset)
        }
      } else {
        block.otherwise = [.block(try self.block(tag, isChained: true))]
        // The chain has seen the end and left it for this block.
        end = at < pieces.count ? closing() : nil
      }
    }
    guard let close = end else {
      throw TemplateFault(.syntax, "'\(name)' is not closed", hint: "{{/\(name)}}", at: open.offset)
    }
    if isChained {
      at -= 1
      return block
    }
    guard close.call.name == name else {
      throw TemplateFault(
        .syntax, "'\(name)' is open here, not '\(close.call.name ?? "…")'", hint: "{{/\(name)}}", at: close.offset)
    }
    return block
  }

  private mutating func closing() -> HandlebarsTag? {
    guard case .tag(let tag) = pieces[at] else { return nil }
    at += 1
    return tag
  }
}
