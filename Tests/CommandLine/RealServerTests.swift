// Real servers on loopback: nginx for TLS, HTTP/2, gzip and gateways, tinyproxy for proxies with and without a password.

import Foundation
import Support
import Testing

private let answer = OpenAIChat.stream(["through ", "a real server"])

/// `awl prompt` to `address`, and the scripted model server behind it.
private func prompt(
  _ address: String, _ words: [String] = [], environment: [String: String] = [:]
) async throws -> ProcessResult {
  try await runProgram(
    ["prompt", "-m", "openai-chat/gpt-6-luna", "--base-url", address, "--retries", "0", "hi"] + words,
    environment: environment.merging(["OPENAI_API_KEY": Wire.secret]) { $1 })
}

@Suite("real servers behind awl prompt") struct RealServerPromptTests {
  private static let path = "/proxy/v1"

  @Test(
    "TLS that does not verify is refused, and trusted by --ca-file and the usual variables",
    .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func certificates() async throws {
    let server = try ScriptedServer([Exchange(.post("/v1/chat/completions"), times: 3, answer)])
    let nginx = try await Nginx.start(upstream: server.port)
    let address = nginx.url(Self.path)
    let refused = try await prompt(address)
    #expect(refused.exit == .code(7), "\(refused.errorText)")
    #expect(refused.errorText.contains("--ca-file"), "\(refused.errorText)")
    let trusted = try await prompt(address, ["--ca-file", nginx.certificateFile])
    #expect(trusted.text == "through a real server\n", "\(trusted.errorText)")
    for variable in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
      let result = try await prompt(address, environment: [variable: nginx.certificateFile])
      #expect(result.text == "through a real server\n", "\(variable): \(result.errorText)")
    }
    server.expectUsedUp()
    try await nginx.stop()
  }

  @Test("a compressed answer is read", .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func compressed() async throws {
    let long = ScriptedAnswer([String(repeating: "squeeze me ", count: 500)])
    let server = try ScriptedServer([Exchange(.post("/v1/chat/completions"), OpenAIChat.answer(long))])
    let nginx = try await Nginx.start(upstream: server.port)
    let result = try await prompt(
      nginx.url("/proxy-gzip/v1"), ["--no-stream", "--ca-file", nginx.certificateFile])
    #expect(result.text == long.text + "\n", "\(result.errorText)")
    try await nginx.stop()
  }

  @Test("a gateway's page is no answer", .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func gateway() async throws {
    let nginx = try await Nginx.start()
    let result = try await prompt(nginx.url("/bad-gateway"), ["--ca-file", nginx.certificateFile])
    #expect(result.exit == .code(7), "\(result.errorText)")
    #expect(result.errorText.contains("502"), "\(result.errorText)")
    #expect(!result.errorText.contains("\n<"))
    try await nginx.stop()
  }

  @Test(
    "a plain port spoken to by TLS is an error of TLS", .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func plainPort() async throws {
    let nginx = try await Nginx.start()
    let result = try await prompt("https://127.0.0.1:\(nginx.plainPort)/v1")
    #expect(result.exit == .code(7), "\(result.errorText)")
    try await nginx.stop()
  }

  @Test(
    "a proxy with a password carries the call, and a wrong password is told without being shown",
    .enabled(if: RealServers.canRun(.tinyproxy), RealServers.hint))
  func proxy() async throws {
    let server = try ScriptedServer([Exchange(.post("/v1/chat/completions"), times: 3, answer)])
    let proxy = try await Tinyproxy.start(user: "ada:lovelace-1815")
    // A name that only a proxy is asked for: loopback addresses are reached through it like any other.
    let address = server.url("/v1")
    let byFlag = try await prompt(address, ["--proxy", proxy.url])
    #expect(byFlag.text == "through a real server\n", "\(byFlag.errorText)")
    let byVariable = try await prompt(address, environment: ["http_proxy": proxy.url])
    #expect(byVariable.text == "through a real server\n", "\(byVariable.errorText)")
    let around = try await prompt(address, environment: ["http_proxy": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"])
    #expect(around.text == "through a real server\n", "\(around.errorText)")
    let wrong = proxy.url.replacing("lovelace-1815", with: "babbage-1791")
    let refused = try await prompt(address, ["--proxy", wrong])
    #expect(refused.exit != .code(0))
    #expect(!refused.errorText.contains("babbage"), "\(refused.errorText)")
    #expect(refused.errorText.lowercased().contains("proxy"), "\(refused.errorText)")
    server.expectUsedUp()
    try await proxy.stop()
  }
}
