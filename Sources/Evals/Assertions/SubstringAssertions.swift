// Texts that are in the output: contains, icontains, their -all and -any forms, starts-with, ends-with and regex.

import Formats

enum SubstringAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("contains", "icontains") { arguments throws(AssertionProblem) in
      let text = try arguments.text()
      guard !text.isEmpty else { throw arguments.wrong("needs a 'value' that is not empty") }
      let needle = Needle(text, ignoresCase: arguments.kind.hasPrefix("i"))
      let shown = quoted(text)
      return TextCheck { output in
        let found = needle.isIn(Haystack(output))
        return Finding(found, "the output \(found ? "contains" : "does not contain") \(shown)")
      }
    },
    AssertionKind("contains-all", "icontains-all", "contains-any", "icontains-any") {
      arguments throws(AssertionProblem) in
      let texts = try list(arguments)
      let isAll = arguments.kind.hasSuffix("-all")
      let needles = texts.map { Needle($0, ignoresCase: arguments.kind.hasPrefix("i")) }
      return TextCheck { output in
        let haystack = Haystack(output)
        let missing = zip(texts, needles).filter { !$0.1.isIn(haystack) }.map(\.0)
        let words = missing.map { quoted($0) }.joined(separator: ", ")
        if isAll {
          return Finding(missing.isEmpty, missing.isEmpty ? "the output contains all" : "the output lacks \(words)")
        }
        let found = missing.count < texts.count
        return Finding(found, found ? "the output contains one of them" : "the output contains none of \(words)")
      }
    },
    AssertionKind("starts-with", "ends-with", "istarts-with", "iends-with") { arguments throws(AssertionProblem) in
      let text = try arguments.text()
      let isStart = arguments.kind.hasSuffix("starts-with")
      let ignoresCase = arguments.kind.hasPrefix("i")
      let bytes = Array((ignoresCase ? text.lowercased() : text).utf8)
      return TextCheck { output in
        let whole = Array((ignoresCase ? output.lowercased() : output).utf8)
        let holds = isStart ? whole.starts(with: bytes) : whole.suffix(bytes.count).elementsEqual(bytes)
        let verb = isStart ? "start" : "end"
        return Finding(holds, "the output \(holds ? "\(verb)s" : "does not \(verb)") with \(quoted(text))")
      }
    },
    AssertionKind("regex") { arguments throws(AssertionProblem) in
      let pattern = try arguments.text()
      let expression: RegularExpression
      do throws(RegularExpressionError) { expression = try RegularExpression(pattern) } catch {
        throw arguments.wrong("has a pattern that is none: \(error)")
      }
      return TextCheck { output throws(CellFault) in
        do throws(RegularExpressionError) {
          let holds = try expression.isMatch(output)
          return Finding(holds, "the output \(holds ? "matches" : "does not match") \(quoted(pattern))")
        } catch {
          throw CellFault("assertion", "the pattern \(pattern) could not be decided: \(error)", 2)
        }
      }
    },
  ]

  /// A list, or a text of parts between commas; a part in quotes keeps its commas.
  static func list(_ arguments: AssertionArguments) throws(AssertionProblem) -> [String] {
    var texts: [String] = []
    if let text = arguments.value?.string {
      texts = parts(of: text)
    } else if let value = arguments.value, value.kind == .array {
      for element in value.elements {
        guard let text = element.string ?? element.numberText else { throw arguments.wrong("needs a list of texts") }
        texts.append(text)
      }
    } else if let number = arguments.value?.numberText {
      texts = [number]
    }
    texts.removeAll(where: \.isEmpty)
    guard !texts.isEmpty else { throw arguments.wrong("needs a list of texts, or texts between commas") }
    return texts
  }

  static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    var isFirst = true
    for character in text {
      if character == "\"", isQuoted || isFirst {
        isQuoted.toggle()
        isFirst = false
      } else if character == ",", !isQuoted {
        parts.append(part.trimmedOfSpace)
        (part, isFirst) = ("", true)
      } else {
        if character != " " { isFirst = false }
        part.append(character)
      }
    }
    parts.append(part.trimmedOfSpace)
    return parts
  }
}

/// An output that is searched, lowered when that is asked for.
final class Haystack {
  private let text: String
  private lazy var bytes = Array(text.utf8)
  private lazy var lowered = Array(text.lowercased().utf8)

  init(_ text: String) { self.text = text }

  func contains(_ needle: Needle) -> Bool { (needle.ignoresCase ? lowered : bytes).contains(bytes: needle.bytes) }
}

struct Needle: Sendable {
  let bytes: [UInt8]
  let ignoresCase: Bool

  init(_ text: String, ignoresCase: Bool) {
    bytes = Array((ignoresCase ? text.lowercased() : text).utf8)
    self.ignoresCase = ignoresCase
  }

  func isIn(_ haystack: Haystack) -> Bool { haystack.contains(self) }
}

/// A text as reasons show it: one line, cut.
func quoted(_ text: String, limit: Int = 80) -> String {
  // Most are short and have single spaces.
  let isPlain =
    text.utf8.count <= limit && text.utf8.first != 0x20 && text.utf8.last != 0x20
    && zip(text.utf8, text.utf8.dropFirst()).allSatisfy { $0 > 0x1F && $0 < 0x7F && ($0 != 0x20 || $1 != 0x20) }
    && text.utf8.last.map { $0 > 0x1F && $0 < 0x7F } ?? true
  if isPlain { return "'\(text)'" }
  let line = text.prefix(4 * limit).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  return "'" + (line.count > limit ? line.prefix(limit) + "…" : line) + "'"
}
