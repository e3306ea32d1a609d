// The output is JSON, has JSON in it, or has a value at a path; with a JSON Schema where one is given.

import Formats
import Prompts

enum JSONAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("is-json", "contains-json") { arguments throws(AssertionProblem) in
      let schema = try schema(arguments)
      return JSONCheck(schema: schema, isWhole: arguments.kind == "is-json")
    },
    AssertionKind("json-path") { arguments throws(AssertionProblem) in
      guard let value = arguments.value, value.kind == .object, let path = value["path"]?.string else {
        throw arguments.wrong("needs a 'value' with a 'path' (a.b[0].c) and what is to be there: 'equals' or 'exists'")
      }
      return PathCheck(path: try steps(path, arguments), shown: path, expected: value["equals"])
    },
  ]

  private static func schema(_ arguments: AssertionArguments) throws(AssertionProblem) -> JSONSchema? {
    guard var value = arguments.value, !value.isNull else { return nil }
    if let text = value.string {
      guard let tree = try? YAML.parse(text) else {
        throw arguments.wrong("has a schema that is neither YAML nor JSON")
      }
      value = tree
    }
    do throws(FormatError) { return try JSONSchema(value) } catch {
      throw arguments.wrong("has a schema that is none: \(error.message)", hint: error.hint)
    }
  }

  /// `$.a.b[0]["c d"]`
  private static func steps(_ path: String, _ arguments: AssertionArguments) throws(AssertionProblem) -> [PathCheck
    .Step]
  {
    var steps: [PathCheck.Step] = []
    var rest = path[...]
    if rest.first == "$" { rest.removeFirst() }
    while let first = rest.first {
      if first == "[" {
        guard let end = rest.firstIndex(of: "]") else {
          throw arguments.wrong("has a path with a '[' that is not closed")
        }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        if let number = Int(inside) {
          steps.append(.index(number))
        } else {
          steps.append(.key(String(inside.drop { $0 == "\"" || $0 == "'" }.prefix { $0 != "\"" && $0 != "'" })))
        }
        rest = rest[rest.index(after: end)...]
      } else {
        if first == "." { rest.removeFirst() }
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { throw arguments.wrong("has a path with an empty name") }
        steps.append(.key(String(name)))
        rest = rest.dropFirst(name.count)
      }
    }
    return steps
  }
}

struct JSONCheck: AssertionCheck {
  let schema: JSONSchema?
  /// The whole output is JSON, else some of it.
  let isWhole: Bool

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    if isWhole {
      let value: JSON
      if let text = subject.output.string {
        do throws(FormatError) { value = try JSON.parse(text) } catch {
          return Finding(
            false,
            "the output is no JSON: line \(error.position.line), column \(error.position.column): \(error.message)")
        }
      } else {
        value = subject.output
      }
      return judged(value)
    }
    var last: Finding?
    for value in JSONCheck.values(in: subject.text) {
      let verdict = judged(value)
      if verdict.pass { return verdict }
      last = last ?? verdict
    }
    return last ?? Finding(false, "the output has no JSON object or list in it")
  }

  private func judged(_ value: JSON) -> Finding {
    guard let schema else { return Finding(true, "the output is JSON") }
    let violations = schema.violations(in: value)
    guard !violations.isEmpty else { return Finding(true, "the output is valid under the schema") }
    return Finding(false, violations.prefix(5).map(\.text).joined(separator: "; "))
  }

  /// Every object and list that begins in a text, as JSON or as YAML's flow form; the outermost ones.
  static func values(in text: String) -> [JSON] {
    let bytes = Array(text.utf8)
    var found: [JSON] = []
    var at = 0
    var tries = 0
    while at < bytes.count, tries < 1000 {
      guard bytes[at] == 0x7B || bytes[at] == 0x5B else {
        at += 1
        continue
      }
      tries += 1
      guard let end = AnswerJSON.end(of: at, in: bytes) else {
        at += 1
        continue
      }
      let piece = Array(bytes[at..<end])
      if let value = (try? JSON.parse(piece)) ?? (bytes[at] == 0x7B ? try? YAML.parse(piece) : nil),
        value.kind == .object || value.kind == .array
      {
        found.append(value)
        at = end
      } else {
        at += 1
      }
    }
    return found
  }
}

struct PathCheck: AssertionCheck {
  enum Step: Sendable { case key(String), index(Int) }

  let path: [Step]
  let shown: String
  let expected: JSON?

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    var value = subject.output
    if let text = subject.output.string {
      guard let parsed = (try? JSON.parse(text)) ?? JSONCheck.values(in: text).first else {
        return Finding(false, "the output is no JSON")
      }
      value = parsed
    }
    for step in path {
      let next: JSON? =
        switch step {
        case .key(let key): value[key]
        case .index(let index): value[index < 0 ? value.count + index : index]
        }
      guard let next else { return Finding(false, "there is nothing at \(shown)") }
      value = next
    }
    guard let expected else { return Finding(true, "there is \(quoted(value.text)) at \(shown)") }
    let holds = value == expected
    return Finding(holds, "\(quoted(value.text)) is at \(shown)" + (holds ? "" : ", not \(quoted(expected.text))"))
  }
}
