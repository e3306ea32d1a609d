// A file of a suite before it means anything: YAML or JSON with positions, `$ref` followed, and `{{env.X}}` put in. Both
// change the tree and keep every place in the file.

import Formats
import Storage
import Templates

/// Reads the files of a suite.
package enum SuiteText {
  /// The longest file of a suite that is held whole, in bytes.
  static let limit = 256 << 20

  /// The tree of a YAML or JSON text.
  package static func tree(_ bytes: [UInt8], _ name: String) throws(FormatError) -> JSON {
    if name.hasSuffix(".json") { return try JSON.parse(bytes, .wire) }
    return try YAML.parse(bytes, YAML.Options(mergesKeys: true))
  }

  /// The tree with `$ref: '#/a/b'` replaced by what it names and texts that speak of `env.` rendered.
  ///
  /// - Parameters:
  ///   - environment: what `env.X` may be.
  ///   - usesEnvironment: called for each text that a variable is put into, before it is.
  package static func prepared(
    _ root: JSON, source: [UInt8], environment: [String: String],
    usesEnvironment: (String, SourcePosition) throws(SuiteProblem) -> Void, file: SuiteFile
  ) throws(SuiteProblem) -> JSON {
    var work = Preparation(root: root, environment: environment, file: file, builder: JSONBuilder(source: source))
    guard work.isNeeded(root) else { return root }
    try work.copy(root, depth: 0, usesEnvironment)
    return work.builder.finish()
  }
}

private struct Preparation {
  let root: JSON
  let environment: [String: String]
  let file: SuiteFile
  var builder: JSONBuilder
  private var references = 0

  init(root: JSON, environment: [String: String], file: SuiteFile, builder: JSONBuilder) {
    self.root = root
    self.environment = environment
    self.file = file
    self.builder = builder
  }

  func isNeeded(_ value: JSON) -> Bool {
    var open = [value]
    while let next = open.popLast() {
      if let text = next.string, Preparation.speaksOfEnvironment(text) { return true }
      if next["$ref"]?.string?.hasPrefix("#/") == true { return true }
      open += Array(next.elements)
      open += next.members.map(\.value)
    }
    return false
  }

  static func speaksOfEnvironment(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.contains(bytes: [0x7B, 0x7B])
      && (bytes.contains(bytes: Array("env.".utf8)) || bytes.contains(bytes: Array("env[".utf8)))
  }

  mutating func copy(
    _ value: JSON, depth: Int, _ usesEnvironment: (String, SourcePosition) throws(SuiteProblem) -> Void
  ) throws(SuiteProblem) {
    guard depth < 128, references < 100_000 else {
      throw file.problem("'$ref' leads round in a circle, or too deep", at: value, isError: true)
    }
    let place = value.sourceOffset
    switch value.kind {
    case .string:
      let text = value.string ?? ""
      guard Preparation.speaksOfEnvironment(text) else { return builder.string(text, at: place) }
      builder.string(try rendered(text, value, usesEnvironment), at: place)
    case .array:
      builder.beginArray(at: place)
      for element in value.elements { try copy(element, depth: depth + 1, usesEnvironment) }
      builder.endContainer()
    case .object:
      if let reference = value["$ref"]?.string, reference.hasPrefix("#/") {
        references += 1
        return try copy(try target(of: reference, value), depth: depth + 1, usesEnvironment)
      }
      builder.beginObject(at: place)
      for (key, member) in value.members {
        builder.key(key, at: member.ownKeyOffset)
        // A tool's parameters are JSON Schema, whose references are its own.
        if key == "parameters" || key == "schema" || key == "input_schema" || key == "inputSchema" {
          builder.value(member)
        } else {
          try copy(member, depth: depth + 1, usesEnvironment)
        }
      }
      builder.endContainer()
    case .null, .bool, .number: builder.value(value)
    }
  }

  private func target(of reference: String, _ place: JSON) throws(SuiteProblem) -> JSON {
    var value = root
    for part in reference.dropFirst(2).split(separator: "/") {
      let key = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
      guard let next = value[key] ?? Int(key).flatMap({ value[$0] }) else {
        throw file.problem("'\(reference)' names nothing in this file", at: place["$ref"], isError: true)
      }
      value = next
    }
    return value
  }

  /// Only what speaks of the environment is rendered: variables of tests have their turn later. What is not set is left
  /// as it stands, unless the expression has something to stand in for it.
  private func rendered(
    _ text: String, _ value: JSON, _ usesEnvironment: (String, SourcePosition) throws(SuiteProblem) -> Void
  ) throws(SuiteProblem) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
      result += rest[..<start.lowerBound]
      let tag = String(rest[start.lowerBound..<end.upperBound])
      rest = rest[end.upperBound...]
      guard tag.contains("env.") || tag.contains("env["),
        let template = try? Template(
          Array(tag.utf8), in: 0..<tag.utf8.count, semantics: .nunjucks)
      else {
        result += tag
        continue
      }
      let names = TemplateReferences(template).names.filter { $0.name == "env" }
      for name in names { try usesEnvironment("env." + name.path.joined(separator: "."), value.position) }
      let known = names.allSatisfy { $0.path.first.map { environment[$0] != nil } ?? true }
      let isBare =
        names.count == 1
        && tag.dropFirst(2).dropLast(2).split(separator: " ").joined()
          .hasPrefix("env")
        && !tag.contains("|") && !tag.contains(" or ")
      if !known, isBare {
        result += tag
        continue
      }
      let scope = EnvironmentScope(environment: environment)
      guard let text = try? template.render(in: scope) else {
        throw file.problem("'\(tag)' cannot be rendered", at: value, isError: true)
      }
      result += text
    }
    return result + rest
  }
}

/// `env.X`.
struct EnvironmentScope: TemplateScope {
  let environment: [String: String]

  func value(of name: String) -> TemplateValue? {
    guard name == "env" else { return nil }
    return .object(environment.map { ($0.key, .string($0.value)) })
  }

  var boundary: String { "untrusted" }
}
