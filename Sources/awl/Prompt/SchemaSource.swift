// What `--schema` names: JSON Schema as it stands, a file that holds one, or the shorthand in one line. A file is looked
// for before the text is read as shorthand, so that a path with a space is a path.

import Formats
import Models
import Storage

enum SchemaSource {
  /// Largest schema, in bytes.
  private static let limit = 16 << 20

  /// The compiled schema that an answer is checked against.
  ///
  /// - Parameters:
  ///   - text: JSON that starts with `{`, `@FILE`, the path of a file, or the shorthand.
  ///   - isList: asks for an object whose `items` are such values.
  ///   - flag: how the text is called in errors.
  static func schema(_ text: String, isList: Bool, flag: String) throws(Failure) -> JSONSchema {
    let (json, place) = try read(text, flag)
    do throws(FormatError) {
      // As it was given first: errors then have its places.
      let schema = try compiled(json)
      return isList ? try compiled(JSONSchema.ofList(json)) : schema
    } catch {
      throw Failure(error.text(file: place), .usage)
    }
  }

  /// Formats are asserted: who asks for a date wants one.
  private static func compiled(_ json: JSON) throws(FormatError) -> JSONSchema {
    try JSONSchema(json, JSONSchema.Options(assertsFormat: true))
  }

  /// The schema as JSON, and what errors call the place it came from.
  static func read(_ text: String, _ flag: String) throws(Failure) -> (JSON, String) {
    if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      return (try parse(Array(text.utf8), place: flag, name: ".json"), flag)
    }
    if text.hasPrefix("@") { return try file(String(text.dropFirst())) }
    if Files.exists(text) { return try file(text) }
    do throws(FormatError) {
      return (try SchemaShorthand.schema(text), flag)
    } catch {
      if looksLikePath(text) { throw Failure("\(flag): no file '\(text)', and no shorthand either", .usage) }
      throw Failure(error.text(file: flag), .usage)
    }
  }

  private static func looksLikePath(_ text: String) -> Bool {
    text.utf8.contains(UInt8(ascii: "/")) || [".json", ".yaml", ".yml"].contains { text.hasSuffix($0) }
  }

  private static func file(_ path: String) throws(Failure) -> (JSON, String) {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: limit)
    } catch {
      throw Failure(error.description, .usage)
    }
    return (try parse(bytes, place: path, name: path), path)
  }

  /// By the name where it says what it is, else by the beginning: JSON, or the shorthand over lines.
  private static func parse(_ bytes: [UInt8], place: String, name: String) throws(Failure) -> JSON {
    let isYAML = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    let isJSON = name.hasSuffix(".json") || bytes.first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "{")
    let text = isYAML || isJSON ? "" : try Material.text(of: bytes, from: place)
    do throws(FormatError) {
      if isYAML { return try YAML.parse(bytes, .file) }
      return isJSON ? try JSON.parse(bytes, .file) : try SchemaShorthand.schema(text)
    } catch {
      throw Failure(error.text(file: place), .usage)
    }
  }
}
