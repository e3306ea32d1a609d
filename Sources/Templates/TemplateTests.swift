// `is NAME`: the tests of Jinja that make sense for JSON's values.

import Formats

/// Arguments of a filter or test, evaluated.
struct TemplateArguments: Sendable {
  var positional: [TemplateValue] = []
  var named: [(String, TemplateValue)] = []

  /// The argument at a position or of a name.
  func value(_ position: Int, _ name: String) -> TemplateValue? {
    positional.indices.contains(position) ? positional[position] : named.last { $0.0 == name }?.1
  }
}

enum TemplateTests {
  typealias Test = @Sendable (TemplateValue, TemplateArguments) throws(TemplateFault) -> Bool

  static let names = Set(table.keys).union(["defined", "undefined", "filter", "test"])

  static func suggestion(_ name: String) -> String? {
    EditDistance.suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
      ?? names.sorted().joined(separator: ", ")
  }

  static func holds(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments, _ renderer: TemplateRenderer, at offset: Int
  ) throws(TemplateFault) -> Bool {
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "none" where value.isUndefined: return false
    case "filter": return TemplateFilters.names.contains(value.text)
    case "test": return names.contains(value.text)
    default: break
    }
    let value = try renderer.defined(value, at: offset)
    guard let test = table[name] else { throw TemplateFault(.syntax, "unknown test '\(name)'", at: offset) }
    do throws(TemplateFault) {
      return try test(value, arguments)
    } catch {
      throw TemplateFault(error.kind, error.message, hint: error.hint, at: offset)
    }
  }

  private static func comparison(_ operation: Expression.ComparisonOperator) -> Test {
    { value, arguments throws(TemplateFault) in
      guard let other = arguments.value(0, "other") else {
        throw TemplateFault(.runtime, "the test needs a value to compare with", at: 0)
      }
      return try TemplateArithmetic.compare(operation, value, other, at: 0)
    }
  }

  private static let table: [String: Test] = {
    var table: [String: Test] = [
      "none": { value, _ in if case .null = value { true } else { false } },
      "true": { value, _ in if case .bool(true) = value { true } else { false } },
      "false": { value, _ in if case .bool(false) = value { true } else { false } },
      "boolean": { value, _ in if case .bool = value { true } else { false } },
      "string": { value, _ in if case .string = value { true } else { false } },
      "number": { value, _ in
        switch value {
        case .integer, .number: true
        default: false
        }
      },
      "integer": { value, _ in if case .integer = value { true } else { false } },
      "float": { value, _ in if case .number = value { true } else { false } },
      "list": { value, _ in value.elements != nil },
      "sequence": { value, _ in
        if case .string = value { return true }
        return value.elements != nil || value.members != nil
      },
      "iterable": { value, _ in
        if case .string = value { return true }
        return value.elements != nil || value.members != nil
      },
      "mapping": { value, _ in value.members != nil },
      "object": { value, _ in value.members != nil },
      "even": { value, _ throws(TemplateFault) in try whole(value) % 2 == 0 },
      "odd": { value, _ throws(TemplateFault) in try whole(value) % 2 != 0 },
      "divisibleby": { value, arguments throws(TemplateFault) in
        guard let divisor = arguments.value(0, "num")?.integer, divisor != 0 else {
          throw TemplateFault(.runtime, "divisibleby needs a whole number that is not 0", at: 0)
        }
        return try whole(value).isMultiple(of: divisor)
      },
      "lower": { value, _ in value.text.contains { $0.isLetter } && value.text == value.text.lowercased() },
      "upper": { value, _ in value.text.contains { $0.isLetter } && value.text == value.text.uppercased() },
      "callable": { _, _ in false }, "escaped": { _, _ in false },
      "sameas": { value, arguments in arguments.value(0, "other").map { TemplateValue.areEqual(value, $0) } ?? false },
    ]
    for (operation, names) in [
      (Expression.ComparisonOperator.equal, ["eq", "equalto", "=="]), (.notEqual, ["ne", "!="]),
      (.less, ["lt", "lessthan", "<"]), (.lessOrEqual, ["le", "<="]), (.greater, ["gt", "greaterthan", ">"]),
      (.greaterOrEqual, ["ge", ">="]), (.in, ["in"]),
    ] {
      for name in names { table[name] = comparison(operation) }
    }
    return table
  }()

  private static func whole(_ value: TemplateValue) throws(TemplateFault) -> Int {
    guard let number = value.integer else {
      throw TemplateFault(.runtime, "\(value.kindName) is no whole number", at: 0)
    }
    return number
  }
}
