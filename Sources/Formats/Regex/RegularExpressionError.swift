// What can go wrong with a regular expression: the pattern (where, and why) or the search (too many steps).
// "Not a pattern" and "a pattern of another dialect" are told apart, since only the second has a way to rewrite it.

/// An error of compiling or running a ``RegularExpression``.
package enum RegularExpressionError: Error, Equatable, Sendable {
  /// The pattern breaks the grammar; `offset` is a UTF-8 byte offset in the pattern.
  case syntax(offset: Int, message: String)
  /// The pattern uses something of another dialect, or is too large; `offset` is a UTF-8 byte offset in the pattern.
  case unsupported(offset: Int, message: String)
  /// The search took more steps than the bound it was given (``RegularExpression/stepLimit``).
  case stepLimit(Int)
}

extension RegularExpressionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax(let offset, let message), .unsupported(let offset, let message):
      return "pattern offset \(offset): \(message)"
    case .stepLimit(let limit):
      return "pattern: the search took more than \(limit) steps (simplify nested repetitions)"
    }
  }
}
