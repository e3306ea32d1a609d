// Prompts from text, and what they become: the short forms that the tables of cases are written in.

import Formats
import Models
import Prompts

/// Reads a prompt from text, as if it lay in a file of this name with these beside it.
func prompt(_ name: String, _ text: String, _ beside: [String: String] = [:]) throws(PromptFileError) -> PromptTemplate
{
  try prompt(name, Array(text.utf8), beside)
}

func prompt(_ name: String, _ bytes: [UInt8], _ beside: [String: String] = [:]) throws(PromptFileError)
  -> PromptTemplate
{
  try PromptTemplate.read(PromptSource(path: name, bytes: bytes) { beside[$0].map { Array($0.utf8) } })
}

/// The messages with values in them, one a line: `role: text`.
func rendered(_ template: PromptTemplate, _ values: [(String, JSON)] = []) throws(PromptFileError) -> [String] {
  let result = try template.render(template.values(values.map { (name: $0.0, value: $0.1) }))
  let system = result.system.map { ["system: " + $0] } ?? []
  return system
    + result.messages.map { message in
      let parts = message.parts.map { part in
        switch part {
        case .text(let text): text
        case .media(let place): "[\(place)]"
        }
      }
      return "\(message.role.rawValue): \(parts.joined())"
    }
}

/// What is wrong with a prompt; empty where nothing is.
func problem(_ name: String, _ text: String, _ beside: [String: String] = [:]) -> String {
  do throws(PromptFileError) {
    _ = try prompt(name, text, beside)
    return ""
  } catch {
    return error.text
  }
}

/// What is wrong with the values that a prompt is given; empty where nothing is.
func problem(_ template: PromptTemplate, _ values: [(String, JSON)]) -> String {
  do throws(PromptFileError) {
    _ = try rendered(template, values)
    return ""
  } catch {
    return error.text
  }
}
