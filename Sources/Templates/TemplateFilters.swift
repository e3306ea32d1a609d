// `| NAME`: the table of filters. Adding one is a line here and a function in one of the files beside it.

import Formats

/// What a filter is given.
struct FilterCall {
  var value: TemplateValue
  var arguments: TemplateArguments
  var renderer: TemplateRenderer
  var offset: Int

  func fault(_ message: String, hint: String? = nil) -> TemplateFault {
    TemplateFault(.runtime, message, hint: hint, at: offset)
  }

  /// The elements of what can be gone over.
  func items() throws(TemplateFault) -> [TemplateValue] { try renderer.sequence(value, at: offset) }

  /// A whole number argument, or its default.
  func integer(_ position: Int, _ name: String, default fallback: Int) throws(TemplateFault) -> Int {
    guard let argument = arguments.value(position, name) else { return fallback }
    guard let number = argument.integer else { throw fault("'\(name)' is to be a whole number") }
    return number
  }

  func text(_ position: Int, _ name: String, default fallback: String) -> String {
    arguments.value(position, name)?.text ?? fallback
  }

  func flag(_ position: Int, _ name: String) -> Bool { arguments.value(position, name)?.isTrue ?? false }
}

enum TemplateFilters {
  typealias Filter = @Sendable (FilterCall) throws(TemplateFault) -> TemplateValue

  static let names = Set(table.keys).union(["default", "d"])

  static func suggestion(_ name: String) -> String? {
    EditDistance.suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
  }

  static func apply(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments, _ renderer: TemplateRenderer, at offset: Int
  ) throws(TemplateFault) -> TemplateValue {
    if name == "default" || name == "d" {
      let fallback = arguments.value(0, "default_value") ?? .string("")
      let takesEmpty = arguments.value(1, "boolean")?.isTrue ?? false
      return value.isUndefined || (takesEmpty && !value.isTrue) ? fallback : value
    }
    guard let filter = table[name] else { throw TemplateFault(.syntax, "unknown filter '\(name)'", at: offset) }
    let defined = try renderer.defined(value, at: offset)
    return try filter(FilterCall(value: defined, arguments: arguments, renderer: renderer, offset: offset))
  }

  private static let table: [String: Filter] = [
    // Text
    "upper": { call in .string(call.value.text.uppercased()) },
    "lower": { call in .string(call.value.text.lowercased()) },
    "capitalize": TextFilters.capitalize, "title": TextFilters.title, "trim": TextFilters.trim,
    "replace": TextFilters.replace, "indent": TextFilters.indent, "truncate": TextFilters.truncate,
    "wordcount": TextFilters.wordCount, "lines": TextFilters.lines, "split": TextFilters.split,
    "string": { call in .string(call.value.text) }, "quote": { call in .string(JSON.string(call.value.text).text) },
    "tojson": TextFilters.json, "json": TextFilters.json, "parse_json": TextFilters.parseJSON,
    "center": TextFilters.center,
    // Nunjucks' own, and promptfoo's
    "dump": { call throws(TemplateFault) in
      guard let indent = call.arguments.value(0, "spaces")?.integer else { return .string(call.value.json.text) }
      return .string(JSONSpacing.text(call.value, indent: min(max(0, indent), 64)))
    },
    "load": TextFilters.parseJSON,
    "urlencode": TextFilters.urlEncode, "striptags": TextFilters.stripTags, "safe": { call in call.value },
    "basename": { call in .string(call.value.text.split(separator: "/").last.map(String.init) ?? "") },
    "b64": { call in .string(Base64.text(Array(call.value.text.utf8))) },
    "tokens": { call in .integer(TokenEstimate.count(call.value.text)) },
    "untrusted": DataFilters.untrusted, "date": DataFilters.date, "take_tokens": DataFilters.takeTokens,
    // Rows
    "batch_tokens": DataFilters.batchTokens, "zip_merge": DataFilters.zipMerge, "zip_files": DataFilters.zipFiles,
    "errors": DataFilters.errors, "csv": DataFilters.csv,
    // Numbers
    "abs": NumberFilters.absolute, "round": NumberFilters.round, "int": NumberFilters.integer,
    "float": NumberFilters.number, "sum": NumberFilters.sum, "min": NumberFilters.least, "max": NumberFilters.greatest,
    // Lists
    "length": ListFilters.length, "count": ListFilters.length, "first": ListFilters.first, "last": ListFilters.last,
    "join": ListFilters.join, "list": { call throws(TemplateFault) in .list(try call.items()) },
    "reverse": ListFilters.reverse, "sort": ListFilters.sort, "unique": ListFilters.unique, "map": ListFilters.map,
    "select": { call throws(TemplateFault) in try ListFilters.select(call, keeps: true, byAttribute: false) },
    "reject": { call throws(TemplateFault) in try ListFilters.select(call, keeps: false, byAttribute: false) },
    "selectattr": { call throws(TemplateFault) in try ListFilters.select(call, keeps: true, byAttribute: true) },
    "rejectattr": { call throws(TemplateFault) in try ListFilters.select(call, keeps: false, byAttribute: true) },
    "slice": ListFilters.slice, "batch": ListFilters.batch, "tail": ListFilters.tail, "items": ListFilters.items,
    "entries": ListFilters.entries,
    "dictsort": ListFilters.sortedItems, "groupby": ListFilters.group, "intersect": ListFilters.intersect,
  ]
}

enum NumberFilters {
  static let absolute: TemplateFilters.Filter = { call throws(TemplateFault) in
    if let whole = call.value.wholeNumber {
      return .integer(whole < 0 ? try TemplateArithmetic.negated(whole, at: call.offset) : whole)
    }
    guard let number = call.value.double else { throw call.fault("abs takes a number, not \(call.value.kindName)") }
    return .number(abs(number))
  }

  static let round: TemplateFilters.Filter = { call throws(TemplateFault) in
    guard let number = call.value.double else { throw call.fault("round takes a number, not \(call.value.kindName)") }
    let digits = try call.integer(0, "precision", default: 0)
    if call.value.wholeNumber != nil, digits >= 0 { return call.value }
    guard (-300...300).contains(digits) else { throw call.fault("the precision is out of range") }
    switch call.text(1, "method", default: "common") {
    case "common": return .number(TemplateArithmetic.rounded(number, digits))
    case "ceil": return .number(TemplateArithmetic.rounded(number, digits, .up))
    case "floor": return .number(TemplateArithmetic.rounded(number, digits, .down))
    case let other: throw call.fault("round knows no method '\(other)'", hint: "common, ceil or floor")
    }
  }

  static let integer: TemplateFilters.Filter = { call throws(TemplateFault) in
    let fallback = call.arguments.value(0, "default") ?? .integer(0)
    if let whole = call.value.wholeNumber { return .integer(whole) }
    if case .number(let number) = call.value {
      return Int(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? fallback
    }
    guard case .string(let text) = call.value else { return fallback }
    let base = try call.integer(1, "base", default: 10)
    guard (2...36).contains(base) else { throw call.fault("the base is out of range", hint: "2 to 36") }
    var digits = text.split(whereSeparator: \.isWhitespace).joined().filter { $0 != "_" }
    let prefixes = [16: "0x", 8: "0o", 2: "0b"]
    if let prefix = prefixes[base], digits.lowercased().hasPrefix(prefix) { digits = String(digits.dropFirst(2)) }
    if let whole = Int(digits, radix: base) { return .integer(whole) }
    guard base == 10, let number = Double(digits), let whole = Int(exactly: number.rounded(.towardZero)) else {
      return fallback
    }
    return .integer(whole)
  }

  static let number: TemplateFilters.Filter = { call in
    if let number = call.value.double { return .number(number) }
    if case .string(let text) = call.value, let number = Double(text) { return .number(number) }
    return call.arguments.value(0, "default") ?? .number(0)
  }

  static let sum: TemplateFilters.Filter = { call throws(TemplateFault) in
    let attribute = call.arguments.value(0, "attribute")
    var total = call.arguments.value(1, "start") ?? .integer(0)
    for item in try call.items() {
      let value = try ListFilters.attribute(attribute, of: item, call)
      total = try TemplateArithmetic.apply(.add, total, value, TemplateLimits(), at: call.offset)
    }
    return total
  }

  static let least: TemplateFilters.Filter = { call throws(TemplateFault) in try extreme(call, isLeast: true) }
  static let greatest: TemplateFilters.Filter = { call throws(TemplateFault) in try extreme(call, isLeast: false) }

  private static func extreme(_ call: FilterCall, isLeast: Bool) throws(TemplateFault) -> TemplateValue {
    let items = try call.items()
    guard var best = items.first else { return .undefined("the \(isLeast ? "least" : "greatest") of nothing") }
    let attribute = call.arguments.value(1, "attribute")
    for item in items.dropFirst() {
      let (a, b) = (
        try ListFilters.attribute(attribute, of: item, call), try ListFilters.attribute(attribute, of: best, call)
      )
      guard
        let isLess = ListFilters.isLess(
          isLeast ? a : b, isLeast ? b : a, isCaseSensitive: call.flag(0, "case_sensitive"))
      else { throw call.fault("\(a.kindName) and \(b.kindName) have no order") }
      if isLess { best = item }
    }
    return best
  }
}
