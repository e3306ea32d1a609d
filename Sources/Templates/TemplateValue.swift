// Values of expressions: JSON's kinds, with whole numbers apart from fractions, and "undefined" for a name that means
// nothing, which is an error as soon as it is used. Containers that come from JSON are read where they stand.

import Formats

/// A value of an expression.
package enum TemplateValue: Sendable {
  /// What the name was; using it is an error.
  case undefined(String)
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([TemplateValue])
  case object([(key: String, value: TemplateValue)])
  /// An array or object as JSON has it.
  case json(JSON)

  package init(_ json: JSON) {
    switch json.kind {
    case .null: self = .null
    case .bool: self = .bool(json.bool == true)
    case .string: self = .string(json.string ?? "")
    case .array, .object: self = .json(json)
    case .number:
      let text = json.numberText ?? "0"
      self = Int(text).map(TemplateValue.integer) ?? .number(Double(text) ?? 0)
    }
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// Elements of a list; `nil` where this is none.
  package var elements: [TemplateValue]? {
    switch self {
    case .list(let elements): elements
    case .json(let json) where json.kind == .array: json.elements.map(TemplateValue.init)
    default: nil
    }
  }

  /// Members of an object in their order; `nil` where this is none.
  var members: [(key: String, value: TemplateValue)]? {
    switch self {
    case .object(let members): members
    case .json(let json) where json.kind == .object: json.members.map { ($0.key, TemplateValue($0.value)) }
    default: nil
    }
  }

  /// The member of an object; `nil` where there is none.
  func member(_ name: String) -> TemplateValue? {
    switch self {
    case .object(let members): members.last { $0.key == name }?.value
    case .json(let json): json[name].map(TemplateValue.init)
    default: nil
    }
  }

  /// As Jinja takes it in conditions: false are null, false, 0 and what is empty.
  package var isTrue: Bool {
    switch self {
    case .undefined, .null: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .number(let value): value != 0
    case .string(let text): !text.isEmpty
    case .list(let elements): !elements.isEmpty
    case .object(let members): !members.isEmpty
    case .json(let json): json.count > 0
    }
  }

  /// A number's value; booleans count as 0 and 1.
  var double: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// What an error calls it.
  package var kindName: String {
    switch self {
    case .undefined: "undefined"
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .list: "a list"
    case .object: "an object"
    case .json(let json): json.kind == .array ? "a list" : "an object"
    }
  }

  /// The value as JSON; undefined parts become null.
  package var json: JSON {
    switch self {
    case .undefined, .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .number(value)
    case .number(let value): .number(value)
    case .string(let text): .string(text)
    case .list(let elements): .array(elements.map(\.json))
    case .object(let members): .object(members.map { ($0.key, $0.value.json) })
    case .json(let json): json
    }
  }

  /// The value as it prints: text as it is, everything else in JSON's form.
  package var text: String {
    switch self {
    case .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): JSONNumber.text(value) ?? "null"
    case .undefined, .null: "null"
    case .list, .object, .json:
      JSONSpacing.text(self, indent: nil)
    }
  }

  /// Whether two values are equal: numbers by value, lists and objects by what is in them.
  static func areEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
    switch (left, right) {
    case (.null, .null): return true
    case (.string(let a), .string(let b)): return a.unicodeScalars.elementsEqual(b.unicodeScalars)
    case (.integer(let a), .integer(let b)): return a == b
    default: break
    }
    if let a = left.double, let b = right.double { return a == b }
    if let a = left.elements, let b = right.elements { return a.count == b.count && zip(a, b).allSatisfy(areEqual) }
    guard let a = left.members, let b = right.members, a.count == b.count else { return false }
    return a.allSatisfy { key, value in right.member(key).map { areEqual(value, $0) } ?? false }
  }

  /// Whether `left` sorts before `right`; `nil` where they cannot be compared.
  static func isLess(_ left: TemplateValue, _ right: TemplateValue) -> Bool? {
    if case .string(let a) = left, case .string(let b) = right {
      return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
    }
    if let a = left.double, let b = right.double { return a < b }
    guard let a = left.elements, let b = right.elements else { return nil }
    for (x, y) in zip(a, b) where !areEqual(x, y) { return isLess(x, y) }
    return a.count < b.count
  }
}

/// JSON text with a space behind commas and colons, or indented: how lists and objects print, and `tojson`.
enum JSONSpacing {
  static func text(_ value: TemplateValue, indent: Int?) -> String {
    var output = ""
    write(value, indent, 0, &output)
    return output
  }

  private static func write(_ value: TemplateValue, _ indent: Int?, _ depth: Int, _ output: inout String) {
    if case .string(let text) = value {
      output += JSON.string(text).text
    } else if let elements = value.elements {
      list("[", "]", elements.count, indent, depth, &output) { index, output in
        write(elements[index], indent, depth + 1, &output)
      }
    } else if let members = value.members {
      list("{", "}", members.count, indent, depth, &output) { index, output in
        output += JSON.string(members[index].key).text + ": "
        write(members[index].value, indent, depth + 1, &output)
      }
    } else {
      output += value.text
    }
  }

  private static func list(
    _ open: String, _ close: String, _ count: Int, _ indent: Int?, _ depth: Int, _ output: inout String,
    _ element: (Int, inout String) -> Void
  ) {
    output += open
    for index in 0..<count {
      if index > 0 { output += indent == nil ? ", " : "," }
      if let indent { output += "\n" + String(repeating: " ", count: indent * (depth + 1)) }
      element(index, &output)
    }
    if let indent, count > 0 { output += "\n" + String(repeating: " ", count: indent * depth) }
    output += close
  }
}
