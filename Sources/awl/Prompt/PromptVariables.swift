// `-p NAME=VALUE`, `-p NAME=@FILE`, `-p NAME:=JSON`, `-p NAME:=@FILE`: variables of a prompt, read in the types that the
// prompt expects.

import Formats
import Models
import Prompts

/// One `-p` as it was typed.
struct PromptVariable: Sendable, Equatable {
  enum Value: Sendable, Equatable {
    case text(String)
    case textFile(String)
    case json(JSON)
    case jsonFile(String)
  }
  var name: String
  var value: Value

  /// - Throws: what is wrong with the way it is written.
  init(_ typed: String) throws(UsageError) {
    guard let mark = typed.firstIndex(of: "="), mark != typed.startIndex else {
      throw UsageError("-p: '\(typed)' has no value", hint: "NAME=VALUE, NAME=@FILE or NAME:=JSON")
    }
    let rest = String(typed[typed.index(after: mark)...])
    let before = typed.index(before: mark)
    let isJSON = typed[before] == ":" && before != typed.startIndex
    name = String(typed[..<(isJSON ? before : mark)])
    let file = rest.hasPrefix("@") ? String(rest.dropFirst()) : nil
    if file?.isEmpty == true {
      throw UsageError("-p \(name)=@ names no file", hint: "NAME=@FILE; a text '@': NAME:='\"@\"'")
    }
    if !isJSON {
      value = file.map(Value.textFile) ?? .text(rest)
    } else if let file {
      value = .jsonFile(file)
    } else {
      do throws(FormatError) {
        value = .json(try JSON.parse(rest))
      } catch {
        throw UsageError("-p \(name): not JSON: \(error.message)", hint: "a text is given by NAME=VALUE")
      }
    }
  }

  /// Whether it takes stdin.
  var usesStdin: Bool { value == .textFile("-") || value == .jsonFile("-") }

  /// The value in the type that `template` expects of it; as it is where the template knows no such name.
  func read(for template: PromptTemplate, _ material: Material) async throws(Failure) -> JSON {
    let input = template.inputs.first { $0.name == name }
    switch value {
    case .json(let value): return value
    case .text(let text): return try PromptVariable.value(text, input, name)
    case .textFile(let place):
      let text = try await material.text(place)
      return try PromptVariable.value(input?.kind == .string || input == nil ? text : text.trimmedOfSpace, input, name)
    case .jsonFile(let place):
      let text = try await material.text(place)
      do throws(FormatError) { return try JSON.parse(text) } catch {
        throw Failure(error.text(file: place == "-" ? "stdin" : place), .usage)
      }
    }
  }

  private static func value(_ text: String, _ input: PromptInput?, _ name: String) throws(Failure) -> JSON {
    guard let input else { return .string(text) }
    guard let value = input.value(of: text) else {
      let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
      throw Failure("-p \(name): '\(shown)' is not \(input.kind.expectation) (\(input.summary))", .usage)
    }
    return value
  }
}
