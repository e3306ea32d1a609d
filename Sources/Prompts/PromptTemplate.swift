// A prompt as a file describes it, whatever tool the file was written for: what it expects, what it says, and how it wants
// to be asked. Roles are those of the source; a value never becomes a role, a message or a template.

import Formats
import Models
import Templates

/// A prompt that was read from a file and waits for its values.
package struct PromptTemplate: Sendable {
  /// The file as it was named.
  package var file: String
  package var format: PromptFormat
  package var name: String?
  package var description: String?
  /// The model as the file names it.
  package var model: String?
  package var parameters = Parameters()
  /// Options of the provider, checked when the provider is known.
  package var options: [(name: String, value: JSON)] = []
  package var messages: [PromptMessage] = []
  /// The place among the messages of a conversation that went before; `nil` puts it after the system messages.
  package var historyIndex: Int?
  package var inputs: [PromptInput] = []
  /// Names of inputs that the file does not declare, but uses.
  var inferred: [String] = []
  /// Names that stand for the conversation that went before (prompty's threads).
  var threads: [String] = []
  /// The input that words and stdin become, where the format has one.
  package var inputName: String?
  package var schema: OutputSchema?
  /// Any JSON is wanted, of no certain schema.
  package var wantsJSON = false
  package var tools: [Tool] = []
  /// Which fenced block of the answer is wanted.
  package var extraction: Extraction?
  /// Rows to try the prompt with, and what judges the answers: interpreted by evals.
  package var testData: JSON?
  package var evaluators: JSON?
  /// Where the file wants the request to go, and what else of it needs trust.
  package var baseURL: String?
  package var trustNeeds: [TrustNeed] = []
  /// Keys that mean nothing here, in files of tools that do not mind them.
  package var warnings: [FormatError] = []

  package enum Extraction: Sendable, Equatable { case first, last }

  /// Something that a file must not do before a person has looked at it.
  package struct TrustNeed: Sendable, Equatable {
    /// `sends the request to https://…`.
    package var what: String
    package var position: SourcePosition
  }

  package init(file: String, format: PromptFormat) {
    self.file = file
    self.format = format
  }

  package func error(_ error: FormatError) -> PromptFileError { PromptFileError(file: file, error) }
}

/// One message of a prompt.
package struct PromptMessage: Sendable {
  package var role: Role
  package var parts: [PromptPart]

  package init(_ role: Role, _ parts: [PromptPart]) {
    self.role = role
    self.parts = parts
  }
}

package enum PromptPart: Sendable {
  case text(PromptText)
  /// An image, PDF or sound: the template gives its path or URL.
  case media(PromptText)

  var text: PromptText {
    switch self {
    case .text(let text), .media(let text): text
    }
  }
}

/// A template with the place in its file.
package struct PromptText: Sendable {
  package var template: Template
  package var place: TextPlace

  package init(_ template: Template, _ place: TextPlace) {
    self.template = template
    self.place = place
  }

  /// Text that stands for itself.
  package init(text: String) { self.init(Template(text: text), .file) }
}
