// The text matches a pattern somewhere (ECMA-262; `^…$` for the whole).

import Formats

struct RegexCheck: CheckKind {
  static let name = "regex"
  static let argument: StaticString = #"{"type": "string", "minLength": 1}"#

  private let pattern: String
  private let expression: RegularExpression

  init(_ argument: JSON) throws(FormatError) {
    guard let pattern = argument.string, !pattern.isEmpty else {
      throw FormatError("'regex' is to be a pattern", at: argument.position)
    }
    self.pattern = pattern
    do throws(RegularExpressionError) {
      expression = try RegularExpression(pattern)
    } catch {
      throw FormatError("the pattern is none: \(error)", at: argument.position)
    }
  }

  func problem(in subject: CheckSubject) -> String? {
    do throws(RegularExpressionError) {
      return try expression.isMatch(subject.text) ? nil : "must match the pattern \(pattern)"
    } catch {
      return "the pattern \(pattern) could not be decided: \(error)"
    }
  }
}
