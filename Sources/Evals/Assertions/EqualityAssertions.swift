// The output is this, as a text or as data; and how far it is from a text.

import Formats

enum EqualityAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("equals") { arguments throws(AssertionProblem) in
      guard let value = arguments.value else { throw arguments.wrong("needs a 'value'") }
      return EqualsCheck(value: value)
    },
    AssertionKind("levenshtein") { arguments throws(AssertionProblem) in
      let text = try arguments.text()
      let limit = arguments.threshold ?? 5
      let wanted = Array(text.unicodeScalars)
      return TextCheck { output throws(CellFault) in
        let scalars = Array(output.unicodeScalars)
        guard scalars.count * wanted.count <= 400_000_000 else {
          throw CellFault("assertion", "the texts are too long for a distance", 2)
        }
        let distance = Levenshtein.distance(scalars, wanted)
        return Finding(Double(distance) <= limit, "the distance is \(distance), at most \(rounded(limit)) is allowed")
      }
    },
  ]
}

private struct EqualsCheck: AssertionCheck {
  let value: JSON

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    if let text = value.string ?? value.numberText ?? value.bool.map({ "\($0)" }) {
      let holds = Array(subject.text.utf8) == Array(text.utf8)
      return Finding(
        holds, holds ? "the output is \(quoted(text))" : "the output is \(quoted(subject.text)), not \(quoted(text))")
    }
    let found = subject.output.string.flatMap { try? JSON.parse($0) } ?? subject.output
    guard found.kind != .string else { return Finding(false, "the output is no JSON") }
    let holds = found == value
    return Finding(
      holds, holds ? "the output is that value" : "the output is \(quoted(found.text)), not \(quoted(value.text))")
  }
}

/// Levenshtein's distance: inserted, deleted and replaced scalars (V. I. Levenshtein, 1966), by rows of Wagner and Fischer.
enum Levenshtein {
  static func distance<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var row = Array(0...right.count)
    for i in 1...left.count {
      var diagonal = row[0]
      row[0] = i
      for j in 1...right.count {
        let next = min(row[j] + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1))
        diagonal = row[j]
        row[j] = next
      }
    }
    return row[right.count]
  }
}
