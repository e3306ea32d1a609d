// The arithmetic of derived metrics: numbers, names of metrics, + - * / % ^, parentheses and a few functions. Names may
// have letters, digits, `_` and, in them, `-` only where they are written in backquotes.

import Formats

/// An expression over metrics.
package struct MetricExpression: Sendable {
  private indirect enum Node: Sendable {
    case number(Double)
    case name(String)
    case negated(Node)
    case binary(UInt8, Node, Node)
    case call(String, [Node])
  }

  private let root: Node
  package let text: String

  /// - Throws: what is wrong with it.
  package init(_ text: String) throws(AssertionProblem) {
    self.text = text
    var parser = Parser(bytes: Array(text.utf8))
    root = try parser.sum(depth: 0)
    parser.skipSpace()
    guard parser.at == parser.bytes.count else {
      throw AssertionProblem(message: "'\(text)' has something behind its end")
    }
  }

  /// The value; nil where a name has none or a division is by 0.
  package func value(_ names: (String) -> Double?) -> Double? {
    guard let value = MetricExpression.value(root, names), value.isFinite else { return nil }
    return value
  }

  private static func value(_ node: Node, _ names: (String) -> Double?) -> Double? {
    switch node {
    case .number(let number): return number
    case .name(let name): return names(name)
    case .negated(let inner): return value(inner, names).map { -$0 }
    case .binary(let sign, let left, let right):
      guard let a = value(left, names), let b = value(right, names) else { return nil }
      switch sign {
      case UInt8(ascii: "+"): return a + b
      case UInt8(ascii: "-"): return a - b
      case UInt8(ascii: "*"): return a * b
      case UInt8(ascii: "/"): return a / b
      case UInt8(ascii: "%"): return a.truncatingRemainder(dividingBy: b)
      default: return power(a, b)
      }
    case .call(let name, let arguments):
      let values = arguments.compactMap { value($0, names) }
      guard values.count == arguments.count, let first = values.first else { return nil }
      switch name {
      case "sqrt": return first.squareRoot()
      case "abs": return first.magnitude
      case "min": return values.min()
      case "max": return values.max()
      case "round": return first.rounded()
      case "log": return logarithm(first)
      case "exp": return exponential(first)
      case "pow": return values.count == 2 ? power(first, values[1]) : nil
      case "mean": return values.reduce(0, +) / Double(values.count)
      default: return values.reduce(0, +)
      }
    }
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double {
    if exponent == 2 { return base * base }
    if base == 0 { return exponent == 0 ? 1 : 0 }
    let size = exponential(exponent * logarithm(base.magnitude))
    guard base < 0 else { return size }
    guard exponent == exponent.rounded() else { return .nan }
    return exponent.truncatingRemainder(dividingBy: 2) == 0 ? size : -size
  }

  private struct Parser {
    let bytes: [UInt8]
    var at = 0

    mutating func skipSpace() { while at < bytes.count, bytes[at] <= 0x20 { at += 1 } }

    private mutating func take(_ signs: String) -> UInt8? {
      skipSpace()
      guard at < bytes.count, signs.utf8.contains(bytes[at]) else { return nil }
      at += 1
      return bytes[at - 1]
    }

    mutating func sum(depth: Int) throws(AssertionProblem) -> Node {
      guard depth < 64 else { throw AssertionProblem(message: "it is nested too deep") }
      var left = try product(depth)
      while let sign = take("+-") { left = .binary(sign, left, try product(depth)) }
      return left
    }

    private mutating func product(_ depth: Int) throws(AssertionProblem) -> Node {
      var left = try power(depth)
      while let sign = take("*/%") { left = .binary(sign, left, try power(depth)) }
      return left
    }

    private mutating func power(_ depth: Int) throws(AssertionProblem) -> Node {
      let left = try operand(depth)
      guard let sign = take("^") else { return left }
      guard depth < 64 else { throw AssertionProblem(message: "it is nested too deep") }
      return .binary(sign, left, try power(depth + 1))
    }

    private mutating func operand(_ depth: Int) throws(AssertionProblem) -> Node {
      if take("-") != nil {
        guard depth < 64 else { throw AssertionProblem(message: "it is nested too deep") }
        return .negated(try power(depth + 1))
      }
      if take("(") != nil {
        let inner = try sum(depth: depth + 1)
        guard take(")") != nil else { throw AssertionProblem(message: "a parenthesis is not closed") }
        return inner
      }
      if take("`") != nil {
        guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "`")) else {
          throw AssertionProblem(message: "a backquote is not closed")
        }
        defer { at = end + 1 }
        return .name(String(decoding: bytes[at..<end], as: UTF8.self))
      }
      skipSpace()
      let start = at
      while at < bytes.count, isWord(bytes[at]) { at += 1 }
      let word = String(decoding: bytes[start..<at], as: UTF8.self)
      guard !word.isEmpty else {
        throw AssertionProblem(message: "a number or a name is expected at character \(start + 1)")
      }
      if let number = Double(word) { return .number(number) }
      guard take("(") != nil else { return .name(word) }
      let known = ["sqrt", "abs", "min", "max", "round", "log", "exp", "pow", "mean", "sum"]
      guard known.contains(word) else {
        let near = EditDistance.suggestion(for: word, among: known)
        throw AssertionProblem(message: "unknown function '\(word)'", hint: near.map { "did you mean '\($0)'?" })
      }
      var arguments = [try sum(depth: depth + 1)]
      while take(",") != nil { arguments.append(try sum(depth: depth + 1)) }
      guard take(")") != nil else { throw AssertionProblem(message: "a parenthesis is not closed") }
      return .call(word, arguments)
    }

    private func isWord(_ byte: UInt8) -> Bool {
      byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
        || byte == 0x2E
    }
  }
}

extension DerivedMetric {
  /// Those that a suite names, as its results keep it; what is wrong with them was said when it was read.
  package static func list(_ config: JSON) -> [DerivedMetric] {
    (config["derivedMetrics"]?.elements.map { $0 } ?? []).compactMap { entry in
      guard let name = entry["name"]?.string, let text = entry["value"]?.string,
        let value = try? MetricExpression(text)
      else { return nil }
      return DerivedMetric(name: name, value: value)
    }
  }
}
