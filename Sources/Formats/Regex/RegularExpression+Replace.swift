// Replacing and splitting, with the rules of String.prototype.replace and split (ECMA-262 §22.1.3.19.1, §22.2.6.14),
// except that split gives the pieces alone, not the captures between them.

extension RegularExpression {
  /// The text with matches replaced by a template.
  ///
  /// In the template `$&` is the match, `` $` `` and `$'` what stands before and after it, `$1` to `$99` and `$<name>`
  /// a group (empty where it took no part), `$$` a dollar sign; any other dollar sign stands for itself.
  /// - Parameter limit: matches to replace at most, all when nil.
  /// - Throws: `stepLimit`.
  package func replace(
    in text: String, with template: String, limit: Int? = nil
  ) throws(RegularExpressionError) -> String {
    let bytes = Array(text.utf8)
    let parts = Self.parse(Array(template.utf8), groups: groupCount, hasNames: !groupNames.isEmpty)
    var result: [UInt8] = []
    var position = 0
    var iterator = matches(in: bytes)
    var remaining = limit ?? .max
    while remaining > 0, let match = try iterator.next() {
      remaining -= 1
      result += bytes[position..<match.range.lowerBound]
      for part in parts {
        switch part {
        case .text(let text): result += text
        case .group(let index): if let range = match.groups[index] { result += bytes[range] }
        case .name(let name): if let range = match[name] { result += bytes[range] }
        case .before: result += bytes[..<match.range.lowerBound]
        case .after: result += bytes[match.range.upperBound...]
        }
      }
      position = match.range.upperBound
    }
    result += bytes[position...]
    return String(decoding: result, as: UTF8.self)
  }

  /// The pieces of the text between matches; an empty match separates, but not at the ends.
  ///
  /// - Parameter limit: pieces at most, all when nil; what lies beyond is left out.
  /// - Throws: `stepLimit`.
  package func split(_ text: String, limit: Int? = nil) throws(RegularExpressionError) -> [String] {
    let bytes = Array(text.utf8)
    var pieces: [String] = []
    let limit = limit ?? .max
    guard limit > 0 else { return [] }
    if bytes.isEmpty { return try isMatch(bytes) ? [] : [""] }
    var start = 0
    var iterator = matches(in: bytes)
    while let match = try iterator.next(), match.range.lowerBound < bytes.count {
      if match.range.upperBound == start { continue }
      pieces.append(String(decoding: bytes[start..<match.range.lowerBound], as: UTF8.self))
      if pieces.count == limit { return pieces }
      start = match.range.upperBound
    }
    pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    return pieces
  }

  private enum TemplatePart {
    case text([UInt8])
    case group(Int)
    case name(String)
    case before, after
  }

  private static func parse(_ template: [UInt8], groups: Int, hasNames: Bool) -> [TemplatePart] {
    let dollar = UInt8(ascii: "$")
    var parts: [TemplatePart] = []
    var text: [UInt8] = []
    var index = 0
    func digit(at index: Int) -> Int? {
      guard index < template.count, (0x30...0x39).contains(template[index]) else { return nil }
      return Int(template[index] - 0x30)
    }
    while index < template.count {
      guard template[index] == dollar, index + 1 < template.count else {
        text.append(template[index])
        index += 1
        continue
      }
      var part: TemplatePart?
      var length = 2
      switch template[index + 1] {
      case dollar:
        text.append(dollar)
        index += 2
        continue
      case UInt8(ascii: "&"): part = .group(0)
      case UInt8(ascii: "`"): part = .before
      case UInt8(ascii: "'"): part = .after
      case UInt8(ascii: "<") where hasNames:
        if let close = template[index...].firstIndex(of: UInt8(ascii: ">")) {
          part = .name(String(decoding: template[index + 2..<close], as: UTF8.self))
          length = close + 1 - index
        }
      default:
        // Two digits where there is such a group, else one.
        guard let first = digit(at: index + 1) else { break }
        if let second = digit(at: index + 2), (1...groups + 1).contains(first * 10 + second),
          first * 10 + second <= groups
        {
          part = .group(first * 10 + second)
          length = 3
        } else if first >= 1, first <= groups {
          part = .group(first)
        }
      }
      guard let part else {
        text.append(dollar)
        index += 1
        continue
      }
      if !text.isEmpty { parts.append(.text(text)) }
      text = []
      parts.append(part)
      index += length
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return parts
  }
}
