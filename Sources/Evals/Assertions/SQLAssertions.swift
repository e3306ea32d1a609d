// The output is or contains SQL, as far as tokens tell: it begins like a statement, strings and parentheses are closed, and
// the clauses that a statement must have are there. It is no parser: a statement that passes may still be refused by a
// database.

import Formats

enum SQLAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("is-sql", "contains-sql") { arguments throws(AssertionProblem) in
      let allowedTables = lists(arguments.value?["allowedTables"])
      let isWhole = arguments.kind == "is-sql"
      if arguments.value?["allowedColumns"] != nil {
        throw arguments.wrong("checks 'allowedTables' only: columns need a parser of the dialect")
      }
      return TextCheck { output in
        if isWhole { return judged(output, allowedTables) }
        let candidates = FencedBlock.all(in: output).map { $0 } + [output] + statements(output)
        var last = Finding(false, "the output contains no SQL")
        for candidate in candidates {
          let verdict = judged(candidate, allowedTables)
          if verdict.pass { return Finding(true, "the output contains SQL") }
          if SQLText(candidate).starts { last = verdict }
        }
        return last
      }
    }
  ]

  private static func lists(_ value: JSON?) -> Set<String>? {
    guard let value, value.kind == .array else { return nil }
    // `select::null::users`: the last part is the table.
    return Set(
      value.elements.compactMap(\.string).map { name in
        (name.split(separator: ":").last.map(String.init) ?? name).lowercased()
      })
  }

  private static func statements(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.compactMap { start in
      guard SQLText(String(lines[start])).starts else { return nil }
      var piece: [Substring] = []
      for line in lines[start...] {
        if line.allSatisfy(\.isWhitespace) { break }
        piece.append(line)
        if line.hasSuffix(";") { break }
      }
      return piece.joined(separator: "\n")
    }
  }

  private static func judged(_ text: String, _ allowed: Set<String>?) -> Finding {
    let sql = SQLText(text)
    if let problem = sql.problem { return Finding(false, "the output is no SQL: \(problem)") }
    if let allowed, let other = sql.tables.first(where: { !allowed.contains($0) }) {
      return Finding(false, "the table '\(other)' is not allowed")
    }
    return Finding(true, "the output is SQL")
  }
}

/// The tokens of a text of SQL.
struct SQLText {
  /// Words in lower case; names in quotes as they stand, with a mark in front; signs as they are.
  private(set) var tokens: [String] = []
  private var fault: String?

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte <= 0x20 {
        at += 1
      } else if byte == 0x2D, at + 1 < bytes.count, bytes[at + 1] == 0x2D {
        at = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
      } else if byte == 0x2F, at + 1 < bytes.count, bytes[at + 1] == 0x2A {
        guard let end = bytes.firstOffset(of: [0x2A, 0x2F], from: at + 2) else {
          fault = "a comment is not closed"
          return
        }
        at = end + 2
      } else if byte == 0x27 || byte == 0x22 || byte == 0x60 {
        guard let end = SQLText.close(bytes, at) else {
          fault = "a quotation mark is not closed"
          return
        }
        let inside = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
        tokens.append(byte == 0x27 ? "'" : "\"" + inside.lowercased())
        at = end + 1
      } else if SQLText.isWord(byte) {
        let end = bytes[at...].firstIndex { !SQLText.isWord($0) } ?? bytes.count
        tokens.append(String(decoding: bytes[at..<end], as: UTF8.self).lowercased())
        at = end
      } else {
        tokens.append(String(decoding: [byte], as: UTF8.self))
        at += 1
      }
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  /// The quote that closes; a doubled one stands for itself.
  private static func close(_ bytes: [UInt8], _ start: Int) -> Int? {
    var at = start + 1
    while at < bytes.count {
      if bytes[at] == bytes[start] {
        if at + 1 < bytes.count, bytes[at + 1] == bytes[start] { at += 1 } else { return at }
      }
      at += 1
    }
    return nil
  }

  private static let verbs: [String: [String]] = [
    "select": [], "with": ["select", "insert", "update", "delete"], "insert": ["into"], "update": ["set"],
    "delete": ["from"],
    "create": ["table", "index", "view", "database", "schema", "function", "trigger", "procedure", "type", "sequence"],
    "alter": ["table", "database", "schema", "view", "index"],
    "drop": ["table", "index", "view", "database", "schema"],
    "merge": ["into", "using"], "replace": ["into"], "truncate": [], "grant": ["to"], "revoke": ["from"], "explain": [],
    "show": [],
    "use": [], "begin": [], "commit": [], "rollback": [], "set": [],
  ]

  var starts: Bool { tokens.first.map { SQLText.verbs[$0] != nil } ?? false }

  /// What keeps it from being SQL.
  var problem: String? {
    if let fault { return fault }
    guard let verb = tokens.first, let needed = SQLText.verbs[verb] else { return "it begins like no statement" }
    if !needed.isEmpty, !tokens.dropFirst().contains(where: needed.contains) {
      return "'\(verb)' needs \(needed.count == 1 ? "'\(needed[0])'" : "one of \(needed.joined(separator: ", "))")"
    }
    var depth = 0
    for token in tokens {
      if token == "(" { depth += 1 }
      if token == ")" { depth -= 1 }
      if depth < 0 { return "a parenthesis closes nothing" }
    }
    if depth > 0 { return "a parenthesis is not closed" }
    return misplaced ?? (verb == "select" ? selectProblem : nil)
  }

  private static let clauses: Set<String> = [
    "from", "where", "group", "order", "having", "limit", "set", "values", "join", "on",
  ]

  /// A clause without anything in it, or a comma before one.
  private var misplaced: String? {
    let body = tokens.last == ";" ? tokens.dropLast() : tokens[...]
    for (token, next) in zip(body, body.dropFirst()) {
      if SQLText.clauses.contains(token), SQLText.clauses.contains(next) || next == ")" || next == "," || next == ";" {
        return "there is nothing behind '\(token)'"
      }
      if token == ",", SQLText.clauses.contains(next) || next == "," || next == ")" {
        return "there is a ',' before '\(next)'"
      }
    }
    if let last = body.last,
      SQLText.clauses.contains(last) || last == "," || last == "=" || last == "by" || last == "and" || last == "or"
    {
      return "it ends with '\(last)'"
    }
    return nil
  }

  /// `select a b c from` has a name too many.
  private var selectProblem: String? {
    guard tokens.count > 1 else { return "there is nothing behind 'select'" }
    if SQLText.clauses.contains(tokens[1]) { return "there is nothing behind 'select'" }
    let columns = tokens.dropFirst().prefix { !SQLText.clauses.contains($0) && $0 != ";" && $0 != "union" }
    let isName = { (token: String) in token.utf8.first.map { SQLText.isWord($0) || $0 == 0x22 } ?? false }
    let words: Set<String> = [
      "distinct", "all", "as", "case", "when", "then", "else", "end", "and", "or", "not", "is", "null", "in", "like",
      "between", "top",
      "over", "partition", "by", "asc", "desc", "interval", "cast", "filter", "within", "exists", "select",
    ]
    var run = 0
    for token in columns {
      run = isName(token) && !words.contains(token) ? run + 1 : 0
      if run >= 3 { return "there are too many names in a row before '\(token)'" }
    }
    return nil
  }

  /// Tables that it names behind `from`, `join`, `into`, `update` and `table`.
  var tables: [String] {
    var tables: [String] = []
    for (token, next) in zip(tokens, tokens.dropFirst())
    where ["from", "join", "into", "update", "table"].contains(token) {
      let name = next.hasPrefix("\"") ? String(next.dropFirst()) : next
      if name.utf8.first.map(SQLText.isWord) == true, name != "select" { tables.append(name) }
    }
    return tables
  }
}
