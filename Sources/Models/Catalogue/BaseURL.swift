// Addresses of servers as people write them: with space around, a slash at the end, a query that a gateway wants, a user
// and password that nobody is to see, and the forms that OLLAMA_HOST takes. Text only: libcurl judges what is left.

import Formats
import Transport

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
    guard let start = afterScheme(url) else { return url }
    return String(url[..<(url.utf8[start...].firstIndex { "/?#".utf8.contains($0) } ?? url.utf8.endIndex)])
  }

  /// Where the authority begins; `nil` where the text is no address.
  private static func afterScheme(_ url: String) -> String.Index? {
    guard let mark = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[mark...].hasPrefix("://") else { return nil }
    return url.utf8.index(mark, offsetBy: 3)
  }

  /// Without user and password, and without the values of keys in its query: for showing.
  package static func shown(_ url: String) -> String {
    changingKeys(of: withoutUser(url)) { "\($0)=[redacted]" }
  }

  /// Without them altogether: for keeping, and for telling addresses apart.
  static func withoutSecrets(_ url: String) -> String { changingKeys(of: withoutUser(url)) { _ in nil } }

  private static func withoutUser(_ url: String) -> String {
    guard let start = afterScheme(url) else { return url }
    let end = url.utf8[start...].firstIndex { "/?#".utf8.contains($0) } ?? url.utf8.endIndex
    guard let at = url.utf8[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return url }
    return String(url[..<start]) + url[url.utf8.index(after: at)...]
  }

  /// The URL with something else, or nothing, for each parameter of its query that is a key.
  private static func changingKeys(of url: String, _ change: (Substring) -> String?) -> String {
    guard afterScheme(url) != nil, let mark = url.firstIndex(of: "?") else { return url }
    let pairs = url[url.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    let query = pairs.compactMap { pair -> String? in
      let name = pair.prefix { $0 != "=" }
      return HTTPHeader.isSecretName(String(name)) ? change(name) : String(pair)
    }.joined(separator: "&")
    return String(url[..<mark]) + (query.isEmpty ? "" : "?" + query)
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
