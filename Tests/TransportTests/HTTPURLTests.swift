// URLs taken apart and joined.

import Testing

@testable import Transport

@Suite("A URL")
struct HTTPURLTests {
  static let parts: [(String, HTTPURL)] = [
    ("https://api.example.com", HTTPURL(scheme: "https", host: "api.example.com", port: 443, path: "/", query: nil)),
    ("http://h:8080/a%20b?x=1#f", HTTPURL(scheme: "http", host: "h", port: 8080, path: "/a%20b", query: "x=1")),
    ("HTTP://[::1]/", HTTPURL(scheme: "http", host: "::1", port: 80, path: "/", query: nil)),
    ("http://u:p@h/", HTTPURL(scheme: "http", host: "h", port: 80, path: "/", query: nil)),
  ]

  @Test("is taken apart with the port its scheme stands for", arguments: parts)
  func parse(_ text: String, _ expected: HTTPURL) throws {
    #expect(try HTTPURL.parse(text) == expected)
  }

  @Test("names its authority with brackets around IPv6")
  func authority() throws {
    #expect(try HTTPURL.parse("https://[::1]/").authority == "[::1]:443")
    #expect(try HTTPURL.parse("https://h/").authority == "h:443")
  }

  @Test(
    "that is none is refused without its secrets",
    arguments: [
      "", "h/x", "ftp://h/", "http://", "http://u:secret@h:99999/?key=secret", "http://h\u{0}/", "file:///etc/passwd",
    ])
  func refused(_ text: String) {
    let error = #expect(throws: TransportError.self) { try HTTPURL.parse(text) }
    #expect(error?.kind == .badURL)
    #expect(error?.message.contains("secret") == false)
  }

  static let joins: [(String, String, String)] = [
    ("https://h/v1/", "chat", "https://h/v1/chat"), ("https://h/v1", "chat", "https://h/chat"),
    ("https://h/v1/x", "/chat?a=1", "https://h/chat?a=1"), ("https://h/v1/x", "http://o/y", "http://o/y"),
    ("https://h/a/b/c", "../d", "https://h/a/d"),
  ]

  @Test("resolves a reference", arguments: joins)
  func join(_ base: String, _ reference: String, _ expected: String) throws {
    #expect(try HTTPURL.join(base, reference) == expected)
  }
}
