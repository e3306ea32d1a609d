// How long the output is.

import Formats

enum LengthAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("word-count", "max-words", "max-length", "min-length") { arguments throws(AssertionProblem) in
      let (low, high) = try range(arguments)
      let countsWords = arguments.kind.contains("word")
      return TextCheck { output in
        let count = countsWords ? output.split(whereSeparator: \.isWhitespace).count : output.count
        let holds = (low.map { Double(count) >= $0 } ?? true) && (high.map { Double(count) <= $0 } ?? true)
        return Finding(holds, "the output has \(count) \(countsWords ? "words" : "characters"), \(words(low, high))")
      }
    }
  ]

  private static func range(_ arguments: AssertionArguments) throws(AssertionProblem) -> (Double?, Double?) {
    switch arguments.kind {
    case "max-words", "max-length":
      guard let number = arguments.number() else { throw arguments.wrong("needs a number") }
      return (nil, number)
    case "min-length":
      guard let number = arguments.number() else { throw arguments.wrong("needs a number") }
      return (number, nil)
    default:
      if let number = arguments.number() { return (number, number) }
      let (low, high) = (arguments.value?["min"]?.double, arguments.value?["max"]?.double)
      guard low != nil || high != nil else { throw arguments.wrong("needs a number, or {min, max}") }
      if let low, let high, low > high { throw arguments.wrong("has a 'min' above its 'max'") }
      return (low, high)
    }
  }

  private static func words(_ low: Double?, _ high: Double?) -> String {
    switch (low, high) {
    case (let low?, let high?) where low == high: "\(rounded(low)) are wanted"
    case (let low?, let high?): "\(rounded(low)) to \(rounded(high)) are wanted"
    case (let low?, nil): "at least \(rounded(low)) are wanted"
    case (nil, let high?): "at most \(rounded(high)) are wanted"
    case (nil, nil): ""
    }
  }
}
