// Statements: `if`, `for`, `set` and `raw`. Other tags of Jinja and its kin are refused by their name, so that nobody
// wonders why they do nothing.

struct TemplateParser {
  private let pieces: [TemplatePiece]
  private var at = 0
  private var depth = 0

  static func statements(of source: ArraySlice<UInt8>) throws(TemplateFault) -> [Statement] {
    var parser = TemplateParser(pieces: try TemplateLexer.pieces(of: source))
    let (statements, end) = try parser.parseBlock([], opened: source.startIndex)
    if let end { throw TemplateFault(.syntax, "'\(end.word)' closes nothing", at: end.offset) }
    return statements
  }

  private init(pieces: [TemplatePiece]) { self.pieces = pieces }

  /// The tag that ended a block.
  private struct End {
    var word: String
    var parser: ExpressionParser
    var offset: Int
  }

  private static let refused: Set<String> = [
    "macro", "call", "import", "include", "extends", "block", "from", "filter", "with", "autoescape", "do", "trans",
    "switch", "asyncEach", "asyncAll", "continue", "break",
  ]

  /// Statements up to one of `ends`, or to the end of the template where there are none.
  private mutating func parseBlock(
    _ ends: Set<String>, opened: Int
  ) throws(TemplateFault) -> ([Statement], End?) {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { throw TemplateFault(.syntax, "blocks are nested too deeply", at: opened) }
    var statements: [Statement] = []
    while at < pieces.count {
      let piece = pieces[at]
      at += 1
      switch piece {
      case .text(let text): statements.append(.text(text))
      case .output(let tokens, let offset):
        var parser = ExpressionParser(tokens)
        let value = try parser.parse()
        try parser.expectEnd()
        statements.append(.output(value, offset))
      case .tag(let tokens, let offset):
        guard case .name(let word)? = tokens.first?.kind else {
          throw TemplateFault(.syntax, "the name of a tag is expected", at: offset)
        }
        var parser = ExpressionParser(tokens, from: 1)
        switch word {
        case "if": statements.append(try parseIf(&parser, offset))
        case "for": statements.append(try parseFor(&parser, offset))
        case "set": statements.append(try parseSet(&parser, offset))
        case _ where ends.contains(word): return (statements, End(word: word, parser: parser, offset: offset))
        case "else", "elif", "endif", "endfor", "endset", "endraw":
          throw TemplateFault(.syntax, "'\(word)' stands where nothing is open for it", at: offset)
        case _ where Self.refused.contains(word) || word.hasPrefix("end"):
          throw TemplateFault(
            .syntax, "'\(word)' is not part of this language", hint: "it has if, for, set and raw", at: offset)
        default: throw TemplateFault(.syntax, "unknown tag '\(word)'", hint: "if, for, set and raw", at: offset)
        }
      }
    }
    if let close = ends.first(where: { $0.hasPrefix("end") }) {
      throw TemplateFault(.syntax, "the block is not closed", hint: "{% \(close) %}", at: opened)
    }
    return (statements, nil)
  }

  private mutating func parseIf(_ parser: inout ExpressionParser, _ offset: Int) throws(TemplateFault) -> Statement {
    var branches: [(Expression, [Statement])] = []
    var condition = try parser.parse()
    try parser.expectEnd()
    while true {
      let (body, end) = try parseBlock(["elif", "else", "endif"], opened: offset)
      branches.append((condition, body))
      guard var end else { return .conditional(branches, otherwise: []) }
      switch end.word {
      case "elif":
        condition = try end.parser.parse()
        try end.parser.expectEnd()
      case "else":
        try end.parser.expectEnd()
        let (otherwise, last) = try parseBlock(["endif"], opened: offset)
        try last?.parser.checkedEnd()
        return .conditional(branches, otherwise: otherwise)
      default:
        try end.parser.expectEnd()
        return .conditional(branches, otherwise: [])
      }
    }
  }

  private mutating func parseFor(_ parser: inout ExpressionParser, _ offset: Int) throws(TemplateFault) -> Statement {
    let hasParenthesis = parser.takeSymbol("(")
    var names = [try parser.expectName()]
    while parser.takeSymbol(",") { names.append(try parser.expectName()) }
    if hasParenthesis, !parser.takeSymbol(")") { throw parser.unexpected("')' is expected") }
    guard parser.take("in") else { throw parser.unexpected("'in' is expected") }
    let sequence = try parser.parse(allowsIf: false)
    let condition = parser.take("if") ? try parser.parse() : nil
    if parser.take("recursive") {
      throw TemplateFault(.syntax, "'recursive' loops are not part of this language", at: parser.offset)
    }
    try parser.expectEnd()
    let (body, end) = try parseBlock(["else", "endfor"], opened: offset)
    try end?.parser.checkedEnd()
    var otherwise: [Statement] = []
    if end?.word == "else" {
      let (statements, last) = try parseBlock(["endfor"], opened: offset)
      try last?.parser.checkedEnd()
      otherwise = statements
    }
    return .loop(
      Statement.Loop(
        names: names, sequence: sequence, condition: condition, body: body, otherwise: otherwise, offset: offset))
  }

  private mutating func parseSet(_ parser: inout ExpressionParser, _ offset: Int) throws(TemplateFault) -> Statement {
    var names = [try parser.expectName()]
    while parser.takeSymbol(",") { names.append(try parser.expectName()) }
    guard parser.takeSymbol("=") else {
      try parser.expectEnd()
      guard names.count == 1 else { throw parser.unexpected("'=' is expected") }
      let (body, end) = try parseBlock(["endset"], opened: offset)
      try end?.parser.checkedEnd()
      return .setBlock(names[0], body)
    }
    var value = try parser.parse()
    if parser.takeSymbol(",") {
      var items = [value]
      repeat {
        if parser.isAtEnd { break }
        items.append(try parser.parse())
      } while parser.takeSymbol(",")
      value = .list(items)
    }
    try parser.expectEnd()
    return .set(names, value, offset)
  }
}

extension ExpressionParser {
  /// `expectEnd` on a copy.
  fileprivate func checkedEnd() throws(TemplateFault) {
    var copy = self
    try copy.expectEnd()
  }
}
