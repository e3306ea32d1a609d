// Text for messages, without secrets. Searched by bytes: the standard library's search in strings brings the regular
// expression engine along, 1.4 MB of program.

enum MessageText {
  static func contains(_ text: String, _ part: String) -> Bool {
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }

  /// `url` without what may be secret: user, password, query and fragment.
  static func shown(url: String) -> String {
    let end = url.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? url.utf8.endIndex
    let head = url[..<end]
    guard let start = credentialsStart(head) else {
      let at = head.utf8.lastIndex(of: UInt8(ascii: "@"))
      return String(at.map { head[head.utf8.index(after: $0)...] } ?? head)
    }
    return cut(head, from: start)
  }

  /// `text` with `//user:password@` cut to `//` in each of its words.
  static func withoutCredentials(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      credentialsStart(word).map { cut(word, from: $0) } ?? String(word)
    }.joined(separator: " ")
  }

  /// The place behind the first `//`.
  private static func credentialsStart(_ text: Substring) -> String.Index? {
    var previous: UInt8 = 0
    for index in text.utf8.indices {
      let byte = text.utf8[index]
      if byte == UInt8(ascii: "/"), previous == byte { return text.utf8.index(after: index) }
      previous = byte
    }
    return nil
  }

  private static func cut(_ text: Substring, from start: String.Index) -> String {
    guard let at = text.utf8[start...].lastIndex(of: UInt8(ascii: "@")) else { return String(text) }
    return String(text[..<start]) + text[text.utf8.index(after: at)...]
  }
}
