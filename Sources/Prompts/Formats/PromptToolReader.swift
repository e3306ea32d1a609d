// `tools:` of a prompt file: definitions that are sent along. Nothing here calls any.

import Formats
import Models

enum PromptToolReader {
  static func tools(_ keys: KeyReader) throws(PromptFileError) -> [Tool] {
    guard let list = try keys.list("tools") else { return [] }
    var tools: [Tool] = []
    for value in list.elements {
      let tool = try tool(value, keys)
      guard !tools.contains(where: { $0.name == tool.name }) else {
        throw keys.error("the tool '\(tool.name)' is there twice", at: value)
      }
      tools.append(tool)
    }
    return tools
  }

  /// `{name, description, parameters}`, also as OpenAI wraps it: `{type: function, function: {…}}`.
  private static func tool(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> Tool {
    guard value.string == nil else {
      throw keys.error("a tool by name alone has no definition", hint: "{name, description, parameters}", at: value)
    }
    var fields = try KeyReader(value, keys.file, keys.source)
    if let inner = try fields.mapping("function") {
      try fields.refuseUnknown(["type", "function"])
      fields = inner
    }
    try fields.refuseUnknown(["name", "description", "parameters", "strict"])
    var parameters: JSON?
    if let given = fields.value("parameters") {
      if let text = given.string {
        do throws(FormatError) {
          parameters = try SchemaShorthand.schema(text)
        } catch {
          throw PromptFileError(file: keys.file, TextPlace(of: given, in: keys.source).placed(error))
        }
      } else {
        guard given.kind == .object else { throw fields.error("'parameters' is to be a schema", at: given) }
        parameters = given
      }
    }
    return try tool(fields, at: value, parameters: parameters)
  }

  /// A tool of any format; who calls has looked at its keys and read its parameters.
  static func tool(_ fields: KeyReader, at value: JSON, parameters: JSON?) throws(PromptFileError) -> Tool {
    guard let name = try fields.string("name"), isName(name) else {
      throw fields.error("a tool needs a name of letters, digits, '_' and '-', at most 64", at: value)
    }
    return Tool(
      name: name, description: try fields.string("description") ?? "",
      parameters: parameters ?? ["type": "object", "properties": .object([])],
      isStrict: try fields.bool("strict") ?? false)
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { SimpleNames.isNameByte($0) && $0 != 0x2E }
  }
}
