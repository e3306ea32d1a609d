// Numbers, strings, and values out of a list.

extension SchemaEvaluator {
  mutating func check(_ keywords: NumberKeywords, _ node: SchemaNode, _ value: Int) -> Bool {
    var holds = true
    func order(_ bound: SchemaBound) -> Int { document.withRawText(value) { bound.order(of: $0) } }
    if let bound = keywords.minimum, order(bound) < 0 {
      holds = failGot(node, "minimum", value, "must be at least \(bound.text)")
      if !goesOn { return false }
    }
    if let bound = keywords.exclusiveMinimum, order(bound) <= 0 {
      holds = failGot(node, "exclusiveMinimum", value, "must be above \(bound.text)")
      if !goesOn { return false }
    }
    if let bound = keywords.maximum, order(bound) > 0 {
      holds = failGot(node, "maximum", value, "must be at most \(bound.text)")
      if !goesOn { return false }
    }
    if let bound = keywords.exclusiveMaximum, order(bound) >= 0 {
      holds = failGot(node, "exclusiveMaximum", value, "must be below \(bound.text)")
      if !goesOn { return false }
    }
    if let divisor = keywords.multipleOf {
      let decimal = document.withRawText(value) { SchemaDecimal($0) }
      guard let isMultiple = decimal.isMultiple(of: divisor.decimal) else {
        return stop(node, value, "has too many digits to tell whether it is a multiple of \(divisor.text)")
      }
      if !isMultiple {
        holds = failGot(node, "multipleOf", value, "must be a multiple of \(divisor.text)")
      }
    }
    return holds
  }

  mutating func check(_ keywords: StringKeywords, _ node: SchemaNode, _ value: Int) -> Bool {
    var holds = true
    if keywords.least != nil || keywords.most != nil {
      let length = document.withText(value, &scratch) { $0.count { $0 & 0xC0 != 0x80 } }
      func words(_ bound: String, _ count: Int) -> String {
        "must have \(bound) \(SchemaWords.count(count, "character", "characters")), has \(length)"
      }
      if let least = keywords.least, length < least {
        holds = fail(node, "minLength", value, words("at least", least))
        if !goesOn { return false }
      }
      if let most = keywords.most, length > most {
        holds = fail(node, "maxLength", value, words("at most", most))
        if !goesOn { return false }
      }
    }
    if let pattern = keywords.pattern {
      guard let matches = matches(pattern, value) else { return stopped(pattern, node, value) }
      if !matches {
        holds = failGot(node, "pattern", value, "must match the pattern \(pattern.pattern)")
        if !goesOn { return false }
      }
    }
    if let format = keywords.format, !document.withText(value, &scratch, { format.check($0) }) {
      holds = failGot(
        node, "format", value, "must be \(SchemaFormat.words(format.name))")
    }
    return holds
  }

  /// Whether a pattern matches a string (or key); nil where the search took too many steps. All searches of one
  /// evaluation share its steps.
  mutating func matches(_ pattern: RegularExpression, _ value: Int) -> Bool? {
    let before = min(steps, pattern.stepLimit) &* 8
    var left = before
    let result: Result<Bool, RegularExpressionError> = document.withText(value, &scratch) { text in
      Result { () throws(RegularExpressionError) in
        try pattern.search(RegexText(text), from: 0, steps: &left) != nil
      }
    }
    steps -= max(0, before - left) / 8
    return try? result.get()
  }

  mutating func stopped(_ pattern: RegularExpression, _ node: SchemaNode, _ value: Int) -> Bool {
    stop(node, value, "takes too many steps to match with the pattern \(pattern.pattern)")
  }

  mutating func isAmong(_ values: SchemaValues, _ value: Int) -> Bool {
    if document.nodes[value].kind == .string {
      return document.withText(value, &scratch) { values.strings.place(of: $0) } != nil
    }
    guard !values.others.isEmpty else { return false }
    steps -= Int(document.nodes[value].next) - value
    return values.others.contains(JSON(document: document, index: value).identity)
  }

  mutating func failChoice(_ node: SchemaNode, _ values: SchemaValues, _ value: Int) -> Bool {
    guard goesOn else { return false }
    let json = JSON(document: document, index: value)
    let got = SchemaWords.value(json)
    if values.isConstant {
      return fail(
        node, "const", value, "must be \(values.all.first.map(SchemaWords.constant) ?? "a constant"), got \(got)")
    }
    let known = values.all.prefix(20).map(SchemaWords.constant) + (values.all.count > 20 ? ["…"] : [])
    let near = json.string.flatMap { EditDistance.suggestion(for: $0, among: values.strings.names) }
    let hint = near.map { " (did you mean \(SchemaWords.quoted($0))?)" } ?? ""
    return fail(
      node, "enum", value,
      "must be \(known.count > 1 ? "one of " : "")\(known.joined(separator: ", ")), got \(got)\(hint)")
  }
}

extension JSONDocument {
  /// The bytes of a scalar as they stand; of a number its text.
  func withRawText<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let node = nodes[index]
    return bytes.withUnsafeBufferPointer { all in
      body(UnsafeBufferPointer(rebasing: all[Int(node.start)..<Int(node.start) + Int(node.length)]))
    }
  }

  /// The text of a string as UTF-8, in place where it has no escapes.
  func withText<Result>(
    _ index: Int, _ scratch: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    if nodes[index].form == .escaped {
      scratch.removeAll(keepingCapacity: true)
      appendString(index, to: &scratch)
      return scratch.withUnsafeBufferPointer(body)
    }
    return withRawText(index, body)
  }
}
