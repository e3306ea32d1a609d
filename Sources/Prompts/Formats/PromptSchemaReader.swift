// What the answer must look like: GitHub's `responseFormat` with `jsonSchema`, or our `schema`: JSON Schema, the shorthand
// in one line, or a file beside the prompt.

import Formats
import Models

enum PromptSchemaReader {
  static func read(
    _ keys: KeyReader, _ source: PromptSource, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    let format = try keys.string("responseFormat")
    if let format, !["text", "json_object", "json_schema"].contains(format), let value = keys.value("responseFormat") {
      throw keys.error(
        "there is no response format '\(format)'", hint: "text, json_object or json_schema", at: value)
    }
    let given = try keys.value("jsonSchema").map { (value) throws(PromptFileError) in try named(value, keys) }
    if let own = keys.value("schema") {
      if given != nil { throw keys.error("'schema' and 'jsonSchema' exclude each other", at: own) }
      template.schema = OutputSchema(schema: try schema(own, keys, source))
      return
    }
    if format == "json_schema", given == nil, let value = keys.value("responseFormat") {
      throw keys.error("'json_schema' needs a schema", hint: "jsonSchema: …", at: value)
    }
    if format == "json_object" { template.wantsJSON = true }
    // GitHub's tool sends a schema only where the format says so.
    if format == "json_schema" || format == nil { template.schema = given }
  }

  /// `{name, strict, schema}` as JSON text, or as YAML.
  private static func named(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> OutputSchema {
    var object = value
    if let text = value.string {
      do throws(FormatError) {
        object = try JSON.parse(text)
      } catch {
        let place = TextPlace(of: value, in: keys.source)
        throw PromptFileError(
          file: keys.file,
          FormatError("jsonSchema: \(error.message)", hint: error.hint, at: place.position(error.position)))
      }
    }
    guard object.kind == .object else { throw keys.error("'jsonSchema' is to be an object as JSON text", at: value) }
    guard let schema = object["schema"] else {
      throw keys.error("'jsonSchema' has no 'schema'", hint: "{\"name\": …, \"schema\": {…}}", at: value)
    }
    let name = object["name"]?.string ?? "answer"
    try check(schema, at: value, keys)
    return OutputSchema(name: name, schema: schema, isStrict: object["strict"]?.bool ?? true)
  }

  /// A schema in any of the ways to write one.
  static func schema(_ value: JSON, _ keys: KeyReader, _ source: PromptSource) throws(PromptFileError) -> JSON {
    guard let text = value.string else {
      try check(value, at: value, keys)
      return value
    }
    let isFile =
      !text.contains(where: { " ,{\n".contains($0) }) && [".json", ".yaml", ".yml"].contains { text.hasSuffix($0) }
    if isFile {
      guard let bytes = source.neighbour(text) else {
        throw keys.error("the schema '\(text)' is not there", hint: "its path is relative to this file", at: value)
      }
      let schema: JSON
      do throws(FormatError) {
        schema = try text.hasSuffix(".json") ? JSON.parse(bytes, .file) : YAML.parse(bytes, .file)
      } catch {
        throw PromptFileError(file: text, error)
      }
      try check(schema, at: value, keys)
      return schema
    }
    do throws(FormatError) {
      return try SchemaShorthand.schema(text)
    } catch {
      throw PromptFileError(file: keys.file, TextPlace(of: value, in: keys.source).placed(error))
    }
  }

  private static func check(_ schema: JSON, at value: JSON, _ keys: KeyReader) throws(PromptFileError) {
    guard schema.kind == .object else { throw keys.error("a schema is to be an object", at: value) }
    do throws(FormatError) {
      _ = try JSONSchema(schema)
    } catch {
      throw keys.error("the schema is none: \(error.message)", hint: error.hint, at: value)
    }
  }
}
