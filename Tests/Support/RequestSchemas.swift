// Checks request bodies against the official OpenAPI schemas in the conformance data, by a small JSON Schema checker
// of the tests' own: were it the program's engine, one error could hide in both. A keyword it does not know is a
// problem, never passed over.

import Foundation

/// The request bodies of OpenAI's API.
package enum RequestSchemas {
  package enum Operation: String, Sendable {
    case chat
    case responses
    case embeddings
    case batches
  }

  private static let checker = Task { try await load() }

  /// What is wrong with the body, a line each: `$.messages[0].role: …`; empty when it fits.
  ///
  /// The official schemas let unknown keys pass; here they are problems too, for a misspelt key is what a test is
  /// to find, unless `allowing` names them.
  package static func problems(
    in body: [UInt8], of operation: Operation, allowing names: Set<String> = []
  ) async throws -> [String] {
    let checker = try await checker.value
    let value = try JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
    return checker.problems(in: value, root: operation.rawValue, allowing: names)
  }

  private static func load() async throws -> SchemaChecker {
    let path = Conformance.root + "/openai/openai-requests.json.gz"
    let result = try await runProgram(["-dc", path], program: "gzip")
    guard result.exit == .code(0),
      let document = try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any]
    else { throw SupportError("cannot unpack \(path): \(result.errorText)") }
    return SchemaChecker(document)
  }
}

/// A document of schemas: `roots` by name and `$defs`, which never change.
package final class SchemaChecker: @unchecked Sendable {
  private let document: [String: Any]

  package init(_ document: [String: Any]) { self.document = document }

  /// What a schema says of one value.
  private struct Finding {
    var problems: [String] = []
    /// Keys of the value that some schema declares.
    var declared: Set<String> = []
    /// Whether any schema declares keys, or lets all of them pass.
    var declaresKeys = false
    var isOpen = false

    mutating func add(_ other: Finding) {
      problems += other.problems
      declared.formUnion(other.declared)
      declaresKeys = declaresKeys || other.declaresKeys
      isOpen = isOpen || other.isOpen
    }
  }

  private struct Place {
    var path = "$"
    var depth = 0
    /// The nearest schema around with `$recursiveAnchor`.
    var anchor: [String: Any]?
    var allowed: Set<String> = []

    func below(_ step: String) -> Place {
      var place = self
      place.path += step
      return place
    }
  }

  package func problems(in value: Any, root: String, allowing names: Set<String> = []) -> [String] {
    guard let schema = (document["roots"] as? [String: Any])?[root] else { return ["no schema '\(root)'"] }
    return check(value, schema, Place(allowed: names))
  }

  /// Everything that is wrong with a value and its parts, undeclared keys too.
  private func check(_ value: Any, _ schema: Any, _ place: Place) -> [String] {
    let finding = apply(schema, to: value, place)
    guard let object = value as? [String: Any], finding.declaresKeys, !finding.isOpen else { return finding.problems }
    let unknown = Set(object.keys).subtracting(finding.declared).subtracting(place.allowed).sorted()
    return finding.problems + unknown.map { "\(place.path): unknown key '\($0)'" }
  }

  private func apply(_ schema: Any, to value: Any, _ place: Place) -> Finding {
    guard let schema = schema as? [String: Any] else {
      let isTrue = (schema as? Bool) ?? true
      return Finding(problems: isTrue ? [] : ["\(place.path): not allowed"], isOpen: isTrue)
    }
    var place = place
    place.depth += 1
    if place.depth > 200 { return Finding(problems: ["\(place.path): schemas nested too deeply"]) }
    if schema["$recursiveAnchor"] != nil { place.anchor = schema }
    // An object of which nothing is said may hold anything.
    let saysKeys = ["properties", "additionalProperties", "allOf", "anyOf", "oneOf"].contains { schema[$0] != nil }
    var finding = Finding(isOpen: schema["type"] as? String == "object" && !saysKeys)
    for (keyword, argument) in schema.sorted(by: { $0.key < $1.key }) {
      finding.add(apply(keyword, argument, of: schema, to: value, place))
    }
    return finding
  }

  private func apply(_ keyword: String, _ argument: Any, of schema: [String: Any], to value: Any, _ place: Place)
    -> Finding
  {
    func fails(_ isWrong: Bool, _ words: @autoclosure () -> String) -> Finding {
      Finding(problems: isWrong ? ["\(place.path): \(words())"] : [])
    }
    let number = JSONKind(value) == .number ? (value as? NSNumber)?.doubleValue : nil
    let limit = (argument as? NSNumber)?.doubleValue ?? 0
    let length = (value as? String)?.unicodeScalars.count
    let items = value as? [Any]
    switch keyword {
    case "$ref": return resolve(argument).map { apply($0, to: value, place) } ?? fails(true, "bad $ref \(argument)")
    case "$recursiveRef": return place.anchor.map { apply($0, to: value, place) } ?? fails(true, "no recursive anchor")
    case "type":
      let names = argument as? [String] ?? [argument as? String ?? ""]
      let isNull = schema["nullable"] as? Bool == true && value is NSNull
      let fits = isNull || names.contains { JSONKind(value).fits($0, value) }
      return fails(!fits, "\(shown(value)) is not of type \(names.joined(separator: " or "))")
    case "enum":
      let values = argument as? [Any] ?? []
      return fails(
        !values.contains { jsonText($0) == jsonText(value) }, "\(shown(value)) is not one of \(shown(values))")
    case "const": return fails(jsonText(argument) != jsonText(value), "\(shown(value)) is not \(shown(argument))")
    case "minimum": return fails(number.map { $0 < limit } ?? false, "\(shown(value)) is below \(limit)")
    case "maximum": return fails(number.map { $0 > limit } ?? false, "\(shown(value)) is above \(limit)")
    case "exclusiveMinimum": return fails(number.map { $0 <= limit } ?? false, "\(shown(value)) is not above \(limit)")
    case "exclusiveMaximum": return fails(number.map { $0 >= limit } ?? false, "\(shown(value)) is not below \(limit)")
    case "minLength": return fails(length.map { $0 < Int(limit) } ?? false, "text shorter than \(limit)")
    case "maxLength": return fails(length.map { $0 > Int(limit) } ?? false, "text longer than \(limit)")
    case "minItems": return fails(items.map { $0.count < Int(limit) } ?? false, "fewer items than \(limit)")
    case "maxItems": return fails(items.map { $0.count > Int(limit) } ?? false, "more items than \(limit)")
    case "maxProperties":
      return fails((value as? [String: Any]).map { $0.count > Int(limit) } ?? false, "more keys than \(limit)")
    case "pattern":
      guard let text = value as? String, let pattern = argument as? String else { return Finding() }
      return fails(text.range(of: pattern, options: .regularExpression) == nil, "\(shown(text)) is not like \(pattern)")
    case "items":
      let problems = (items ?? []).enumerated().flatMap { check($1, argument, place.below("[\($0)]")) }
      return Finding(problems: problems)
    case "required":
      guard let object = value as? [String: Any] else { return Finding() }
      let missing = (argument as? [String] ?? []).filter { object[$0] == nil }
      return Finding(problems: missing.map { "\(place.path): required key '\($0)' is missing" })
    case "properties", "additionalProperties", "propertyNames":
      guard let object = value as? [String: Any] else { return Finding() }
      return applyToKeys(keyword, argument, of: schema, to: object, place)
    case "allOf", "anyOf", "oneOf":
      return combine(keyword, (argument as? [Any] ?? []).map { apply($0, to: value, place) }, place)
    case "$defs", "nullable", "format", "default", "title", "description", "$recursiveAnchor": return Finding()
    default: return keyword.hasPrefix("x-") ? Finding() : fails(true, "schema keyword '\(keyword)' is not supported")
    }
  }

  private func combine(_ keyword: String, _ branches: [Finding], _ place: Place) -> Finding {
    var finding = Finding()
    let fitting = keyword == "allOf" ? branches : branches.filter { $0.problems.isEmpty }
    if fitting.isEmpty {
      // A branch of another kind (wrong JSON type, wrong value of `type`) is further away than any with faults inside.
      func distance(_ problems: [String]) -> (Int, Int) {
        let isOtherKind = problems.contains {
          $0.hasPrefix("\(place.path): ") && $0.contains("is not of type") || $0.hasPrefix("\(place.path).type: ")
            || $0.hasPrefix("\(place.path).role: ")
        }
        return (isOtherKind ? 1 : 0, problems.count)
      }
      let nearest = branches.map(\.problems).min { distance($0) < distance($1) } ?? []
      finding.problems = [
        "\(place.path): fits no branch of \(keyword), the nearest says: \(nearest.joined(separator: "; "))"
      ]
    } else if keyword == "oneOf", fitting.count > 1 {
      finding.problems = ["\(place.path): fits \(fitting.count) branches of oneOf"]
    }
    for branch in fitting { finding.add(branch) }
    return finding
  }

  private func applyToKeys(
    _ keyword: String, _ argument: Any, of schema: [String: Any], to object: [String: Any], _ place: Place
  ) -> Finding {
    let properties = schema["properties"] as? [String: Any] ?? [:]
    var finding = Finding()
    for (key, value) in object.sorted(by: { $0.key < $1.key }) {
      switch keyword {
      case "properties":
        guard let schema = properties[key] else { continue }
        finding.declared.insert(key)
        finding.problems += check(value, schema, place.below(".\(key)"))
      case "additionalProperties":
        if properties[key] != nil { continue }
        finding.declared.insert(key)
        finding.problems += check(value, argument, place.below(".\(key)"))
      default: finding.problems += check(key, argument, place.below(".\(key) (its name)"))
      }
    }
    finding.declaresKeys = keyword == "properties"
    return finding
  }

  private func resolve(_ reference: Any) -> Any? {
    guard let text = reference as? String, text.hasPrefix("#/") else { return nil }
    return text.dropFirst(2).split(separator: "/").reduce(document as Any?) { value, step in
      let key = step.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
      return (value as? [String: Any])?[key]
    }
  }

  private func shown(_ value: Any) -> String { String(jsonText(value).prefix(120)) }
}

/// The type of a JSON value; Foundation keeps booleans as numbers of one byte.
private enum JSONKind {
  case null, boolean, number, string, array, object

  init(_ value: Any) {
    switch value {
    case is NSNull: self = .null
    case is String: self = .string
    case is [Any]: self = .array
    case is [String: Any]: self = .object
    default: self = ["c", "B"].contains((value as? NSNumber).map { String(cString: $0.objCType) }) ? .boolean : .number
    }
  }

  func fits(_ name: String, _ value: Any) -> Bool {
    switch name {
    case "null": self == .null
    case "boolean": self == .boolean
    case "number": self == .number
    case "integer": self == .number && (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } == true
    case "string": self == .string
    case "array": self == .array
    case "object": self == .object
    default: false
    }
  }
}
