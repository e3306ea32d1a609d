// Roles of aichat: a Markdown file with perhaps front matter. Its text is the system prompt; with `__INPUT__` in it, it is
// the user's message; `### INPUT:` and `### OUTPUT:` begin examples.

import Formats
import Models
import Templates

enum AichatRole {
  private static let keys = ["model", "temperature", "top_p", "use_tools", "name", "prompt", "description"]
  private static let builtins: Set<String> = [
    "__os__", "__os_distro__", "__os_family__", "__arch__", "__shell__", "__locale__", "__now__", "__cwd__",
  ]

  /// Markdown with one of the marks, with front matter, or in a folder `roles`.
  @Sendable static func detects(_ source: PromptSource) -> Bool {
    guard source.fileName.hasSuffix(".md") else { return false }
    let bytes = source.bytes
    return bytes.contains(bytes: Array("__INPUT__".utf8)) || bytes.contains(bytes: Array("### INPUT:".utf8))
      || bytes.starts(with: "---".utf8) || bytes.starts(with: [0xEF, 0xBB, 0xBF] + Array("---".utf8))
      || source.path.split(separator: "/").dropLast().last == "roles"
  }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    let matter: FrontMatter
    do throws(FormatError) {
      matter = try FrontMatter.split(source.bytes, .init(yaml: .file))
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    var template = PromptTemplate(file: source.path, format: .aichat)
    template.name = source.fileName.hasSuffix(".md") ? String(source.fileName.dropLast(3)) : source.fileName
    if let value = matter.value, !value.isNull {
      let keys = try KeyReader(value, source.path, source.bytes)
      try keys.refuseUnknown(Self.keys)
      template.model = try keys.string("model")
      template.description = try keys.string("description")
      template.parameters.temperature = try keys.double("temperature", in: 0...2)
      template.parameters.topP = try keys.double("top_p", in: 0...1)
      if let tools = keys.value("use_tools") {
        throw keys.error("'use_tools' names tools of aichat, which awl does not have", hint: "take it out", at: tools)
      }
    }
    let text = String(decoding: source.bytes[matter.body], as: UTF8.self)
    let trimmed = text.trimmedOfSpace
    guard !trimmed.isEmpty else { throw source.error("there is no prompt in it") }
    let place = matter.bodyPosition
    let texts = Texts(line: place.line + text.prefix(while: \.isWhitespace).filter { $0 == "\n" || $0 == "\r\n" }.count)
    template.messages = texts.messages(trimmed)
    template.inputName = "input"
    for name in template.messages.flatMap({ $0.parts.flatMap { $0.text.template.names.map(\.name) } })
    where builtins.contains(name) && !template.inputs.contains(where: { $0.name == name }) {
      template.inputs.append(PromptInput(name, description: "aichat fills it in by itself"))
    }
    return template
  }

  private struct Texts {
    /// The line in the file where the text starts.
    let line: Int

    func messages(_ text: String) -> [PromptMessage] {
      let input = PromptPart.text(PromptText(Template([.name("input", 0)], source: []), .file))
      if Array(text.utf8).contains(bytes: Array("__INPUT__".utf8)) {
        return [PromptMessage(.user, parts(text))]
      }
      let examples = self.examples(text)
      guard !examples.isEmpty else { return [PromptMessage(.system, parts(text)), PromptMessage(.user, [input])] }
      return examples + [PromptMessage(.user, [input])]
    }

    /// `__INPUT__` becomes the input, aichat's own variables inputs of their names.
    private func parts(_ text: String) -> [PromptPart] {
      var parts: [PromptPart] = []
      for (index, piece) in split(text, at: "__INPUT__").enumerated() {
        if index > 0 { parts.append(.text(PromptText(Template([.name("input", 0)], source: []), .file))) }
        let template = SimpleNames.braces(piece, only: AichatRole.builtins)
        if !piece.isEmpty { parts.append(.text(PromptText(template, .block(line: line, column: 1)))) }
      }
      return parts
    }

    private func split(_ text: String, at mark: String) -> [String] {
      let (bytes, mark) = (Array(text.utf8), Array(mark.utf8))
      var pieces: [String] = []
      var start = 0
      while let place = bytes.firstOffset(of: mark, from: start) {
        pieces.append(String(decoding: bytes[start..<place], as: UTF8.self))
        start = place + mark.count
      }
      return pieces + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    private func examples(_ text: String) -> [PromptMessage] {
      var messages: [PromptMessage] = []
      var role = Role.system
      var lines: [Substring] = []
      var found = false
      func close() {
        let trimmed = lines.joined(separator: "\n").trimmedOfSpace
        if !trimmed.isEmpty { messages.append(PromptMessage(role, parts(trimmed))) }
        lines = []
      }
      for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        let word = line.reversed().drop(while: \.isWhitespace).reversed()
        if String(word) == "### INPUT:" || String(word) == "### OUTPUT:" {
          close()
          role = String(word) == "### INPUT:" ? .user : .assistant
          found = true
        } else {
          lines.append(line)
        }
      }
      close()
      return found ? messages : []
    }
  }
}
