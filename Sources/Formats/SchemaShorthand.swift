// A schema in one line: `name, age? int, tags [str], status (open|closed), author {name, email?}: who wrote it`. Grown
// from the schema language of the tool `llm`, whose texts all mean the same here, but that objects are closed and what is
// optional is required and may be null: what the strictest of the providers takes.

/// Reads the shorthand for schemas.
///
///     fields = field { ("," | newline) field }        in the whole text: newlines if there are any, else commas
///     field  = name ["?"] [type] [":" description]     a description ends where the field ends
///     type   = "str" | "int" | "float" | "bool" | "any" | "date" | "datetime"
///            | "[" [type] "]" | "(" choice { "|" choice } ")" | "{" fields "}"
package struct SchemaShorthand {
  /// The JSON Schema (2020-12) that the text means.
  ///
  /// - Parameter isList: wraps it as an object whose `items` is an array of such objects.
  /// - Throws: what is wrong, with line and column.
  package static func schema(_ text: String, isList: Bool = false) throws(FormatError) -> JSON {
    var reader = SchemaShorthand(text)
    let object = try reader.fields(until: nil, depth: 0)
    guard isList else { return object }
    return [
      "type": "object", "properties": ["items": ["type": "array", "items": object]], "required": ["items"],
      "additionalProperties": false,
    ]
  }

  private let bytes: [UInt8]
  private var index = 0
  /// A text of several lines, those around it aside, has a field on each; outside of braces its commas are free for
  /// descriptions.
  private let hasLines: Bool

  private init(_ text: String) {
    bytes = Array(text.utf8)
    hasLines = text.unicodeScalars.drop { $0.properties.isWhitespace }.reversed()
      .drop { $0.properties.isWhitespace }.contains("\n")
  }

  private static let types: [(name: String, schema: JSON)] = [
    ("str", ["type": "string"]), ("int", ["type": "integer"]), ("float", ["type": "number"]),
    ("bool", ["type": "boolean"]), ("string", ["type": "string"]), ("integer", ["type": "integer"]),
    ("number", ["type": "number"]), ("boolean", ["type": "boolean"]), ("any", .object([])),
    ("date", ["type": "string", "format": "date"]), ("datetime", ["type": "string", "format": "date-time"]),
  ]

  private struct Field {
    var name: String
    var schema: JSON
  }

  private mutating func fields(until close: UInt8?, depth: Int) throws(FormatError) -> JSON {
    guard depth < 64 else { throw error("nested deeper than 64", at: index) }
    var fields: [Field] = []
    let start = index
    while true {
      skip(orSeparators: true)
      guard let byte = peek else {
        guard close == nil else { throw error("'{' is not closed", at: max(0, start - 1)) }
        break
      }
      if byte == close {
        index += 1
        break
      }
      let place = index
      let field = try field(isInside: close != nil, depth: depth)
      guard !fields.contains(where: { $0.name == field.name }) else {
        throw error("the field '\(field.name)' is there twice", at: place)
      }
      fields.append(field)
    }
    guard !fields.isEmpty else {
      throw error("a schema has one field at least", hint: "like 'name, age int'", at: start)
    }
    return .object([
      ("type", "object"), ("properties", .object(fields.map { ($0.name, $0.schema) })),
      ("required", .array(fields.map { .string($0.name) })), ("additionalProperties", false),
    ])
  }

  private mutating func field(isInside: Bool, depth: Int) throws(FormatError) -> Field {
    let place = index
    let name = word()
    guard !name.isEmpty else {
      throw error("a field must start with a name, not '\(character)'", hint: "like 'age int: in years'", at: place)
    }
    let isOptional = take(UInt8(ascii: "?"))
    skip()
    var schema: JSON = ["type": "string"]
    if let byte = peek, !isEnd(byte, isInside: isInside), byte != UInt8(ascii: ":") { schema = try type(depth) }
    skip()
    var description: String?
    if take(UInt8(ascii: ":")) { description = text(isInside: isInside) }
    if let byte = peek, !isEnd(byte, isInside: isInside) {
      throw error(
        "after the type of '\(name)' comes ':', a comma or the end, not '\(character)'",
        hint: "a description stands behind ':'", at: index)
    }
    if isOptional { schema = schema.orNull }
    if let description, !description.isEmpty {
      schema = .object(schema.members.map { ($0.key, $0.value) } + [("description", .string(description))])
    }
    return Field(name: name, schema: schema)
  }

  private mutating func type(_ depth: Int) throws(FormatError) -> JSON {
    let place = index
    if take(UInt8(ascii: "{")) { return try fields(until: UInt8(ascii: "}"), depth: depth + 1) }
    if take(UInt8(ascii: "[")) {
      guard depth < 64 else { throw error("nested deeper than 64", at: place) }
      skip(orSeparators: false, orLines: true)
      var items: JSON = ["type": "string"]
      if peek != UInt8(ascii: "]"), peek != nil { items = try type(depth + 1) }
      skip(orSeparators: false, orLines: true)
      guard take(UInt8(ascii: "]")) else { throw error("'[' is not closed", at: place) }
      return ["type": "array", "items": items]
    }
    if take(UInt8(ascii: "(")) { return try choices(from: place) }
    let name = word()
    guard let known = Self.types.first(where: { $0.name == name }) else {
      let aliases = ["text": "str", "double": "float", "list": "[str]", "array": "[str]", "object": "{…}"]
      let near = aliases[name] ?? EditDistance.suggestion(for: name, among: Self.types.map(\.name))
      throw error(
        name.isEmpty ? "a type cannot start with '\(character)'" : "there is no type '\(name)'",
        hint: near.map { "did you mean '\($0)'?" } ?? "types are str, int, float, bool, any, [type], (a|b), {fields}",
        at: place)
    }
    return known.schema
  }

  private mutating func choices(from place: Int) throws(FormatError) -> JSON {
    var values: [JSON] = []
    while true {
      let start = index
      while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") { index += 1 }
      guard index < bytes.count else { throw error("'(' is not closed", at: place) }
      let value = trimmed(start..<index)
      guard !value.isEmpty else { throw error("a choice is empty", hint: "like '(open|closed)'", at: start) }
      guard !values.contains(.string(value)) else { throw error("the choice '\(value)' is there twice", at: start) }
      values.append(.string(value))
      index += 1
      if bytes[index - 1] == UInt8(ascii: ")") { return ["type": "string", "enum": .array(values)] }
    }
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// What stands here, for words.
  private var character: String {
    String(decoding: bytes[index...].prefix(4), as: UTF8.self).first.map { $0 == "\n" ? "end of line" : String($0) }
      ?? "the end"
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  /// Whether a field ends before this byte.
  private func isEnd(_ byte: UInt8, isInside: Bool) -> Bool {
    switch byte {
    case 0x0A, 0x0D: true
    case UInt8(ascii: ","): true
    case UInt8(ascii: "}"): isInside
    default: false
    }
  }

  private mutating func skip(orSeparators: Bool = false, orLines: Bool = false) {
    while let byte = peek {
      let isBreak = byte == 0x0A || byte == 0x0D
      let isSkipped =
        byte == 0x20 || byte == 0x09 || (isBreak && (orSeparators || orLines))
        || (orSeparators && byte == UInt8(ascii: ","))
      guard isSkipped else { return }
      index += 1
    }
  }

  /// Letters of any script, digits, `_`, `-`, `$` and `.`.
  private mutating func word() -> String {
    let start = index
    while let byte = peek, byte.isLetter || byte.isDigit || byte >= 0x80 || "_-$.".utf8.contains(byte) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func text(isInside: Bool) -> String {
    let start = index
    while let byte = peek {
      let isComma = byte == UInt8(ascii: ",") && hasLines && !isInside
      if isEnd(byte, isInside: isInside), !isComma { break }
      index += 1
    }
    return trimmed(start..<index)
  }

  private func trimmed(_ range: Range<Int>) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    let part = bytes[range].drop(while: isSpace)
    return String(
      decoding: part.prefix((part.lastIndex { !isSpace($0) }.map { $0 + 1 - part.startIndex }) ?? 0), as: UTF8.self)
  }

  private func error(_ message: String, hint: String? = nil, at place: Int) -> FormatError {
    FormatError("schema: " + message, hint: hint, at: SourcePosition(of: place, in: bytes))
  }
}

extension JSON {
  /// The schema that also accepts null: in `type` and `enum` where they say it all, else as a branch.
  var orNull: JSON {
    guard kind == .object else { return self }
    if self["$ref"] != nil || self["anyOf"] != nil || self["oneOf"] != nil || self["allOf"] != nil
      || self["const"] != nil
    {
      return ["anyOf": [self, ["type": "null"]]]
    }
    return .object(
      members.map { key, value in
        switch key {
        case "type" where value.kind == .string: return (key, value.isString("null") ? value : [value, "null"])
        case "type" where value.kind == .array:
          let hasNull = value.elements.contains { $0.isString("null") }
          return (key, hasNull ? value : .array(Array(value.elements) + ["null"]))
        case "enum" where value.kind == .array:
          let hasNull = value.elements.contains(where: \.isNull)
          return (key, hasNull ? value : .array(Array(value.elements) + [.null]))
        default: return (key, value)
        }
      })
  }
}
