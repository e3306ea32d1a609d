// What is wrong with a value, in words that a person or a model can act on.

/// One way in which a value breaks its schema.
package struct SchemaViolation: Sendable, Equatable {
  /// Where in the value: a JSON Pointer, empty for the whole.
  package var instancePath: String
  /// Which keyword: a URI fragment with a JSON Pointer into the schema (`#/properties/age/type`), preceded by the
  /// schema's address where it is another document.
  package var schemaPath: String
  package var keyword: String
  /// `must be an integer, got "12"`.
  package var message: String
  /// Where in the source text; nil for a value that was not read from one.
  package var position: SourcePosition?

  package init(
    instancePath: String, schemaPath: String, keyword: String, message: String, position: SourcePosition? = nil
  ) {
    self.instancePath = instancePath
    self.schemaPath = schemaPath
    self.keyword = keyword
    self.message = message
    self.position = position
  }

  /// `/items/3/age: must be an integer, got "12"`.
  package var text: String { (instancePath.isEmpty ? "(root)" : instancePath) + ": " + message }

  static func tooDeep(_ value: JSON) -> SchemaViolation {
    SchemaViolation(
      instancePath: "", schemaPath: "#", keyword: "",
      message: "must not be nested deeper than \(SchemaBounds.depth)", position: value.sourcePosition)
  }
}

extension JSON {
  /// The position, where there is a source that it is a position in.
  var sourcePosition: SourcePosition? { document.source?.isEmpty == true ? nil : position }
}

/// How values and schemas are named in violations.
enum SchemaWords {
  /// A value, short: scalars as JSON, containers by their kind.
  static func value(_ json: JSON) -> String {
    switch json.kind {
    case .null: "null"
    case .bool: json.bool == true ? "true" : "false"
    case .number: cut(json.numberText ?? "", to: 40)
    case .string: quoted(json.string ?? "")
    case .array: json.count == 0 ? "an empty array" : "an array"
    case .object: json.count == 0 ? "an empty object" : "an object"
    }
  }

  /// Text in JSON's form, cut to 60 scalars.
  static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    var short = cut(text, to: 60)
    short.withUTF8 { JSONEscapes.encode(UnsafeRawBufferPointer($0), into: &bytes) }
    return "\"\(String(decoding: bytes, as: UTF8.self))\""
  }

  /// A value of `enum` or `const`.
  static func constant(_ json: JSON) -> String {
    json.kind == .array || json.kind == .object ? cut(json.text, to: 80) : value(json)
  }

  static func types(_ types: SchemaTypes) -> String {
    var names: [String] = []
    for (name, bits) in SchemaTypes.names where types.isSuperset(of: bits) {
      if name == "integer", types.contains(.fraction) { continue }
      names.append(name == "null" ? name : "\("aeiou".contains(name.first ?? "x") ? "an" : "a") \(name)")
    }
    // What most values are comes first.
    if names.first == "null", names.count > 1 { names.append(names.removeFirst()) }
    return list(names, "or")
  }

  static func list(_ words: [String], _ last: String) -> String {
    guard words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " \(last) " + (words.last ?? "")
  }

  static func count(_ number: Int, _ noun: String, _ plural: String) -> String {
    "\(number) \(number == 1 ? noun : plural)"
  }

  private static func cut(_ text: String, to length: Int) -> String {
    text.unicodeScalars.count <= length
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(length))) + "…"
  }
}
