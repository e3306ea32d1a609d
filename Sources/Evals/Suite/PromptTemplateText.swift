// promptfoo's templates: nunjucks with undefined empty. A tag that is not closed on its line is text, as in code that has
// braces of its own.

import Formats
import Templates

/// A template of a suite.
package struct PromptTemplateText: Sendable {
  package let template: Template
  /// Names that it takes and nothing stands in for.
  package let names: [String]

  package init(_ text: String) throws(FormatError) {
    let source = Array(PromptTemplateText.protected(text).utf8)
    template = try Template(source, in: 0..<source.count, semantics: .nunjucks)
    let uses = template.constantText != nil ? [] : TemplateReferences(template).names
    // Empty it would be a conversation that was never had.
    if let use = uses.first(where: { $0.name == "_conversation" }) {
      throw FormatError(
        "'_conversation' is not supported", hint: "every test is asked by itself",
        at: SourcePosition(of: use.offset, in: source))
    }
    names = uses.filter { !$0.isGuarded && $0.name != "env" }
      .reduce(into: []) { names, use in if !names.contains(use.name) { names.append(use.name) } }
  }

  package func render(_ scope: CaseScope) throws(CellFault) -> String {
    if let text = template.constantText { return text }
    do throws(FormatError) {
      return try template.render(in: scope)
    } catch {
      throw CellFault("render", "the template, line \(error.position.line): \(error.message)", 2)
    }
  }

  /// Whether a text may hold a tag.
  static func hasTag(_ text: String) -> Bool {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == 0x7B, byte == 0x7B || byte == 0x25 || byte == 0x23 { return true }
      previous = byte
    }
    return false
  }

  /// A text with its variables put in; a text without tags costs nothing.
  static func render(_ text: String, _ scope: CaseScope) throws(CellFault) -> String {
    guard hasTag(text) else { return text }
    let template: PromptTemplateText
    do throws(FormatError) { template = try PromptTemplateText(text) } catch {
      throw CellFault("render", "the template, line \(error.position.line): \(error.message)", 2)
    }
    return try template.render(scope)
  }

  /// The value with every text in it rendered; a text that is one expression and nothing else keeps its value's type.
  package static func render(_ value: JSON, _ scope: CaseScope, depth: Int = 0) throws(CellFault) -> JSON {
    guard depth < 128 else { throw CellFault("render", "a value is nested too deep", 2) }
    switch value.kind {
    case .string:
      guard let text = value.string, hasTag(text) else { return value }
      return .string(try render(text, scope))
    case .array:
      var elements: [JSON] = []
      for element in value.elements { elements.append(try render(element, scope, depth: depth + 1)) }
      return .array(elements)
    case .object:
      var members: [(String, JSON?)] = []
      for (key, member) in value.members { members.append((key, try render(member, scope, depth: depth + 1))) }
      return .object(members)
    case .null, .bool, .number: return value
    }
  }

  static func names(in value: JSON) -> [String] {
    var names: [String] = []
    var open = [value]
    while let next = open.popLast() {
      if let text = next.string, hasTag(text), let template = try? PromptTemplateText(text) {
        for name in template.names where !names.contains(name) { names.append(name) }
      }
      open += Array(next.elements)
      open += next.members.map(\.value)
    }
    return names
  }

  /// Lines on which a tag is opened and not closed anywhere behind it, as they stand.
  static func protected(_ text: String) -> String {
    guard hasTag(text) else { return text }
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    var at = 0
    while at < bytes.count {
      guard bytes[at] == 0x7B, at + 1 < bytes.count else {
        output.append(bytes[at])
        at += 1
        continue
      }
      let close: [UInt8]
      switch bytes[at + 1] {
      case 0x7B: close = [0x7D, 0x7D]
      case 0x25: close = [0x25, 0x7D]
      case 0x23: close = [0x23, 0x7D]
      default:
        output.append(bytes[at])
        at += 1
        continue
      }
      // A comment may go over lines, as nunjucks has it; other tags too, where they are closed at all before the next opens.
      var end: Int?
      var look = at + 2
      while look + 1 < bytes.count {
        if bytes[look] == close[0], bytes[look + 1] == close[1] {
          end = look + 2
          break
        }
        if bytes[look] == 0x0A, bytes[at + 1] != 0x23 { break }
        look += 1
      }
      if let end {
        output += bytes[at..<end]
        at = end
      } else {
        output += Array("{% raw %}".utf8) + bytes[at...at + 1] + Array("{% endraw %}".utf8)
        at += 2
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

/// The variables of a case as names of templates.
package struct CaseScope: TemplateScope {
  package var vars: JSON
  package var environment: [String: String]
  /// Values that stand behind the variables: the output and what an assertion adds.
  package var extra: [(name: String, value: JSON)]

  package init(_ vars: JSON, environment: [String: String], extra: [(name: String, value: JSON)] = []) {
    self.vars = vars
    self.environment = environment
    self.extra = extra
  }

  package func value(of name: String) -> TemplateValue? {
    if let value = vars[name] { return TemplateValue(value) }
    if let value = extra.first(where: { $0.name == name })?.value { return TemplateValue(value) }
    if name == "env" { return .object(environment.map { ($0.key, .string($0.value)) }) }
    return nil
  }

  package var boundary: String { "untrusted" }
}
