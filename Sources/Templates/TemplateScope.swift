// Where the names of a template come from. A scope is asked name by name, so that whoever has many and large values need
// not put them into one object first.

import Formats

/// The names that a template may use.
package protocol TemplateScope: Sendable {
  /// The value of a name; `nil` and `.undefined` for what has none.
  func value(of name: String) -> TemplateValue?
  /// All of the names as one object, where there is one (`this` of Handlebars).
  var whole: TemplateValue { get }
  /// What the filter `untrusted` puts around a text: a word that the text cannot know.
  var boundary: String { get }
  /// What is done to untrusted text besides; nil: nothing.
  var mark: UntrustedMark? { get }
  /// Whether a member of what is undefined is undefined, not an error.
  var passesUndefined: Bool { get }
}

/// How untrusted text is written so that a model can tell it from what it is told ("spotlighting", Hines et al. 2024,
/// arXiv 2403.14720). It lessens the danger and is no boundary.
package enum UntrustedMark: String, Sendable, CaseIterable {
  /// A rare character stands in the place of each space between words.
  case datamark
  /// The text is written in base64.
  case base64

  /// U+E000 of the private use area: no text has it by chance.
  static let sign: Unicode.Scalar = "\u{E000}"

  /// A sentence for the model.
  package var explanation: String {
    switch self {
    case .datamark: "In it, the sign \(Self.sign) stands between words in the place of spaces."
    case .base64: "It is written in base64: decode it to read it."
    }
  }

  func marked(_ text: String) -> String {
    switch self {
    case .base64: return Base64.text(Array(text.utf8))
    case .datamark:
      var view = String.UnicodeScalarView()
      for scalar in text.unicodeScalars where scalar != Self.sign {
        view.append(scalar == " " || scalar == "\t" ? Self.sign : scalar)
      }
      return String(view)
    }
  }
}

/// The members of an object as names.
package struct JSONScope: TemplateScope {
  private let context: JSON

  package init(_ context: JSON) { self.context = context }

  package func value(of name: String) -> TemplateValue? { context[name].map(TemplateValue.init) }
  package var whole: TemplateValue { TemplateValue(context) }
  package var boundary: String { "untrusted" }
}

extension TemplateScope {
  package var mark: UntrustedMark? { nil }
  package var passesUndefined: Bool { false }
  package var whole: TemplateValue { .undefined("this") }
}

extension Template {
  /// The text of the template with the names of a scope.
  ///
  /// - Throws: as `render` with a context.
  package func render(
    in scope: some TemplateScope, limits: TemplateLimits = TemplateLimits()
  ) throws(FormatError) -> String {
    var renderer = TemplateRenderer(scope: scope, limits: limits, semantics: semantics)
    do throws(TemplateFault) {
      try renderer.render(statements)
    } catch {
      throw error.formatError(in: source)
    }
    return renderer.output
  }

  /// The value of a template that is one `{{ expression }}` and nothing else, else its text.
  package func value(
    in scope: some TemplateScope, limits: TemplateLimits = TemplateLimits()
  ) throws(FormatError) -> TemplateValue {
    if let constantText { return .string(constantText) }
    guard statements.count == 1, case .output(let expression, let offset) = statements[0] else {
      return .string(try render(in: scope, limits: limits))
    }
    var renderer = TemplateRenderer(scope: scope, limits: limits, semantics: semantics)
    do throws(TemplateFault) {
      return try renderer.defined(renderer.evaluate(expression), at: offset)
    } catch {
      throw error.formatError(in: source)
    }
  }

  /// The text of a template without any tag; `nil` for any other.
  package var constantText: String? {
    var text = ""
    for statement in statements {
      guard case .text(let piece) = statement else { return nil }
      text += piece
    }
    return text
  }

  /// Whether it is one `{{ expression }}` and nothing else, so that its value keeps its type.
  package var isExpression: Bool {
    guard statements.count == 1, case .output = statements[0] else { return false }
    return true
  }
}
