// Reading an object of a script with checked keys and types. What it says is worded once here.

import Formats

struct ScriptObject {
  let json: JSON

  /// - Throws: where it is no object or has a key that is not one of `keys`.
  init(_ json: JSON, _ name: String, keys: [String]) throws(FormatError) {
    guard json.kind == .object else { throw FormatError("\(name) must be an object", at: json.position) }
    for key in json.keys where !keys.contains(key) {
      let near = EditDistance.suggestion(for: key, among: keys)
      throw FormatError(
        "unknown key '\(key)'", hint: near.map { "did you mean '\($0)'?" } ?? "known: \(keys.joined(separator: ", "))",
        at: json.keyPosition(key) ?? json.position)
    }
    self.json = json
  }

  func string(_ key: String) throws(FormatError) -> String? {
    guard let value = json[key] else { return nil }
    guard let text = value.string else { throw FormatError("'\(key)' must be a text", at: value.position) }
    return text
  }

  func strings(_ key: String) throws(FormatError) -> [String]? {
    guard let value = json[key] else { return nil }
    let texts = value.elements.compactMap(\.string)
    guard value.kind == .array, texts.count == value.count else {
      throw FormatError("'\(key)' must be a list of texts", at: value.position)
    }
    return texts
  }

  func int(_ key: String, from least: Int = 0) throws(FormatError) -> Int? {
    guard let value = json[key] else { return nil }
    guard let number = value.int, number >= least, number <= 1 << 40 else {
      throw FormatError("'\(key)' must be a whole number from \(least)", at: value.position)
    }
    return number
  }

  /// A number from 0 to an hour in milliseconds, which is also more than enough in seconds.
  func number(_ key: String) throws(FormatError) -> Double? {
    guard let value = json[key] else { return nil }
    guard let number = value.double, number >= 0, number <= 3_600_000 else {
      throw FormatError("'\(key)' must be a number from 0 to 3600000", at: value.position)
    }
    return number
  }

  /// One of some names.
  func name(_ key: String, _ names: [String]) throws(FormatError) -> String? {
    guard let value = json[key], let text = try string(key) else { return nil }
    if names.contains(text) { return text }
    let near = EditDistance.suggestion(for: text, among: names)
    throw FormatError(
      "'\(key)' cannot be '\(text)'",
      hint: near.map { "did you mean '\($0)'?" } ?? "one of \(names.joined(separator: ", "))",
      at: value.position)
  }
}
