// A prompt that was typed instead of kept in a file: text in our own language of templates, whose variables are the
// columns of rows.

import Formats
import Models
import Templates

extension PromptTemplate {
  /// - Parameters:
  ///   - text: the user's message.
  ///   - system: the system prompt.
  /// - Throws: what is wrong with one of them, with the place in it.
  package static func typed(_ text: String, system: String?) throws(PromptFileError) -> PromptTemplate {
    var prompt = PromptTemplate(file: "the prompt", format: .text)
    if let system { prompt.messages.append(PromptMessage(.system, [try part(system, "the system prompt")])) }
    prompt.messages.append(PromptMessage(.user, [try part(text, prompt.file)]))
    prompt.inferInputs()
    return prompt
  }

  private static func part(_ text: String, _ name: String) throws(PromptFileError) -> PromptPart {
    do throws(FormatError) {
      return .text(PromptText(try Template(text), .file))
    } catch {
      throw PromptFileError(file: name, error)
    }
  }
}
