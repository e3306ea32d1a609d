// `inputs`, `outputs` and `sample` of prompty files: lists of properties in the second form; in the first, names with types
// or with values, and a sample that gives their values, in the file or beside it.

import Formats
import Models

enum PromptyInputs {
  static func read(
    _ keys: KeyReader, _ source: PromptSource, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    if let inputs = keys.value("inputs") {
      if inputs.kind == .array {
        for value in inputs.elements { try readProperty(value, keys, &template) }
      } else {
        let fields = try KeyReader(inputs, keys.file, keys.source)
        for (name, value) in fields.object.members { template.inputs.append(try first(name, value, fields)) }
      }
    }
    try readSample(keys, source, &template)
    if let outputs = keys.value("outputs"), outputs.count > 0 {
      template.schema = OutputSchema(schema: try schema(outputs, keys))
    }
  }

  /// The second form: `{name, kind, description, default, required, enumValues}`.
  private static func readProperty(
    _ value: JSON, _ keys: KeyReader, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    let fields = try KeyReader(value, keys.file, keys.source)
    try fields.refuseUnknown(propertyKeys)
    guard let name = try fields.string("name") else { throw keys.error("an input has no name", at: value) }
    let kind = try fields.string("kind") ?? "string"
    if kind == "thread" {
      template.threads.append(name)
      return
    }
    let own: PromptInput.Kind = ["image", "audio", "file"].contains(kind) ? .image : .init(named: kind) ?? .any
    let isOptional = try fields.bool("required").map { !$0 } ?? false
    template.inputs.append(
      PromptInput(
        name, own, description: try fields.string("description"), default: value["default"],
        choices: try fields.list("enumValues").map { Array($0.elements) } ?? [],
        isOptional: isOptional || own == .image))
  }

  private static let propertyKeys = [
    "name", "kind", "type", "description", "default", "required", "enumValues", "example", "strict", "sample", "items",
    "properties",
  ]

  /// The first form: `name: {type: string, default: x}`, `name: string`, or a value that is a sample.
  private static func first(_ name: String, _ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> PromptInput {
    if let text = value.string, let kind = PromptInput.Kind(named: text) { return PromptInput(name, kind) }
    guard value.kind == .object, value["type"] != nil || value["default"] != nil || value["description"] != nil else {
      return PromptInput(name, .any, default: value.isNull ? JSON?.none : value)
    }
    let fields = try KeyReader(value, keys.file, keys.source)
    let type = try fields.string("type")
    return PromptInput(
      name, type.flatMap { PromptInput.Kind(named: $0) } ?? .any, description: try fields.string("description"),
      default: value["default"] ?? value["sample"], isOptional: try fields.bool("is_required").map { !$0 } ?? false)
  }

  /// A sample stands in for values that are not given, as it does there.
  private static func readSample(
    _ keys: KeyReader, _ source: PromptSource, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    guard var sample = keys.value("sample"), let place = keys.value("sample") else { return }
    if let text = sample.string {
      let name = text.hasPrefix("${file:") && text.hasSuffix("}") ? String(text.dropFirst(7).dropLast()) : text
      guard let bytes = source.neighbour(name) else {
        throw keys.error("the sample '\(name)' is not there", hint: "its path is relative to this file", at: place)
      }
      do throws(FormatError) { sample = try JSON.parse(bytes, .file) } catch {
        throw PromptFileError(file: name, error)
      }
    }
    guard sample.kind == .object else { throw keys.error("'sample' is to be names with values", at: place) }
    for (name, value) in sample.members {
      if let index = template.inputs.firstIndex(where: { $0.name == name }) {
        template.inputs[index].defaultValue = template.inputs[index].defaultValue ?? value
      } else {
        template.inputs.append(PromptInput(name, .any, default: value))
      }
    }
  }

  /// A list of properties as a JSON Schema; JSON Schema itself passes.
  static func schema(_ value: JSON, _ keys: KeyReader, depth: Int = 0) throws(PromptFileError) -> JSON {
    guard depth < 32 else { throw keys.error("nested too deeply", at: value) }
    guard value.kind == .array else {
      guard value.kind == .object else { throw keys.error("a list of properties is expected", at: value) }
      return value
    }
    var properties: [(String, JSON?)] = []
    var required: [JSON] = []
    for element in value.elements {
      let fields = try KeyReader(element, keys.file, keys.source)
      try fields.refuseUnknown(propertyKeys)
      guard let name = try fields.string("name") else { throw keys.error("a property has no name", at: element) }
      let kind = fields.value("kind")?.string ?? fields.value("type")?.string ?? "string"
      let types = [
        "float": "number", "string": "string", "integer": "integer", "number": "number", "boolean": "boolean",
        "array": "array", "object": "object",
      ]
      guard let type = types[kind] else { throw fields.error("there is no kind '\(kind)'", at: element) }
      if try fields.bool("required") ?? true { required.append(.string(name)) }
      var members: [(String, JSON?)] = [
        ("type", .string(type)), ("description", try fields.string("description").map { .string($0) }),
        ("enum", try fields.list("enumValues")),
      ]
      if type == "object", let inner = fields.value("properties") {
        members = try schema(inner, fields, depth: depth + 1).members.map { ($0.key, $0.value) }
      }
      if type == "array", let items = fields.value("items") {
        members.append(("items", ["type": .string(types[items["kind"]?.string ?? ""] ?? "string")]))
      }
      properties.append((name, .object(members)))
    }
    return .object([
      ("type", "object"), ("properties", .object(properties)), ("required", .array(required)),
      ("additionalProperties", false),
    ])
  }
}
