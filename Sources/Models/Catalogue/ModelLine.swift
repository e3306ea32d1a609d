// One line of the table of models, as bytes. Names are compared in place; a row is made when it is asked for.
// A line that does not read as documented in ModelTable gives no row: a test reads every line, so none ships.

extension ModelTable {
  /// The lines of the table in order, without the header.
  struct Lines: IteratorProtocol, Sendable {
    private var position = 0
    private var isPastHeader = false

    mutating func next() -> Line? {
      if !isPastHeader {
        isPastHeader = true
        _ = cut()
      }
      return cut()
    }

    private mutating func cut() -> Line? {
      let count = ModelTable.text.utf8CodeUnitCount
      while position < count {
        let start = position
        while position < count, ModelTable.byte(position) != UInt8(ascii: "\n") { position += 1 }
        let line = Line(start: start, end: position)
        position += 1
        if line.start < line.end { return line }
      }
      return nil
    }
  }

  /// The byte at an offset of the table, which must be below its length.
  fileprivate static func byte(_ offset: Int) -> UInt8 { text.utf8Start[offset] }

  /// A line of the table, as byte offsets into it.
  struct Line: Sendable {
    fileprivate let start: Int
    fileprivate let end: Int

    func isOf(provider: String) -> Bool {
      guard let field = self[0] else { return false }
      return isEqual(field, provider)
    }

    /// Whether the line is that of a provider's model by its wire name or one of its aliases.
    func isNamed(provider: String, id: String) -> Bool {
      guard isOf(provider: provider), let name = self[1] else { return false }
      if isEqual(name, id) { return true }
      guard let aliases = self[2] else { return false }
      var first = aliases.lowerBound
      for offset in aliases.lowerBound...aliases.upperBound
      where offset == aliases.upperBound || byte(offset) == UInt8(ascii: ",") {
        if isEqual(first..<offset, id) { return true }
        first = offset + 1
      }
      return false
    }

    /// The byte range of a field, nil when the line has fewer.
    private subscript(_ index: Int) -> Range<Int>? {
      var field = 0
      var first = start
      for offset in start...end where offset == end || byte(offset) == UInt8(ascii: "|") {
        if field == index { return first..<offset }
        field += 1
        first = offset + 1
      }
      return nil
    }

    private func isEqual(_ range: Range<Int>, _ text: String) -> Bool {
      guard range.count == text.utf8.count, !range.isEmpty else { return false }
      return zip(range, text.utf8).allSatisfy { offset, unit in byte(offset) == unit }
    }
  }
}

extension ModelTable.Line {
  /// The row of the line, nil when a field does not read.
  var row: ModelRow? {
    let bytes = UnsafeBufferPointer(start: ModelTable.text.utf8Start + start, count: end - start)
    let fields = String(decoding: bytes, as: UTF8.self)
      .split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 12, !fields[0].isEmpty, !fields[1].isEmpty else { return nil }
    guard let context = Self.count(fields[3]), let input = Self.count(fields[4]), let output = Self.count(fields[5]),
      let price = Self.price(fields[6], asOf: fields[7]), let abilities = Self.capabilities(fields[8]),
      let quirks = Self.quirks(fields[9]),
      let dimensions = Self.count(fields[10].hasSuffix("<") ? String(fields[10].dropLast()) : fields[10])
    else { return nil }
    return ModelRow(
      provider: fields[0], id: fields[1], aliases: fields[2].split(separator: ",").map(String.init),
      context: context, inputLimit: input, outputLimit: output, price: price, capabilities: abilities, quirks: quirks,
      dimensions: dimensions, isShortenable: fields[10].hasSuffix("<"),
      shutdown: fields[11].isEmpty ? nil : fields[11])
  }

  /// A count of tokens or dimensions: `.some(nil)` for an empty field, nil for one that is no positive number.
  private static func count(_ field: String) -> Int?? {
    if field.isEmpty { return .some(nil) }
    guard let number = Int(field), number > 0 else { return nil }
    return .some(number)
  }

  private static func price(_ field: String, asOf: String) -> ModelRow.Price?? {
    if field.isEmpty { return asOf.isEmpty ? .some(nil) : nil }
    var parts = field.split(separator: ";", omittingEmptySubsequences: false)[...]
    guard !asOf.isEmpty, let first = parts.popFirst(), let base = rates(first) else { return nil }
    var price = ModelRow.Price(base, asOf: asOf)
    for part in parts {
      guard let colon = part.firstIndex(of: ":"), let rates = rates(part[part.index(after: colon)...]) else {
        return nil
      }
      let condition = part[..<colon].dropFirst()
      switch part.first {
      case ">":
        guard let tokens = Int(condition) else { return nil }
        price.longPrompt = ModelRow.Price.LongPrompt(tokens: tokens, rates: rates)
      case "@": price.change = ModelRow.Price.Change(day: String(condition), rates: rates)
      default: return nil
      }
    }
    return .some(price)
  }

  private static func rates(_ field: Substring) -> ModelRow.Rates? {
    let parts = field.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ $0.isEmpty || (Double($0) ?? -1) >= 0 }) else { return nil }
    let numbers = parts.map { Double($0) }
    return ModelRow.Rates(input: numbers[0], cacheRead: numbers[1], cacheWrite: numbers[2], output: numbers[3])
  }

  private static func capabilities(_ field: String) -> ModelRow.Capabilities? {
    var result: ModelRow.Capabilities = []
    for letter in field {
      switch letter {
      case "t": result.insert(.text)
      case "i": result.insert(.image)
      case "p": result.insert(.pdf)
      case "a": result.insert(.audio)
      case "f": result.insert(.tools)
      case "s": result.insert(.schema)
      case "r": result.insert(.reasoning)
      case "l": result.insert(.logprobs)
      case "w": result.insert(.streaming)
      case "e": result.insert(.embedding)
      case "m": result.insert(.temperature)
      case "x": result.insert(.stop)
      case "d": result.insert(.seed)
      case "k": result.insert(.prefill)
      default: return nil
      }
    }
    return result
  }

  private static func quirks(_ field: String) -> ModelRow.Quirks? {
    var result: ModelRow.Quirks = []
    for letter in field {
      switch letter {
      case "c": result.insert(.maxCompletionTokens)
      case "v": result.insert(.developerRole)
      case "h": result.insert(.noSystemRole)
      case "a": result.insert(.adaptiveThinking)
      case "l": result.insert(.thinkingLevel)
      case "b": result.insert(.thinkingBudget)
      case "y": result.insert(.alwaysReasons)
      case "t": result.insert(.noTemperature)
      case "n": result.insert(.samplingWithoutReasoning)
      case "u": result.insert(.noForcedTool)
      case "g": result.insert(.betweenTools)
      case "q": result.insert(.responsesOnly)
      default: return nil
      }
    }
    return result
  }
}
