// Through a proxy, and what is said when it is to blame. Its password is shown nowhere.

import Foundation
import Support
import Testing

@testable import Transport

@Suite("A proxy")
struct ProxyTests {
  @Test("carries a plain request in absolute form, with its credentials")
  func plain() async throws {
    let server = try ScriptedServer { _ in .answer("through") }
    let proxy = "http://user:secret@127.0.0.1:\(server.port)"
    let transport = HTTPTransport(configuration: HTTPConfiguration(proxy: proxy))
    let response = try await transport.send(HTTPRequest(url: "http://host.invalid/v1?x=1"))
    #expect(try await response.body.text() == "through")
    let sent = try #require(server.requests.first)
    #expect(sent.target == "http://host.invalid/v1?x=1")
    #expect(sent.header("Proxy-Authorization") == "Basic " + Data("user:secret".utf8).base64EncodedString())
  }

  @Test("that refuses a tunnel is named with its status, and its own head is no response")
  func tunnelRefused() async throws {
    let server = try ScriptedServer { _ in .answer(407, "") }
    let error = await Self.error(proxy: "http://user:secret@127.0.0.1:\(server.port)")
    #expect(error?.kind == .proxy)
    #expect(error?.message.contains("host.invalid:443") == true)
    #expect(error?.message.contains("407") == true)
  }

  @Test(
    "that cannot be used is to blame, without its password",
    arguments: [
      "http://user:secret@127.0.0.1:PORT", "http://user:secret@nonexistent.invalid:80",
      "nonsense://user:secret@127.0.0.1:PORT",
      "http://user:secret@:x", "socks5h://user:secret@127.0.0.1:PORT",
    ])
  func unusable(_ proxy: String) async throws {
    let closed = try ClosedPort()
    let error = await Self.error(proxy: proxy.replacing("PORT", with: String(closed.number)))
    #expect(error?.kind == .proxy)
    #expect(error?.message.contains("secret") == false)
    withExtendedLifetime(closed) {}
  }

  private static func error(proxy: String) async -> TransportError? {
    let transport = HTTPTransport(configuration: HTTPConfiguration(proxy: proxy))
    return await transportError { _ = try await transport.send(HTTPRequest(url: "https://host.invalid/")) }
  }
}

@Suite("What messages hide")
struct CredentialTests {
  static let texts: [(String, String)] = [
    ("Unsupported proxy scheme for 'http://u:p@h:1'", "Unsupported proxy scheme for 'http://h:1'"),
    ("a //u:p@q@h b  c", "a //h b  c"), ("mail a@b", "mail a@b"), ("", ""), ("//", "//"), ("x@//y", "x@//y"),
  ]

  @Test("user and password of a URL are left out of what curl says", arguments: texts)
  func details(_ text: String, _ expected: String) {
    #expect(MessageText.withoutCredentials(text) == expected)
  }

  static let urls: [(String, String)] = [
    ("https://u:p@h/x?key=1#f", "https://h/x"), ("https://h/x", "https://h/x"), ("u:p@h", "h"), ("?key=1", ""),
    ("http://u:p@q@h/", "http://h/"), ("", ""),
  ]

  @Test("a URL is shown without credentials and query", arguments: urls)
  func shown(_ url: String, _ expected: String) {
    #expect(MessageText.shown(url: url) == expected)
  }

  static let searches = [
    ("", "", true), ("a", "", true), ("", "a", false), ("xab", "ab", true), ("aab", "ab", true), ("ba", "ab", false),
  ]

  @Test("a part is found in a text", arguments: searches)
  func contains(_ text: String, _ part: String, _ expected: Bool) {
    #expect(MessageText.contains(text, part) == expected)
  }

  @Test("a missing library is an error that says what to install")
  func missingLibrary() {
    let error = CurlLibrary.missing(detail: "libcurl.so.4: cannot open shared object file")
    #expect(error.kind == .libraryMissing)
    #expect(error.message.hasPrefix("libcurl: cannot be opened: libcurl.so.4: cannot open shared object file ("))
    #expect(error.message.contains(CurlLibrary.installHint))
  }
}
