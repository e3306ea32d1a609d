// URI references (RFC 3986) as far as schemas need them: resolving against a base, splitting off the fragment, and
// JSON Pointers (RFC 6901). Bases need not be hierarchical (`urn:…`), nor absolute (a schema without `$id` has none).

enum SchemaURI {
  /// The URI before `#`, and the fragment with its percent-encoding undone; nil where there is no `#`.
  static func split(_ reference: String) -> (uri: String, fragment: String?) {
    guard let mark = reference.utf8.firstIndex(of: UInt8(ascii: "#")) else { return (reference, nil) }
    let fragment = reference.utf8[reference.utf8.index(after: mark)...]
    return (String(reference[..<mark]), percentDecoded(fragment))
  }

  /// The reference resolved against a base (§5.2.2), without a fragment.
  static func resolve(_ reference: String, base: String) -> String {
    let reference = Parts(split(reference).uri)
    let base = Parts(split(base).uri)
    if reference.scheme != nil { return reference.with(path: withoutDots(reference.path)).text }
    var result = reference
    result.scheme = base.scheme
    if reference.authority != nil {
      result.path = withoutDots(reference.path)
      return result.text
    }
    result.authority = base.authority
    if reference.path.isEmpty {
      result.path = base.path
      result.query = reference.query ?? base.query
    } else if reference.path.hasPrefix("/") {
      result.path = withoutDots(reference.path)
    } else {
      result.path = withoutDots(merge(reference.path, base: base))
    }
    return result.text
  }

  /// The tokens of a JSON Pointer; nil for text that is none.
  static func tokens(_ pointer: String) -> [String]? {
    if pointer.isEmpty { return [] }
    guard pointer.hasPrefix("/") else { return nil }
    return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { unescaped($0) }
  }

  /// A name as a token of a JSON Pointer.
  static func escaped(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "~": text += "~0"
      case "/": text += "~1"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func unescaped(_ token: Substring) -> String {
    guard token.utf8.contains(UInt8(ascii: "~")) else { return String(token) }
    var text = ""
    var isEscape = false
    for scalar in token.unicodeScalars {
      if isEscape {
        isEscape = false
        text += scalar == "1" ? "/" : scalar == "0" ? "~" : "~\(scalar)"
      } else if scalar == "~" {
        isEscape = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return isEscape ? text + "~" : text
  }

  private static func percentDecoded(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    let raw = Array(text)
    var index = 0
    while index < raw.count {
      if raw[index] == UInt8(ascii: "%"), index + 2 < raw.count,
        let high = JSONEscapes.hexadecimalDigit(raw[index + 1]),
        let low = JSONEscapes.hexadecimalDigit(raw[index + 2])
      {
        bytes.append(UInt8(high << 4 | low))
        index += 3
      } else {
        bytes.append(raw[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func merge(_ path: String, base: Parts) -> String {
    if base.authority != nil, base.path.isEmpty { return "/" + path }
    guard let slash = base.path.lastIndex(of: "/") else { return path }
    return base.path[...slash] + path
  }

  /// §5.2.4. A path of one segment only (`urn:` names, relative bases) has no dots to remove.
  private static func withoutDots(_ path: String) -> String {
    guard path.contains(".") else { return path }
    let isAbsolute = path.hasPrefix("/")
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    var kept: [Substring] = []
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      if segment == "." {
        if isLast { kept.append("") }
      } else if segment == ".." {
        if kept.count > (isAbsolute ? 1 : 0) { kept.removeLast() }
        if isLast { kept.append("") }
      } else {
        kept.append(segment)
      }
    }
    return kept.joined(separator: "/")
  }

  /// The components of §3, found as in appendix B.
  private struct Parts {
    var scheme: Substring?
    var authority: Substring?
    var path: String
    var query: Substring?

    init(_ text: String) {
      var rest = text[...]
      if let colon = rest.firstIndex(where: { ":/?".contains($0) }), rest[colon] == ":", colon != rest.startIndex {
        scheme = rest[..<colon]
        rest = rest[rest.index(after: colon)...]
      }
      if rest.hasPrefix("//") {
        rest = rest.dropFirst(2)
        let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
        authority = rest[..<end]
        rest = rest[end...]
      }
      if let mark = rest.firstIndex(of: "?") {
        query = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
      }
      path = String(rest)
    }

    func with(path: String) -> Parts {
      var parts = self
      parts.path = path
      return parts
    }

    var text: String {
      (scheme.map { "\($0):" } ?? "") + (authority.map { "//\($0)" } ?? "") + path + (query.map { "?\($0)" } ?? "")
    }
  }
}

extension JSONDocument {
  /// The JSON Pointer from one node to one below it, found by going down: paths cost nothing until an error is worded.
  func pointer(to target: Int, from root: Int = 0) -> String {
    var text = ""
    var current = root
    while current != target {
      let node = nodes[current]
      guard node.isContainer, target < Int(node.next) else { break }
      let isObject = node.kind == .object
      var child = current + 1
      var ordinal = 0
      while child < Int(node.next) {
        let value = isObject ? child + 1 : child
        if target < Int(nodes[value].next) {
          text += "/" + (isObject ? SchemaURI.escaped(string(child)) : String(ordinal))
          // A key stands for its member.
          current = target == child && isObject ? target : value
          break
        }
        child = Int(nodes[value].next)
        ordinal += 1
      }
      if child >= Int(node.next) { break }
    }
    return text
  }
}

extension JSON {
  /// The value that a JSON Pointer means, and each value on the way to it, itself included.
  func path(_ tokens: [String]) -> [JSON]? {
    var values = [self]
    var current = self
    for token in tokens {
      switch current.kind {
      case .object:
        guard let next = current[token] else { return nil }
        current = next
      case .array:
        let isIndex = token == "0" || (token.utf8.allSatisfy { 0x30...0x39 ~= $0 } && !token.hasPrefix("0"))
        guard isIndex, let index = Int(token), let next = current[index] else { return nil }
        current = next
      default: return nil
      }
      values.append(current)
    }
    return values
  }
}
