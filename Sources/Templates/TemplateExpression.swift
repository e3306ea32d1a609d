// An expression that stands alone, without braces: conditions and lists of files of ours.

import Formats

/// A compiled expression.
///
///     let expression = try TemplateExpression("hits | length > 0")
///     try expression.value(in: scope).isTrue
package struct TemplateExpression: Sendable {
  let expression: Expression
  private let source: [UInt8]

  /// - Throws: what is wrong with the source, with its place.
  package init(_ text: String) throws(FormatError) {
    let source = Array(text.utf8)[...]
    self.source = Array(source)
    do throws(TemplateFault) {
      var tokens: [Token] = []
      var at = 0
      while true {
        while at < source.count, source[at].isSpace { at += 1 }
        guard at < source.count else { break }
        if source[at...].starts(with: "{{".utf8) || source[at...].starts(with: "{%".utf8) {
          throw TemplateFault(.syntax, "an expression takes no braces", hint: "write what is within them", at: at)
        }
        tokens.append(try TokenReader.next(source, &at))
      }
      tokens.append(Token(kind: .end, offset: source.count))
      var parser = ExpressionParser(tokens)
      expression = try parser.parse()
      try parser.expectEnd()
    } catch {
      throw error.formatError(in: Array(source))
    }
  }

  /// - Throws: a name that is not defined, values that do not go together, or a bound that was reached.
  package func value(
    in scope: some TemplateScope, limits: TemplateLimits = TemplateLimits()
  ) throws(FormatError) -> TemplateValue {
    var renderer = TemplateRenderer(scope: scope, limits: limits)
    do throws(TemplateFault) {
      return try renderer.defined(renderer.evaluate(expression), at: expression.offset)
    } catch {
      throw error.formatError(in: source)
    }
  }
}
