// Prompty files, of the first form and the second: front matter over Jinja (or Mustache's simplest part) with role lines.
// A connection says where a keyed request goes, and `${env:X}` reads the environment: both wait for a person's trust.

import Formats
import Models
import Templates

enum Prompty {
  private static let keys = [
    "name", "description", "version", "authors", "tags", "metadata", "model", "inputs", "outputs", "sample", "template",
    "tools", "kind", "displayName", "instructions", "additionalInstructions",
  ]

  @Sendable static func detects(_ source: PromptSource) -> Bool { source.fileName.hasSuffix(".prompty") }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    let matter: FrontMatter
    do throws(FormatError) {
      matter = try FrontMatter.split(source.bytes, .init(yaml: .file))
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    var template = PromptTemplate(file: source.path, format: .prompty)
    var engine = Engine.jinja
    if let value = matter.value, !value.isNull {
      let keys = try KeyReader(value, source.path, source.bytes)
      try keys.refuseUnknown(Self.keys)
      template.name = try keys.string("name")
      template.description = try keys.string("description")
      engine = try readEngine(keys)
      try PromptyModel.read(keys, &template)
      try PromptyInputs.read(keys, source, &template)
      try readTools(keys, &template)
    }
    try readMessages(source, matter.body, engine, &template)
    return template
  }

  private enum Engine { case jinja, mustache }

  /// `template: jinja2` of the first form, `template: {format: {kind: jinja2}}` of the second.
  private static func readEngine(_ keys: KeyReader) throws(PromptFileError) -> Engine {
    guard let value = keys.value("template") else { return .jinja }
    let format = value["format"] ?? value["type"] ?? value
    let name = format.string ?? format["kind"]?.string
    switch name {
    case "jinja2", "jinja": return .jinja
    case "mustache": return .mustache
    default: throw keys.error("the template '\(name ?? value.text)' is not read", hint: "jinja2 or mustache", at: value)
    }
  }

  private static func readMessages(
    _ source: PromptSource, _ body: Range<Int>, _ engine: Engine, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    for section in RoleLines.sections(source.bytes, in: body) {
      do throws(FormatError) {
        switch engine {
        case .jinja:
          let text = try Template(source.bytes, in: section.range, semantics: .lenient)
          template.messages += messages(section.role, text, &template)
        case .mustache: template.messages.append(PromptMessage(section.role, try mustache(source, section.range)))
        }
      } catch {
        throw PromptFileError(file: source.path, error)
      }
    }
  }

  /// A message that is nothing but the name of an image is that image; a thread is the conversation that went before.
  private static func messages(
    _ role: Role, _ text: Template, _ template: inout PromptTemplate
  ) -> [PromptMessage] {
    var messages: [PromptMessage] = []
    var parts: [PromptPart] = []
    let threads = Set(template.threads)
    let media = Set(template.inputs.filter { $0.kind == .image }.map(\.name))
    for piece in text.split(at: threads.union(media)) {
      switch piece {
      case .text(let text): parts.append(.text(PromptText(text, .file)))
      case .name(let name, let text):
        if media.contains(name) {
          parts.append(.media(PromptText(text, .file)))
        } else {
          if !parts.isEmpty { messages.append(PromptMessage(role, parts)) }
          parts = []
          template.historyIndex = template.messages.count + messages.count
        }
      }
    }
    if !parts.isEmpty { messages.append(PromptMessage(role, parts)) }
    return messages
  }

  /// Mustache's names, sections and comments are those of Handlebars' `if` and `each` in one, which cannot be told apart
  /// without values; only names are read.
  private static func mustache(_ source: PromptSource, _ range: Range<Int>) throws(FormatError) -> [PromptPart] {
    for mark in ["{{#", "{{^", "{{>", "{{="] {
      if let place = Array(source.bytes[..<range.upperBound]).firstOffset(of: Array(mark.utf8), from: range.lowerBound)
      {
        throw FormatError(
          "Mustache's '\(mark)…}}' is not read", hint: "write it in jinja2: {% if x %}, {% for x in xs %}",
          at: SourcePosition(of: place, in: source.bytes))
      }
    }
    return try Template.handlebars(source.bytes, in: range).compactMap { segment in
      if case .text(let text) = segment { .text(PromptText(text, .file)) } else { nil }
    }
  }

  private static func readTools(_ keys: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    guard let list = try keys.list("tools") else { return }
    for value in list.elements {
      let fields = try KeyReader(value, keys.file, keys.source)
      let kind = try fields.string("kind") ?? "function"
      guard kind == "function" else {
        throw fields.error(
          "tools of the kind '\(kind)' are not run by awl prompt", hint: "function tools are sent", at: value)
      }
      try fields.refuseUnknown(["name", "kind", "description", "parameters", "strict", "bindings"])
      if let bindings = fields.value("bindings") {
        throw fields.error("'bindings' of a tool are not read", hint: "take them out", at: bindings)
      }
      let parameters = try fields.value("parameters").map { (list) throws(PromptFileError) in
        try PromptyInputs.schema(list, fields)
      }
      template.tools.append(try PromptToolReader.tool(fields, at: value, parameters: parameters))
    }
  }
}
