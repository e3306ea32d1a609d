// The words of an error body of any shape: `{"error":{…}}`, `{"error":"…"}`, `{"message"}`, `{"detail"}` (also
// FastAPI's list of faults), a list around one of them, HTML or plain text.

import Formats

struct OpenAIErrorWords {
  private(set) var message = ""
  private(set) var code: String?
  private(set) var type: String?
  private(set) var requestID: String?
  private let lowered: String

  /// A whole error body.
  init(body: [UInt8]) {
    if let json = try? JSON.parse(body), let words = OpenAIErrorWords(json: json, isWholeBody: true) {
      self = words
    } else {
      message = OpenAIErrorWords.tidy(OpenAIErrorWords.text(of: body))
      lowered = message.lowercased()
    }
  }

  /// - Parameter isWholeBody: whether a `message` or `detail` at the top is an error too.
  init?(json: JSON, isWholeBody: Bool = false) {
    let top = json.kind == .array ? json[0] ?? json : json
    let isMarked = isWholeBody || top["object"]?.isString("error") == true || top["type"]?.isString("error") == true
    let object: JSON
    if let error = top["error"], !error.isNull, error.bool != false {
      object = error
    } else if isMarked {
      object = top
    } else {
      return nil
    }
    var text = OpenAIErrorWords.words(object)
    if text.isEmpty { text = OpenAIErrorWords.words(top) }
    // A gateway's own words say little where it quotes the server behind it.
    if let raw = object["metadata"]?["raw"]?.filledString { text += ": \(raw)" }
    if text.isEmpty, isWholeBody { text = excerpt(top.utf8) }
    message = OpenAIErrorWords.tidy(text)
    lowered = message.lowercased()
    code = OpenAIErrorWords.label(object["code"]) ?? OpenAIErrorWords.label(top["code"])
    type = OpenAIErrorWords.label(object["type"]) ?? OpenAIErrorWords.label(top["type"])
    requestID = top["request_id"]?.filledString
  }

  private static func label(_ json: JSON?) -> String? { json?.filledString ?? json?.numberText }

  private static func words(_ json: JSON, depth: Int = 0) -> String {
    if let text = json.string { return text }
    guard depth < 4 else { return "" }
    if json.kind == .array {
      return json.elements.prefix(4).map { element in
        let place = element["loc"]?.elements.compactMap { $0.string ?? $0.numberText }.joined(separator: ".")
        let text = words(element, depth: depth + 1)
        return place.map { "\($0): \(text)" } ?? text
      }.joined(separator: "; ")
    }
    for name in ["message", "detail", "msg", "error", "error_description", "title"] {
      if let value = json[name], !value.isNull {
        let text = words(value, depth: depth + 1)
        if !text.isEmpty { return text }
      }
    }
    return ""
  }

  /// The text of a page without its tags, scripts and styles; plain text as it is.
  private static func text(of body: [UInt8]) -> String {
    let head = body.prefix(64 << 10)
    guard head.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") else { return excerpt(Array(head)) }
    var text: [UInt8] = []
    var rest = head[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
      text += rest[..<open]
      text.append(0x20)
      rest = rest[open...]
      for name in ["<script", "<style"] where isPrefix(name, of: rest) {
        let closing = name == "<script" ? "</script" : "</style"
        while !rest.isEmpty, !isPrefix(closing, of: rest) { rest = rest.dropFirst() }
      }
      guard let close = rest.firstIndex(of: UInt8(ascii: ">")) else { return excerpt(text) }
      rest = rest[(close + 1)...]
    }
    return excerpt(text + rest)
  }

  private static func isPrefix(_ name: String, of bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count >= name.utf8.count && zip(name.utf8, bytes).allSatisfy { $0 == $1 | (($1 &- 0x41) < 26 ? 0x20 : 0) }
  }

  /// One line, in the house's form: no full stop, and no capital that only begins a sentence.
  private static func tidy(_ text: String) -> String {
    var text = excerpt(Array(text.utf8), limit: 1000)
    while text.last == " " || text.last == "." { text.removeLast() }
    let word = text.prefix { $0.isLetter || $0 == "'" }
    if word.count > 1, word.first?.isUppercase == true, !word.dropFirst().contains(where: \.isUppercase) {
      text = word.lowercased() + text.dropFirst(word.count)
    }
    return text
  }

  func says(_ phrases: [String]) -> Bool { phrases.contains { lowered.contains($0) } }

  /// `Please try again in 6m0s`, where there is no header.
  var wait: Double? {
    for phrase in ["try again in ", "retry in ", "retry after "] {
      guard let found = lowered.range(of: phrase) else { continue }
      let word = lowered[found.upperBound...].prefix { $0 != " " && $0 != "," && $0 != ")" }
      var duration = Substring(word)
      while duration.last == "." { duration.removeLast() }
      if let seconds = RetryAfter.duration(duration) { return seconds }
    }
    return nil
  }

  /// Whether money or allowance is used up.
  func isQuota(status: Int?) -> Bool {
    let labels = [code, type]
    if labels.contains(where: {
      ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"].contains($0)
    }) {
      return true
    }
    switch status {
    case 402: return true
    case 403, 429, nil:
      return wait == nil
        && says([
          "exceeded your current quota", "insufficient balance", "insufficient credit", "out of credits",
          "not enough credit", "billing hard limit", "spending limit", "available credits",
        ])
    default: return false
    }
  }

  var isContextLength: Bool {
    if code == "context_length_exceeded" || type == "exceed_context_size_error" { return true }
    return says([
      "context length", "context window", "maximum context", "context size", "prompt is too long", "input is too long",
      "prompt too long", "reduce the length of the messages", "maximum prompt length", "maximum model length",
      "too long to fit into the model", "tokens exceed the configured limit", "exceeds the maximum number of tokens",
      "too many input tokens", "exceed context limit",
    ])
  }

  /// Whether an error without a status is the request's fault.
  var blamesRequest: Bool {
    for label in [code, type] {
      guard let label else { continue }
      if label.hasPrefix("invalid_") || label.contains("image") || label.hasSuffix("_policy")
        || label.hasSuffix("policy_violation") || label == "data_residency_mismatch"
      {
        return true
      }
    }
    return false
  }
}

extension String {
  /// The first place of `phrase`.
  fileprivate func range(of phrase: String) -> Range<String.Index>? {
    let length = phrase.utf8.count
    let all = Array(utf8)
    let wanted = Array(phrase.utf8)
    guard all.count >= length else { return nil }
    for start in 0...(all.count - length) where all[start..<(start + length)].elementsEqual(wanted) {
      let lower = utf8.index(utf8.startIndex, offsetBy: start)
      return lower..<utf8.index(lower, offsetBy: length)
    }
    return nil
  }
}
