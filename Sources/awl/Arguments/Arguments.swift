// From argv to typed values. Pure: it knows the flags of one command and nothing of what they do. A flag given twice
// that does not repeat is an error, since one of the two would be ignored without a word.

import Formats

/// A command's arguments as they were typed, checked against its flags.
struct Arguments: Sendable {
  /// What is no flag, in order.
  private(set) var words: [String] = []
  private var values: [String: [String]] = [:]
  /// How each flag was typed, where not by its name.
  private var shortNames: [String: Character] = [:]

  init(_ typed: [String], flags: [Flag], command: String) throws(UsageError) {
    var index = 0
    while index < typed.count {
      let argument = typed[index]
      index += 1
      if argument == "--" {
        words.append(contentsOf: typed[index...])
        break
      }
      if argument.hasPrefix("--") {
        try parseLong(argument, typed, &index, flags, command)
      } else if Arguments.looksLikeFlag(argument) {
        try parseShort(argument, typed, &index, flags, command)
      } else {
        words.append(argument)
      }
    }
  }

  /// Whether a switch was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  func string(_ name: String) -> String? { values[name]?.last }

  /// A flag as it was typed.
  private func typed(_ name: String) -> String { shortNames[name].map { "-\($0)" } ?? "--\(name)" }

  /// All values of a flag that repeats, in order.
  func strings(_ name: String) -> [String] { values[name] ?? [] }

  func int(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(UsageError) -> Int? {
    guard let text = string(name) else { return nil }
    guard let value = Int(text) else { throw UsageError("\(typed(name)): '\(text)' is not a whole number") }
    guard range.contains(value) else {
      let bounds =
        range.upperBound == Int.max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw UsageError("\(typed(name)): \(value) is out of range", hint: bounds)
    }
    return value
  }

  func double(_ name: String, in range: ClosedRange<Double> = -.infinity ... .infinity) throws(UsageError) -> Double? {
    guard let text = string(name) else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw UsageError("\(typed(name)): '\(text)' is not a number")
    }
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .infinity ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw UsageError("\(typed(name)): \(text) is out of range", hint: bounds)
    }
    return value
  }

  /// Seconds, written as in a configuration file: `30`, `1.5s`, `500ms`, `10m` or `2h`.
  func seconds(_ name: String) throws(UsageError) -> Double? {
    guard let text = string(name) else { return nil }
    guard let value = ConfigUnits.seconds(.string(text)) else {
      throw UsageError("\(typed(name)): '\(text)' is not a duration", hint: "such as 30, 1.5s, 500ms, 10m")
    }
    return value
  }

  /// A dash alone is stdin, and `-5` or `-.5` a number.
  private static func looksLikeFlag(_ text: String) -> Bool {
    guard text.hasPrefix("-"), let second = text.dropFirst().first else { return false }
    return Double(text) == nil || !(second.isNumber || second == ".")
  }

  private mutating func parseLong(
    _ argument: String, _ typed: [String], _ index: inout Int, _ flags: [Flag], _ command: String
  ) throws(UsageError) {
    let body = argument.dropFirst(2)
    let mark = body.firstIndex(of: "=")
    let name = String(mark.map { body[..<$0] } ?? body)
    let attached = mark.map { String(body[body.index(after: $0)...]) }
    guard let flag = flags.first(where: { $0.name == name }) else {
      throw .unknown("flag", "--\(name)", among: flags.map { "--\($0.name)" }, hint: "see awl \(command) --help")
    }
    if !flag.choices.isEmpty {
      try set(flag, try choice(flag, attached))
    } else if flag.value == nil {
      guard attached == nil else { throw UsageError("--\(name) takes no value") }
      try set(flag, "")
    } else {
      if let attached {
        try set(flag, attached)
      } else {
        try set(flag, next(typed, &index, after: "--\(name)", flag))
      }
      try takeMany(flag, typed, &index)
    }
  }

  private mutating func takeMany(_ flag: Flag, _ typed: [String], _ index: inout Int) throws(UsageError) {
    while flag.takesMany, index < typed.count, typed[index] != "--", !Arguments.looksLikeFlag(typed[index]) {
      try set(flag, typed[index])
      index += 1
    }
  }

  /// The word that chooses is attached: one that stands behind is a word of the prompt. Without one the first choice.
  private func choice(_ flag: Flag, _ attached: String?) throws(UsageError) -> String {
    guard let attached else { return flag.choices[0] }
    guard flag.choices.contains(attached) else {
      throw UsageError("--\(flag.name): '\(attached)' is none of \(flag.choices.joined(separator: ", "))")
    }
    return attached
  }

  private mutating func parseShort(
    _ argument: String, _ typed: [String], _ index: inout Int, _ flags: [Flag], _ command: String
  ) throws(UsageError) {
    var rest = argument.dropFirst()
    while let letter = rest.popFirst() {
      guard let flag = flags.first(where: { $0.short == letter }) else {
        throw UsageError("unknown flag '-\(letter)'", hint: "see awl \(command) --help")
      }
      shortNames[flag.name] = letter
      guard flag.value != nil else {
        try set(flag, flag.choices.first ?? "")
        continue
      }
      if rest.isEmpty {
        try set(flag, next(typed, &index, after: "-\(letter)", flag))
      } else {
        try set(flag, String(rest.first == "=" ? rest.dropFirst() : rest))
      }
      try takeMany(flag, typed, &index)
      return
    }
  }

  private func next(
    _ typed: [String], _ index: inout Int, after name: String, _ flag: Flag
  ) throws(UsageError) -> String {
    guard index < typed.count else {
      throw UsageError("\(name) needs a value", hint: "\(name) \(flag.value ?? "VALUE")")
    }
    let value = typed[index]
    if Arguments.looksLikeFlag(value) {
      throw UsageError("\(name) needs a value, and '\(value)' looks like a flag", hint: "write --\(flag.name)=\(value)")
    }
    index += 1
    return value
  }

  private mutating func set(_ flag: Flag, _ value: String) throws(UsageError) {
    if values[flag.name] != nil, !flag.repeats, flag.value != nil {
      throw UsageError("\(typed(flag.name)) is given twice")
    }
    values[flag.name, default: []].append(value)
  }
}
