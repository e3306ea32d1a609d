// A prompt of any form as a file of our own: how the files of other tools are converted. What has no form in ours is an
// error, never left out in silence.

import Formats
import Models
import Templates

extension PromptTemplate {
  /// The YAML of a `.prompt.yml` that means the same.
  ///
  /// - Throws: a part that has no form in it.
  package func promptFile() throws(PromptFileError) -> String {
    var attachments: [JSON] = []
    var turns: [(role: Role, text: String)] = []
    let scalars = Set(inputs.filter { $0.kind.isScalar }.map(\.name))
    let lastUser = messages.lastIndex { $0.role == .user }
    for (index, message) in messages.enumerated() {
      var text = ""
      for part in message.parts {
        guard let source = part.text.template.ownSource(scalars: scalars) else {
          throw PromptFileError(
            file: file, "a part of it has no form in a .prompt.yml",
            hint: "names with '-', '.' or '@', or all values at once")
        }
        switch part {
        case .text: text += source
        case .media:
          guard index == lastUser else {
            throw PromptFileError(file: file, "media outside of the last user message have no form in a .prompt.yml")
          }
          attachments.append(.string(source))
        }
      }
      turns.append((message.role, text))
    }
    turns.removeAll { $0.text.isEmpty }
    var members: [(String, JSON?)] = [
      ("awl", 1), ("name", name.map { .string($0) }), ("description", description.map { .string($0) }),
      ("model", model.map { .string($0) }), ("modelParameters", parameters.fileObject),
      ("options", options.isEmpty ? JSON?.none : .object(options.map { ($0.name, $0.value) })),
      ("inputs", inputs.isEmpty ? JSON?.none : .object(inputs.map { ($0.name, $0.fileObject) })),
    ]
    let isShort = turns.count <= 2 && turns.last?.role == .user && (turns.count == 1 || turns[0].role == .system)
    if isShort {
      if turns.count == 2 { members.append(("system", .string(turns[0].text))) }
      members.append(("prompt", .string(turns[turns.count - 1].text)))
    } else {
      let list = turns.map { JSON.object([("role", .string($0.role.rawValue)), ("content", .string($0.text))]) }
      members.append(("messages", .array(list)))
    }
    if !attachments.isEmpty { members.append(("attachments", .array(attachments))) }
    if wantsJSON { members.append(("responseFormat", "json_object")) }
    if let schema {
      if schema.name == "answer" {
        members.append(("schema", schema.schema))
      } else {
        members.append(
          (
            "jsonSchema",
            .object([("name", .string(schema.name)), ("strict", .bool(schema.isStrict)), ("schema", schema.schema)])
          ))
      }
    }
    if !tools.isEmpty { members.append(("tools", .array(tools.map(\.fileObject)))) }
    switch extraction {
    case .first: members.append(("extract", "first"))
    case .last: members.append(("extract", "last"))
    case nil: break
    }
    members += [("testData", testData), ("evaluators", evaluators)]
    return JSON.object(members).yamlText
  }
}

extension PromptInput {
  /// As `inputs:` of a prompt file has it.
  package var fileObject: JSON {
    if description == nil, defaultValue == nil, choices.isEmpty, !isOptional { return .string(kind.rawValue) }
    return .object([
      ("type", .string(kind.rawValue)), ("description", description.map { .string($0) }), ("default", defaultValue),
      ("enum", choices.isEmpty ? JSON?.none : .array(choices)),
      ("optional", isOptional && defaultValue == nil ? JSON?.some(.bool(true)) : JSON?.none),
    ])
  }
}

extension Parameters {
  /// As `modelParameters:` of a prompt file has them; `nil` where nothing is set.
  var fileObject: JSON? {
    let reasoning: JSON? =
      switch reasoning {
      case .off: "off"
      case .effort(let level): .string(level)
      case .budget(let tokens): .number(tokens)
      case nil: JSON?.none
      }
    let members: [(String, JSON?)] = [
      ("temperature", temperature.map { .number($0) }), ("topP", topP.map { .number($0) }),
      ("maxTokens", maxTokens.map { .number($0) }), ("seed", seed.map { .number($0) }),
      ("stop", stop.isEmpty ? JSON?.none : .array(stop.map { .string($0) })), ("reasoning", reasoning),
    ]
    let isEmpty = members.allSatisfy { if case .some = $0.1 { false } else { true } }
    if isEmpty { return JSON?.none }
    return .object(members)
  }
}

extension Tool {
  fileprivate var fileObject: JSON {
    .object([
      ("name", .string(name)), ("description", description.isEmpty ? JSON?.none : .string(description)),
      ("parameters", parameters), ("strict", isStrict ? JSON?.some(.bool(true)) : JSON?.none),
    ])
  }
}

extension PromptPart {
  /// Its text as source of our language; `nil` where it has no form in it.
  package var source: String? { text.template.ownSource() }
}
