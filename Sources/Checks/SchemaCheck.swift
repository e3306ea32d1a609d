// The value is valid under a JSON Schema.

import Formats

struct SchemaCheck: CheckKind {
  static let name = "schema"
  static let argument: StaticString = #"{"type": ["object", "boolean"]}"#

  private let schema: JSONSchema

  init(_ argument: JSON) throws(FormatError) { schema = try JSONSchema(argument) }

  func problem(in subject: CheckSubject) -> String? {
    let violations = schema.violations(in: subject.value)
    return violations.isEmpty ? nil : violations.map(\.text).joined(separator: "; ")
  }
}
