// Patterns of fabric: a folder with system.md, and perhaps user.md. What is typed or piped in stands where `{{input}}` is,
// else it is the user's message behind user.md. Plugins run code or read files there, and are refused.

import Formats
import Models
import Templates

enum FabricPattern {
  @Sendable static func detects(_ source: PromptSource) -> Bool { source.fileName == "system.md" }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    var template = PromptTemplate(file: source.path, format: .fabric)
    let folder = source.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    template.name = folder.last.map(String.init)
    let system = try text(source.bytes, source.path)
    var userParts: [PromptPart] = []
    if let bytes = source.neighbour("user.md"), !bytes.isEmpty {
      let path = (folder + ["user.md"]).joined(separator: "/")
      let user = try text(bytes, path)
      if user.template.constantText?.allSatisfy(\.isWhitespace) != true { userParts.append(.text(user)) }
    }
    // With the input within it, the whole pattern is what the user says: there would be no user's message else.
    let systemMessage = PromptMessage(.system, [.text(system)])
    let hasInput = systemMessage.uses("input")
    if hasInput {
      template.messages.append(PromptMessage(.user, systemMessage.parts))
    } else if !source.bytes.isEmpty {
      template.messages.append(systemMessage)
    }
    let user = PromptMessage(.user, userParts)
    if !hasInput, !user.uses("input") {
      if !userParts.isEmpty { userParts.append(.text(PromptText(text: "\n\n"))) }
      userParts.append(.text(PromptText(Template([.name("input", 0)], source: []), .file)))
    }
    if !userParts.isEmpty { template.messages.append(PromptMessage(.user, userParts)) }
    template.inputName = "input"
    return template
  }

  private static func text(_ bytes: [UInt8], _ path: String) throws(PromptFileError) -> PromptText {
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if let bad = bytes.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) {
      throw PromptFileError(file: path, FormatError("not UTF-8", at: SourcePosition(of: bad, in: bytes)))
    }
    for word in ["{{plugin:", "{{ext:"] {
      if let place = bytes.firstOffset(of: Array(word.utf8), from: 0) {
        throw PromptFileError(
          file: path,
          FormatError(
            "'\(word)…}}' is code of fabric, which awl does not run", hint: "put its text there with -p and a {{name}}",
            at: SourcePosition(of: place, in: bytes)))
      }
    }
    let text = String(decoding: bytes[mark...], as: UTF8.self)
    return PromptText(SimpleNames.braces(text, allowsSpaces: true), .file)
  }
}
