// A prompt of a suite, and how variables are put into it. A text is promptfoo's: nunjucks, with templates in values
// rendered too; a text that is JSON is rendered leaf by leaf, so that a quotation mark in a value breaks nothing. A prompt
// file keeps its own language and strictness.

import Formats
import Models
import Prompts
import Templates

/// A prompt of a suite.
package struct SuitePrompt: Sendable {
  package enum Form: Sendable {
    case text(PromptTemplateText)
    case json(JSON)
    case file(PromptTemplate)
  }

  package var id: String?
  package var label: String
  /// As it was written.
  package var raw: String
  package var form: Form
  /// Settings that win over the provider's.
  package var config: JSON?
  /// Its evaluators: what its answers are held to besides the tests' assertions.
  package var assertions: [Assertion] = []
  package var prefix = ""
  package var suffix = ""

  package init(label: String, raw: String, form: Form) {
    self.label = label
    self.raw = raw
    self.form = form
  }

  /// A prompt of a text as promptfoo reads it.
  package static func text(_ raw: String, label: String? = nil) throws(FormatError) -> SuitePrompt {
    let first = raw.utf8.first { $0 > 0x20 }
    if first == 0x5B || first == 0x7B, let json = try? JSON.parse(raw), json.kind == .array || json.kind == .object {
      return SuitePrompt(label: label ?? raw, raw: raw, form: .json(json))
    }
    return SuitePrompt(label: label ?? raw, raw: raw, form: .text(try PromptTemplateText(raw)))
  }

  /// Whether a filter names it: its label or id, or `group:*`.
  package func isNamed(by filters: [String]) -> Bool {
    filters.contains { filter in
      filter == label || filter == id
        || (filter.hasSuffix("*") && (label.hasPrefix(filter.dropLast()) || id?.hasPrefix(filter.dropLast()) == true))
        || label.hasPrefix(filter + ":")
    }
  }

  /// Names of variables that it needs.
  package var names: [String] {
    switch form {
    case .text(let text): text.names
    case .json(let json): PromptTemplateText.names(in: json)
    case .file: []
    }
  }
}

/// What is sent.
package struct PromptInputText: Sendable {
  /// As it is kept and graded: the text, or the JSON of a conversation.
  package var text: String
  package var system: String?
  package var messages: [Message]
}

extension SuitePrompt {
  /// The prompt with variables in it.
  ///
  /// - Parameter scope: the variables, rendered.
  package func render(_ scope: CaseScope) throws(CellFault) -> PromptInputText {
    switch form {
    case .text(let template):
      var text = try template.render(scope)
      if !prefix.isEmpty || !suffix.isEmpty { text = prefix + text + suffix }
      return try ChatText.read(text)
    case .json(let json):
      let rendered = try PromptTemplateText.render(json, scope)
      return try ChatText.read(prefix + rendered.prettyText + suffix)
    case .file(let prompt): return try rendered(prompt, scope)
    }
  }

  private func rendered(_ prompt: PromptTemplate, _ scope: CaseScope) throws(CellFault) -> PromptInputText {
    let rendered: RenderedPrompt
    do throws(PromptFileError) {
      let row = Row(number: 0, position: SourcePosition(line: 1, column: 1, offset: 0), values: scope.vars)
      rendered = try prompt.render(prompt.values(of: row, typed: []))
    } catch {
      throw CellFault("render", error.text, 2)
    }
    var messages: [Message] = []
    for message in rendered.messages {
      var text = ""
      for part in message.parts {
        guard case .text(let piece) = part else {
          throw CellFault("render", "\(prompt.file): attachments are not supported in evals", 2)
        }
        text += piece
      }
      messages.append(Message(message.role, text: text))
    }
    let isPlain = rendered.system == nil && messages.count == 1 && messages[0].role == .user
    let text = isPlain ? messages[0].text : ChatText.text(of: rendered.system, messages)
    return PromptInputText(text: text, system: rendered.system, messages: messages)
  }
}

/// Why a cell cannot be answered or graded.
package struct CellFault: Error, Sendable, Equatable {
  package var error: CellError

  package init(_ kind: String, _ message: String, _ code: Int) {
    error = CellError(kind: kind, message: message, code: code)
  }
}
