// From values to messages. Values are checked before anything is rendered, and each message is rendered by itself, so
// that no value can end one message and begin another.

import Formats
import Models
import Templates

/// The messages of a prompt with its values in them.
package struct RenderedPrompt: Sendable, Equatable {
  package enum Part: Sendable, Equatable {
    case text(String)
    /// Path or URL of what is attached.
    case media(String)
  }

  package struct Message: Sendable, Equatable {
    package var role: Role
    package var parts: [Part]

    /// All text of it.
    package var text: String {
      parts.reduce(into: "") { text, part in if case .text(let piece) = part { text += piece } }
    }
  }

  /// The system messages that lead; `nil` where there are none.
  package var system: String?
  package var messages: [Message]
  /// Where a conversation that went before stands among the messages.
  package var historyIndex: Int
}

extension PromptTemplate {
  /// The one input that words and stdin become: the format's own, else the only text that is expected and not given.
  ///
  /// - Parameter given: names that have a value already.
  package func inputName(given: Set<String>) -> String? {
    if let inputName { return given.contains(inputName) ? nil : inputName }
    let missing = inputs.filter { $0.isRequired && !given.contains($0.name) }
    guard missing.count == 1, missing[0].kind == .string || missing[0].kind == .any else { return nil }
    return missing[0].name
  }

  /// All values: those given, checked, and the defaults of the others.
  ///
  /// - Throws: names that nobody knows, values of the wrong type, what is missing; each with all that is expected.
  package func values(_ given: [(name: String, value: JSON)]) throws(PromptFileError) -> JSON {
    for (name, value) in given {
      guard let input = inputs.first(where: { $0.name == name }) else {
        let near = EditDistance.suggestion(for: name, among: inputs.map(\.name))
        throw PromptFileError(
          file: file, "there is no variable '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? expectation)
      }
      if let problem = input.problem(with: value) {
        throw PromptFileError(file: file, "the variable '\(name)' \(problem)", hint: input.summary)
      }
    }
    var values: [(String, JSON)] = []
    var missing: [PromptInput] = []
    for input in inputs {
      if let value = given.last(where: { $0.name == input.name })?.value ?? input.defaultValue {
        values.append((input.name, value))
      } else if input.isRequired {
        missing.append(input)
      }
    }
    guard missing.isEmpty else {
      let names = missing.map { "'\($0.name)'" }.joined(separator: ", ")
      throw PromptFileError(
        file: file,
        "\(missing.count == 1 ? "the variable" : "the variables") \(names) \(missing.count == 1 ? "is" : "are") missing",
        hint: expectation)
    }
    return .object(values.map { ($0.0, $0.1) })
  }

  /// `it expects: …`, or that it expects nothing.
  private var expectation: String {
    guard !inputs.isEmpty else { return "it expects no variables" }
    return "it expects \(inputs.map(\.summary).joined(separator: "; ")); give them with -p NAME=VALUE"
  }

  /// The messages with `values` in them, as `values(_:)` gives them. Messages without any text or medium are left out.
  package func render(_ values: JSON) throws(PromptFileError) -> RenderedPrompt {
    var system: [String] = []
    var messages: [RenderedPrompt.Message] = []
    var index: Int?
    for (position, message) in self.messages.enumerated() {
      if position == historyIndex { index = messages.count }
      var parts: [RenderedPrompt.Part] = []
      for part in message.parts {
        let text: String
        do throws(FormatError) {
          text = try part.text.template.render(values)
        } catch {
          throw self.error(part.text.place.placed(error))
        }
        switch part {
        case .text: if !text.isEmpty { parts.append(.text(text)) }
        case .media: if !text.isEmpty { parts.append(.media(text)) }
        }
      }
      let isBlank = parts.allSatisfy {
        if case .text(let text) = $0 { text.allSatisfy(\.isWhitespace) } else { false }
      }
      guard !isBlank else { continue }
      let rendered = RenderedPrompt.Message(role: message.role, parts: parts)
      if message.role == .system, messages.isEmpty {
        system.append(rendered.text)
      } else {
        messages.append(rendered)
      }
    }
    if historyIndex == self.messages.count { index = messages.count }
    return RenderedPrompt(
      system: system.isEmpty ? nil : system.joined(separator: "\n\n"), messages: messages, historyIndex: index ?? 0)
  }

  /// Adds the names that the templates use and the file does not declare.
  mutating func inferInputs() {
    for message in messages {
      for part in message.parts {
        for name in part.text.template.names {
          if let index = inputs.firstIndex(where: { $0.name == name.name }) {
            // Used outside of any question whether it is there: needed after all.
            if inferred.contains(name.name), !name.isOptional { inputs[index].isOptional = false }
          } else {
            inferred.append(name.name)
            inputs.append(PromptInput(name.name, .any, isOptional: name.isOptional))
          }
        }
      }
    }
  }
}
