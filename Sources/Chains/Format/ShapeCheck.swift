// A value held against its shape: unknown keys, missing keys, wrong kinds, each with its place.

import Formats

struct ShapeCheck {
  private(set) var problems: [ChainProblem] = []

  /// - Parameter name: what the value is called: `'retry'`, `the step`.
  mutating func check(_ value: JSON, _ shape: Shape, _ name: String) {
    switch shape {
    case .any, .constant, .described: break
    case .text, .name: if value.string == nil { expected(shape, value, name) }
    case .template:
      // A text that YAML reads as a number or boolean is what it was written as.
      if value.kind == .array || value.kind == .object || value.isNull { expected(shape, value, name) }
    case .expression: if value.string == nil, value.bool == nil { expected(shape, value, name) }
    case .integer(let range):
      guard let number = value.int, range.contains(number) else { return expected(shape, value, name) }
    case .number(let range):
      guard let number = value.double, range.contains(number) else { return expected(shape, value, name) }
    case .boolean: if value.bool == nil { expected(shape, value, name) }
    case .duration:
      guard let text = value.string ?? value.numberText, ChainDuration.seconds(text) != nil else {
        return expected(shape, value, name)
      }
    case .choice(let names):
      guard let text = value.string else { return expected(shape, value, name) }
      guard !names.contains(text) else { return }
      let near = EditDistance.suggestion(for: text, among: names).map { "did you mean '\($0)'?" }
      add(
        "\(name) cannot be '\(text)'", hint: near ?? "one of \(names.joined(separator: ", "))", at: value.sourceOffset)
    case .exactly(let number): if value.int != number { expected(shape, value, name) }
    case .list(let element, let least):
      guard value.kind == .array else { return expected(shape, value, name) }
      if value.count < least { add("\(name) is empty", at: value.sourceOffset) }
      for item in value.elements { check(item, element, "an element of \(name)") }
    case .map(let element):
      guard value.kind == .object else { return expected(shape, value, name) }
      for (key, member) in value.members { check(member, element, "'\(key)'") }
    case .object(let fields): checkObject(value, fields, name)
    case .templated(let inner): if !isTemplate(value) { check(value, inner, name) }
    case .either(let shapes):
      guard let shape = shapes.first(where: { Self.kindFits(value, $0) }) else { return expected(shape, value, name) }
      check(value, shape, name)
    case .steps: if value.kind != .array || value.count == 0 { expected(shape, value, name) }
    }
  }

  private mutating func checkObject(_ value: JSON, _ fields: [Shape.Field], _ name: String) {
    guard value.kind == .object else { return expected(.object(fields), value, name) }
    var present: Set<String> = []
    for (key, member) in value.members {
      guard let field = fields.first(where: { $0.name == key }) else {
        unknown(key, at: member.ownKeyOffset, among: fields.map(\.name), in: name)
        continue
      }
      present.insert(key)
      check(member, field.shape, "'\(key)'")
    }
    for field in fields where field.isRequired && !present.contains(field.name) {
      add("\(name) needs '\(field.name)'", at: value.sourceOffset)
    }
  }

  mutating func unknown(_ key: String, at offset: Int, among known: [String], in name: String) {
    let near = EditDistance.suggestion(for: key, among: known).map { "did you mean '\($0)'?" }
    add(
      "unknown key '\(key)'",
      hint: near ?? (known.count <= 12 ? "\(name) has \(known.joined(separator: ", "))" : nil), at: offset)
  }

  private mutating func expected(_ shape: Shape, _ value: JSON, _ name: String) {
    add("\(name) is to be \(shape.words)", at: value.sourceOffset)
  }

  private mutating func add(_ message: String, hint: String? = nil, at offset: Int) {
    problems.append(ChainProblem(message, hint: hint, at: offset))
  }

  private func isTemplate(_ value: JSON) -> Bool { value.string.map(Shape.hasTemplate) ?? false }

  /// Whether a value's kind is the one that a shape is about.
  private static func kindFits(_ value: JSON, _ shape: Shape) -> Bool {
    switch shape {
    case .text, .name, .choice, .expression: value.string != nil
    case .template: value.string != nil || value.kind == .number || value.kind == .bool
    case .integer, .number, .exactly: value.kind == .number
    case .boolean: value.kind == .bool
    case .duration: value.string != nil || value.kind == .number
    case .list, .steps: value.kind == .array
    case .map, .object: value.kind == .object
    case .any, .constant, .described: true
    case .templated(let inner): value.string.map(Shape.hasTemplate) ?? false || kindFits(value, inner)
    case .either(let shapes): shapes.contains { kindFits(value, $0) }
    }
  }
}

extension Shape {
  /// Whether a text has a tag of the template language.
  static func hasTemplate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.contains(bytes: Array("{{".utf8)) || bytes.contains(bytes: Array("{%".utf8))
  }
}

/// Times as chain files write them.
package enum ChainDuration {
  /// Seconds of `500ms`, `60s`, `5m`, `2h` or a number of seconds; `nil` for anything else.
  package static func seconds(_ text: String) -> Double? {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    let unit = units.first { text.hasSuffix($0.0) }
    let number = unit.map { String(text.dropLast($0.0.count)) } ?? text
    guard let first = number.utf8.first, (0x30...0x39).contains(first), let value = Double(number), value > 0,
      value < 1e8
    else { return nil }
    return value * (unit?.1 ?? 1)
  }
}
