// Templates and expressions of a chain, compiled with their places in the file, and values that have templates in them.

import Formats
import Templates

/// A template with its place.
package struct ChainTemplate: Sendable {
  package let template: Template
  package let text: String
  let place: ScalarPlace
  /// Names of steps and the like that it uses.
  package let uses: [NameUse]
  /// Whether it marks text as untrusted, so that the model is told what the marks are.
  package let marksUntrusted: Bool

  /// The text of one without any tag.
  package var constant: String? { template.constantText }
  package var offset: Int { place.offset }
}

/// An expression with its place.
package struct ChainExpression: Sendable {
  package let expression: TemplateExpression
  package let text: String
  let place: ScalarPlace
  package let uses: [NameUse]
  package var offset: Int { place.offset }
}

/// A value whose texts may be templates.
package indirect enum ChainValue: Sendable {
  case constant(JSON)
  case template(ChainTemplate)
  case list([ChainValue], Int)
  case object([(key: String, value: ChainValue)], Int)

  package var constantValue: JSON? { if case .constant(let json) = self { json } else { nil } }

  package var offset: Int {
    switch self {
    case .constant(let json): json.sourceOffset
    case .template(let template): template.offset
    case .list(_, let offset), .object(_, let offset): offset
    }
  }

  package var uses: [NameUse] {
    switch self {
    case .constant: []
    case .template(let template): template.uses
    case .list(let items, _): items.flatMap(\.uses)
    case .object(let members, _): members.flatMap(\.value.uses)
    }
  }
}
