// Addresses of servers as people write them: with space around, a slash at the end, a query that a gateway wants, a user
// and password that nobody is to see, and the forms that OLLAMA_HOST takes. Text only: libcurl judges what is left.

package enum BaseURL {
  /// Without space around, a fragment, and slashes at the end of its path.
  package static func tidy(_ text: String) -> String {
    let text = text.trimmedOfSpace
    let (head, query) = split(text)
    var path = head
    while path.hasSuffix("/"), !path.hasSuffix("://") { path = path.dropLast() }
    return String(path) + query
  }

  /// `path` below the address. A query of the address stays one, before that of the path.
  package static func joined(_ base: String, _ path: String) -> String {
    let (head, query) = split(base)
    guard !query.isEmpty else { return base + path }
    let (below, more) = split(path)
    return head + below + query + (more.isEmpty ? "" : "&" + more.dropFirst())
  }

  /// Scheme, host and port: what stands before the path.
  package static func origin(_ url: String) -> String {
    let bytes = url.utf8
    guard let mark = bytes.firstIndex(of: UInt8(ascii: ":")), url[mark...].hasPrefix("://") else { return url }
    let start = bytes.index(mark, offsetBy: 3)
    let ends = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
    return String(url[..<(bytes[start...].firstIndex { ends.contains($0) } ?? bytes.endIndex)])
  }

  /// Without user and password, for showing and keeping.
  package static func shown(_ url: String) -> String {
    guard let mark = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[mark...].hasPrefix("://") else { return url }
    let start = url.utf8.index(mark, offsetBy: 3)
    let end =
      url.utf8[start...].firstIndex { [UInt8(ascii: "/"), UInt8(ascii: "?")].contains($0) } ?? url.utf8.endIndex
    guard let at = url.utf8[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return url }
    return String(url[..<start]) + url[url.utf8.index(after: at)...]
  }

  /// `HOST`, `HOST:PORT`, `:PORT` and bare IPv6 addresses as the authority of a URL. An address that servers listen at
  /// for all interfaces is reached on this machine.
  package static func authority(_ text: String, defaultPort: Int?) -> String {
    var text = text
    if text.hasPrefix(":"), !text.hasPrefix("::") { text = "127.0.0.1" + text }
    if !text.hasPrefix("["), text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1, !text.contains("@") {
      text = "[\(text)]"
    }
    for (all, local) in [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")] where text == all || text.hasPrefix(all + ":") {
      text = local + text.dropFirst(all.count)
    }
    // The colons of an IPv6 address stand in brackets, a port's behind them.
    let behindBrackets = text.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
    guard let defaultPort, !behindBrackets.contains(":"), !text.contains("/") else { return text }
    return "\(text):\(defaultPort)"
  }

  /// What stands before the query, and the query with its mark; a fragment goes nowhere.
  private static func split(_ text: String) -> (Substring, Substring) {
    let whole = text.prefix { $0 != "#" }
    let mark = whole.firstIndex(of: "?") ?? whole.endIndex
    return (whole[..<mark], whole[mark...])
  }
}
