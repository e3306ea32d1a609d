// Keys of a YAML mapping, each with the type it must have: every mistake is told at its place, with the nearest known
// name for a key that nobody knows.

import Formats

/// Reads the members of one mapping.
struct KeyReader {
  let object: JSON
  let file: String
  /// The text that positions refer to.
  let source: [UInt8]

  init(_ object: JSON, _ file: String, _ source: [UInt8]) throws(PromptFileError) {
    self.object = object
    self.file = file
    self.source = source
    guard object.kind == .object else {
      throw PromptFileError(
        file: file, FormatError("keys with values are expected, not \(object.kindName)", at: object.position))
    }
  }

  func error(_ message: String, hint: String? = nil, at value: JSON) -> PromptFileError {
    PromptFileError(file: file, FormatError(message, hint: hint, at: value.position))
  }

  /// The value of a key that is there and not null.
  func value(_ key: String) -> JSON? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  func string(_ key: String) throws(PromptFileError) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.string else { throw wrong(key, "a text", value) }
    return text
  }

  func double(_ key: String, in range: ClosedRange<Double>) throws(PromptFileError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw wrong(key, "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))", value)
    }
    return number
  }

  func int(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(PromptFileError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.int, range.contains(number) else {
      throw wrong(key, range.lowerBound == 1 ? "a whole number from 1" : "a whole number", value)
    }
    return number
  }

  func bool(_ key: String) throws(PromptFileError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let flag = value.bool else { throw wrong(key, "true or false", value) }
    return flag
  }

  func list(_ key: String) throws(PromptFileError) -> JSON? {
    guard let value = value(key) else { return nil }
    guard value.kind == .array else { throw wrong(key, "a list", value) }
    return value
  }

  func mapping(_ key: String) throws(PromptFileError) -> KeyReader? {
    guard let value = value(key) else { return nil }
    guard value.kind == .object else { throw wrong(key, "keys with values", value) }
    return try KeyReader(value, file, source)
  }

  /// A text or a list of texts.
  func strings(_ key: String) throws(PromptFileError) -> [String]? {
    guard let value = value(key) else { return nil }
    if let text = value.string { return [text] }
    guard value.kind == .array else { throw wrong(key, "a text or a list of texts", value) }
    var texts: [String] = []
    for element in value.elements {
      guard let text = element.string else { throw wrong(key, "a text or a list of texts", element) }
      texts.append(text)
    }
    return texts
  }

  /// - Parameter allows: keys besides, which are another's.
  func refuseUnknown(_ known: [String], allows: (String) -> Bool = { _ in false }) throws(PromptFileError) {
    if let error = unknown(known, allows: allows).first { throw PromptFileError(file: file, error) }
  }

  /// What there is to say of each key that is not known.
  func unknown(_ known: [String], allows: (String) -> Bool = { _ in false }) -> [FormatError] {
    object.keys.filter { !known.contains($0) && !allows($0) }.map { key in
      let near = EditDistance.suggestion(for: key, among: known)
      return FormatError(
        "unknown key '\(key)'",
        hint: near.map { "did you mean '\($0)'?" } ?? "known are \(known.joined(separator: ", "))",
        at: object.keyPosition(key) ?? object.position)
    }
  }

  private func wrong(_ key: String, _ expected: String, _ value: JSON) -> PromptFileError {
    error("'\(key)' is to be \(expected), not \(value.kindName)", at: value)
  }

  /// A string with the place of its text in the file.
  func text(_ value: JSON) -> (text: String, place: TextPlace)? {
    value.string.map { ($0, TextPlace(of: value, in: source)) }
  }
}

extension JSON {
  /// What an error calls it.
  var kindName: String {
    switch kind {
    case .null: "nothing"
    case .bool: "\(bool == true)"
    case .number: "the number \(numberText ?? "")"
    case .string: "a text"
    case .array: "a list"
    case .object: "keys with values"
    }
  }
}
