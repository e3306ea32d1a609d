// A template of our own language: Jinja's expressions with `if`, `for`, `set` and `raw`, strict about what is undefined,
// without calls and without escaping. It is compiled once and rendered once: what comes out is never a template again.

import Formats

/// A compiled template.
///
///     let template = try Template("Dear {{ name | default('reader') }},")
///     let text = try template.render(["name": "Ada"])
package struct Template: Sendable {
  private let statements: [Statement]
  private let source: [UInt8]

  /// - Throws: what is wrong with the source, with its place; features of other template languages are refused by name.
  package init(_ source: String) throws(FormatError) { try self.init(Array(source.utf8)) }

  package init(_ source: [UInt8]) throws(FormatError) {
    self.source = source
    do throws(TemplateFault) {
      statements = try TemplateParser.statements(of: source)
    } catch {
      throw error.formatError(in: source)
    }
  }

  /// The text of the template with the members of `context` as its names.
  ///
  /// - Throws: a name that is not defined, values that do not go together, or a bound that was reached, with the place
  ///   in the template.
  package func render(_ context: JSON, limits: TemplateLimits = TemplateLimits()) throws(FormatError) -> String {
    var renderer = TemplateRenderer(context: context, limits: limits)
    do throws(TemplateFault) {
      try renderer.render(statements)
    } catch {
      throw error.formatError(in: source)
    }
    return renderer.output
  }

  /// The value of a template that is one `{{ expression }}` and nothing else; `nil` for any other.
  package func value(_ context: JSON, limits: TemplateLimits = TemplateLimits()) throws(FormatError) -> JSON? {
    guard statements.count == 1, case .output(let expression, let offset) = statements[0] else { return nil }
    var renderer = TemplateRenderer(context: context, limits: limits)
    do throws(TemplateFault) {
      return try renderer.defined(renderer.evaluate(expression), at: offset).json
    } catch {
      throw error.formatError(in: source)
    }
  }
}

extension TemplateFault {
  func formatError(in source: [UInt8]) -> FormatError {
    FormatError(message, hint: hint, at: SourcePosition(of: offset, in: source))
  }
}
