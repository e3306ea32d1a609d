// A template of our own language: Jinja's expressions with `if`, `for`, `set` and `raw`, strict about what is undefined,
// without calls and without escaping. It is compiled once and rendered once: what comes out is never a template again.
// The templates of other tools are translated into the same tree, and differ only in what undefined and null print as.

import Formats

/// A compiled template.
///
///     let template = try Template("Dear {{ name | default('reader') }},")
///     let text = try template.render(["name": "Ada"])
package struct Template: Sendable {
  let statements: [Statement]
  let source: [UInt8]
  let semantics: TemplateSemantics

  /// - Throws: what is wrong with the source, with its place; features of other template languages are refused by name.
  package init(_ source: String) throws(FormatError) { try self.init(Array(source.utf8)) }

  package init(_ source: [UInt8]) throws(FormatError) { try self.init(source, in: 0..<source.count) }

  /// A template that is a part of a larger file; positions refer to the file.
  ///
  /// - Parameter semantics: what undefined and null mean in it.
  package init(
    _ source: [UInt8], in range: Range<Int>, semantics: TemplateSemantics = .strict
  ) throws(FormatError) {
    do throws(TemplateFault) {
      self.init(try TemplateParser.statements(of: source[range]), source, semantics)
    } catch {
      throw error.formatError(in: source)
    }
  }

  init(_ statements: [Statement], _ source: [UInt8], _ semantics: TemplateSemantics) {
    self.statements = statements
    self.source = source
    self.semantics = semantics
  }

  /// The text of the template with the members of `context` as its names.
  ///
  /// - Throws: a name that is not defined, values that do not go together, or a bound that was reached, with the place
  ///   in the template.
  package func render(_ context: JSON, limits: TemplateLimits = TemplateLimits()) throws(FormatError) -> String {
    var renderer = TemplateRenderer(context: context, limits: limits, semantics: semantics)
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
    var renderer = TemplateRenderer(context: context, limits: limits, semantics: semantics)
    do throws(TemplateFault) {
      return try renderer.defined(renderer.evaluate(expression), at: offset).json
    } catch {
      throw error.formatError(in: source)
    }
  }
}

/// What the languages of templates differ in while they are rendered.
package enum TemplateSemantics: Sendable {
  /// Our own: what is undefined is an error.
  case strict
  /// Jinja's default: what is undefined is empty.
  case lenient
  /// Nunjucks': undefined and null are empty, and objects print as compact JSON.
  case nunjucks
  /// Handlebars': undefined and null are empty, lists print with commas, and every object is true.
  case handlebars
}

extension TemplateFault {
  func formatError(in source: [UInt8]) -> FormatError {
    FormatError(message, hint: hint, at: SourcePosition(of: offset, in: source))
  }
}
