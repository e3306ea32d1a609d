// Keys stay where they belong: in no record, no shown request, and nobody waits for one longer than it wants.

import Formats
import Foundation
import Storage
import Support
import Synchronization
import Testing
import Transport

@testable import Models

@Suite("secrets") struct SecretsTests {
  @Test("a secret is taken out as it is and as it stands in JSON") func forms() {
    let secret = #"pa"ss\word-0123"#
    let redactor = Redactor(secrets: [secret, "plain-0123456789", "short"])
    #expect(redactor.redact("it is \(secret), short") == "it is [redacted], short")
    var record = Array(JSON.object([("text", .string("it is \(secret) or plain-0123456789"))]).text.utf8)
    #expect(redactor.redact(&record))
    #expect(String(decoding: record, as: UTF8.self) == #"{"text":"it is [redacted] or [redacted]"}"#)
  }

  @Test("a secret that streams in pieces is saved in none", arguments: 1..<16) func pieces(cut: Int) {
    let secret = "sk-test-01234567"
    let redactor = Redactor(secrets: ["another"], late: { [secret] })
    let filler = String(repeating: "words ", count: 3000)
    let saved = Mutex<[String]>([])
    let text = StreamedText(holdBack: redactor.openEnd) { piece in saved.withLock { $0.append(redactor.redact(piece)) }
    }
    text.add([.text("\(filler)\(secret.prefix(cut))")])
    text.add([.text("\(secret.dropFirst(cut))\(filler)")])
    text.close()
    let all = saved.withLock { $0 }
    #expect(all.count == 2 && all.joined() == filler + "[redacted]" + filler)
  }

  @Test(
    "names tell what is secret",
    arguments: [
      ("Authorization", true), ("cf-aig-authorization", true), ("X-Auth-Token", true), ("api_key", true),
      ("X-Goog-Api-Key", true), ("Ocp-Apim-Subscription-Key", true), ("x-apikey", true), ("Set-Cookie", true),
      ("key", true), ("X-Author", false), ("max_tokens", false), ("OpenAI-Organization", false), ("Accept", false),
      ("X-Title", false), ("anthropic-beta", false), ("", false),
    ])
  func names(name: String, isSecret: Bool) {
    #expect(HTTPHeader(name, "value").isSecret == isSecret)
    #expect(HTTPHeader(name, "value", isSecret: true).isSecret)
  }

  @Test(
    "an address is shown without its user and the keys in its query",
    arguments: [
      ("https://user:word@host/v1?key=abc&version=1", "https://host/v1?key=[redacted]&version=1"),
      ("https://host/v1?version=1", "https://host/v1?version=1"), ("http://host#a@b", "http://host#a@b"),
      ("https://host/v1/a@b", "https://host/v1/a@b"), ("what? no key=1", "what? no key=1"),
    ])
  func address(url: String, shown: String) { #expect(BaseURL.shown(url) == shown) }

  @Test("keys that a configuration puts into headers are secret in the request") func configured() throws {
    var row = try #require(ProviderRow.named("openai-chat"))
    row.headers = [.init("cf-aig-authorization", "Bearer gateway-0123"), .init("X-Team", "blue")]
    let target = Target(provider: row, model: "m", row: nil, baseURL: row.baseURL)
    let request = try ModelClient.encode(
      ModelRequest(messages: [Message(.user, text: "hi")]), target, OpenAIChatDialect(target),
      Credentials(variables: ["OPENAI_API_KEY": "sk-test-0123456789"]))
    let secret = request.headers.filter(\.isSecret).map { $0.name.lowercased() }
    #expect(secret.sorted() == ["authorization", "cf-aig-authorization"])
    #expect(request.headers.contains { $0.name == "X-Team" && !$0.isSecret })
    // Two keys at one gateway have limits of their own.
    var other = request
    other.headers = request.headers.map { $0.isNamed("authorization") ? HTTPHeader($0.name, "Bearer sk-2") : $0 }
    let limiters = Limiters()
    #expect(limiters.limiter(for: request, to: target) !== limiters.limiter(for: other, to: target))
    #expect(limiters.limiter(for: request, to: target) === limiters.limiter(for: request, to: target))
  }

  @Test("who is cancelled does not wait for a key, and others still get it") func keyCommand() async throws {
    let folder = try TemporaryDirectory("key")
    let command = KeyCommand(
      arguments: ["/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.05; done; echo sk-printed-0123456789"], timeout: 240,
      directory: folder.path, place: "config.yaml:1")
    let keys = CommandKeys(variables: ["PATH": "/usr/bin:/bin"])
    let leaving = Task { () -> ModelError? in
      do throws(ModelError) {
        try await keys.ask(command, provider: "work")
        return nil
      } catch {
        return error
      }
    }
    leaving.cancel()
    #expect(await leaving.value?.kind == .cancelled)
    _ = try folder.write("go", "")
    try await keys.ask(command, provider: "work")
    #expect(keys[command] == "sk-printed-0123456789")
  }
}
