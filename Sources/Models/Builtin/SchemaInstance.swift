// The smallest value that a JSON Schema accepts, as far as its keywords say it plainly: types, enums, const, required
// properties, bounds, allOf, the first possible branch of anyOf and oneOf, local $ref. Not looked at: pattern, not, if,
// contains, dependent…

import Formats

/// Makes minimal instances.
struct SchemaInstance {
  struct Failure: Error { var message: String }

  private let root: JSON
  private let text: String
  /// Values that may still be made: bounds what branches within branches cost.
  private var budget = 20_000
  /// References that are being followed: a smallest value needs none of them twice.
  private var active: [String] = []

  /// The JSON text of an instance; strings whose text is free are `text`.
  static func json(of schema: JSON, filling text: String) throws(Failure) -> String {
    var maker = SchemaInstance(root: schema, text: text)
    guard let value = try maker.instance([schema], ordinal: 0, depth: 0) else {
      throw Failure(message: "it refers to itself without end, or contradicts itself")
    }
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private init(root: JSON, text: String) {
    self.root = root
    self.text = text
  }

  /// - Parameters:
  ///   - schemas: all of which the value has to satisfy.
  ///   - ordinal: asks for another value than a smaller one gives, for arrays of unique items.
  private mutating func instance(_ schemas: [JSON], ordinal: Int, depth: Int) throws(Failure) -> JSON? {
    budget -= 1
    guard budget > 0, depth < 128 else { throw Failure(message: "it is too large or too deep") }
    let kept = active
    defer { active = kept }
    for (index, schema) in schemas.enumerated() {
      if schema.bool == false { return nil }
      if let reference = schema["$ref"]?.string {
        guard !active.contains(reference) else { return nil }
        guard let target = resolve(reference) else { throw Failure(message: "'\(reference)' is not in it") }
        active.append(reference)
        return try instance(schemas.replacing(index, "$ref", by: [target]), ordinal: ordinal, depth: depth + 1)
      }
      if let all = schema["allOf"], all.kind == .array {
        let parts = Array(all.elements)
        return try instance(schemas.replacing(index, "allOf", by: parts), ordinal: ordinal, depth: depth + 1)
      }
      for key in ["anyOf", "oneOf"] {
        guard let branches = schema[key], branches.kind == .array else { continue }
        for branch in branches.elements {
          let parts = schemas.replacing(index, key, by: [branch])
          if let value = try instance(parts, ordinal: ordinal, depth: depth + 1) { return value }
        }
        return nil
      }
    }
    return try plain(Schemas(parts: schemas), ordinal: ordinal, depth: depth)
  }

  private mutating func plain(_ schemas: Schemas, ordinal: Int, depth: Int) throws(Failure) -> JSON? {
    if let value = schemas.first("const") { return ordinal == 0 && schemas.allow(value) ? value : nil }
    let isEnum = schemas.first("enum") != nil
    if ordinal == 0, let value = schemas.first("default"), schemas.allow(value) { return value }
    if let values = schemas.first("enum") {
      let allowed = values.elements.filter { schemas.allow($0) }
      return ordinal < allowed.count ? allowed[ordinal] : nil
    }
    guard !isEnum, let type = schemas.type else { return nil }
    switch type {
    case "object": return try object(schemas, depth: depth)
    case "array": return try array(schemas, depth: depth)
    case "integer", "number": return number(schemas, isInteger: type == "integer", ordinal: ordinal)
    case "boolean": return ordinal < 2 ? .bool(ordinal == 1) : nil
    case "null": return ordinal == 0 ? .null : nil
    default: return string(schemas, ordinal: ordinal)
    }
  }

  private mutating func object(_ schemas: Schemas, depth: Int) throws(Failure) -> JSON? {
    var required: [String] = []
    for list in schemas.all("required") {
      for name in list.elements.compactMap(\.string) where !required.contains(name) { required.append(name) }
    }
    var declared: [String] = []
    for properties in schemas.all("properties") {
      for name in properties.keys where !declared.contains(name) { declared.append(name) }
    }
    let least = schemas.largest("minProperties") ?? 0
    // In the order of the properties, then what is only named as required.
    var names = declared.filter(required.contains)
    for name in declared where !names.contains(name) && Double(names.count) < least { names.append(name) }
    for name in required where !declared.contains(name) { names.append(name) }
    var members: [(String, JSON?)] = []
    for name in names {
      var parts = schemas.all("properties").compactMap { $0[name] }
      if parts.isEmpty { parts = schemas.all("additionalProperties") }
      guard let value = try instance(parts, ordinal: 0, depth: depth + 1) else { return nil }
      members.append((name, value))
    }
    return .object(members)
  }

  private mutating func array(_ schemas: Schemas, depth: Int) throws(Failure) -> JSON? {
    let least = schemas.largest("minItems") ?? 0
    guard least <= 10_000 else { throw Failure(message: "minItems is too large") }
    let isUnique = schemas.first("uniqueItems")?.bool == true
    let prefix = schemas.first("prefixItems").map { Array($0.elements) } ?? []
    var values: [JSON] = []
    for index in 0..<Int(least) {
      let parts = index < prefix.count ? [prefix[index]] : schemas.all("items")
      let ordinal = isUnique && index >= prefix.count ? index - prefix.count : 0
      guard let value = try instance(parts, ordinal: ordinal, depth: depth + 1) else { return nil }
      values.append(value)
    }
    return .array(values)
  }

  private func number(_ schemas: Schemas, isInteger: Bool, ordinal: Int) -> JSON? {
    let step = schemas.largest("multipleOf").flatMap { $0 > 0 ? $0 : nil } ?? (isInteger ? 1 : nil)
    var low = schemas.largest("minimum")
    var high = schemas.smallest("maximum")
    let above = schemas.largest("exclusiveMinimum") ?? (schemas.first("exclusiveMinimum")?.bool == true ? low : nil)
    let below = schemas.smallest("exclusiveMaximum") ?? (schemas.first("exclusiveMaximum")?.bool == true ? high : nil)
    func isAllowed(_ value: Double) -> Bool {
      (low.map { value >= $0 } ?? true) && (high.map { value <= $0 } ?? true) && (above.map { value > $0 } ?? true)
        && (below.map { value < $0 } ?? true)
    }
    var value = 0.0
    if !isAllowed(0) {
      low = [low, above].compactMap { $0 }.max()
      high = [high, below].compactMap { $0 }.min()
      let stride = step ?? 1
      if let low, low >= 0 || !isAllowed(0) && (high ?? 0) >= low {
        value = step == nil ? low : (low / stride).rounded(.up) * stride
        if !isAllowed(value) { value = step == nil && high != nil ? (low + (high ?? low)) / 2 : value + stride }
      } else if let high {
        value = step == nil ? high : (high / stride).rounded(.down) * stride
        if !isAllowed(value) { value -= stride }
      }
    }
    value += Double(ordinal) * (step ?? 1)
    guard isAllowed(value) else { return nil }
    return Int(exactly: value).map { .number($0) } ?? .number(value)
  }

  private func string(_ schemas: Schemas, ordinal: Int) -> JSON {
    if let format = schemas.first("format")?.string, let sample = Self.formats[format], ordinal == 0 {
      return .string(sample)
    }
    var scalars = Array(text.unicodeScalars)
    if ordinal > 0 { scalars += Array("\(ordinal + 1)".unicodeScalars) }
    // Lengths count code points (JSON Schema Validation 6.3).
    let least = min(Int(schemas.largest("minLength") ?? 0), 1_000_000)
    if scalars.count < least { scalars += Array(repeating: "x", count: least - scalars.count) }
    if let most = schemas.smallest("maxLength"), Double(scalars.count) > most {
      scalars.removeLast(scalars.count - max(0, Int(most)))
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return .string(String(view))
  }

  private static let formats = [
    "date": "2000-01-01", "date-time": "2000-01-01T00:00:00Z", "time": "00:00:00Z", "duration": "P0D",
    "email": "a@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
    "uri": "https://example.com/", "uuid": "00000000-0000-0000-0000-000000000000",
  ]

  /// The schema that a local reference means: `#`, or `#/…` as a JSON Pointer (RFC 6901).
  private func resolve(_ reference: String) -> JSON? {
    if reference == "#" { return root }
    guard reference.hasPrefix("#/") else { return nil }
    var value = root
    for token in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
      let name = unescape(token)
      guard let next = value.kind == .array ? Int(name).flatMap({ value[$0] }) : value[name] else { return nil }
      value = next
    }
    return value
  }

  /// `~1` and `~0`, once each, from left to right.
  private func unescape(_ token: Substring) -> String {
    var name = ""
    var isEscape = false
    for character in token.unicodeScalars {
      if isEscape {
        name += character == "1" ? "/" : character == "0" ? "~" : "~\(character)"
        isEscape = false
      } else if character == "~" {
        isEscape = true
      } else {
        name.unicodeScalars.append(character)
      }
    }
    return name
  }
}

extension [JSON] {
  /// The schema at `index` without its keyword `key`, and `parts` beside it.
  fileprivate func replacing(_ index: Int, _ key: String, by parts: [JSON]) -> [JSON] {
    var schemas = self
    schemas[index] = .object(schemas[index].members.filter { $0.key != key }.map { ($0.key, $0.value) })
    schemas.insert(contentsOf: parts, at: index + 1)
    return schemas
  }
}
