// Addresses and files as they should not be, and what is made of them.

import Foundation
import Support
import Testing

@Suite("addresses and files") struct BadServerAddressTests {
  @Test(
    "an address is understood as it was meant, and its password not shown",
    arguments: [
      ("OPENAI_BASE_URL", " http://h:1/v1/ ", "http://h:1/v1/responses"),
      ("OPENAI_BASE_URL", "h:1/v1", "http://h:1/v1/responses"),
      ("OPENAI_BASE_URL", "http://h/v1/?api-version=1", "http://h/v1/responses?api-version=1"),
      ("OPENAI_BASE_URL", "http://h/v1#part", "http://h/v1/responses"),
      ("OPENAI_BASE_URL", "http://ada:pass-1815@h/v1", "http://h/v1/responses"),
      ("OLLAMA_HOST", "0.0.0.0", "http://127.0.0.1:11434/api/chat"),
      ("OLLAMA_HOST", "0.0.0.0:8080", "http://127.0.0.1:8080/api/chat"),
      ("OLLAMA_HOST", ":8080", "http://127.0.0.1:8080/api/chat"),
      ("OLLAMA_HOST", "[::]:9", "http://[::1]:9/api/chat"), ("OLLAMA_HOST", "::1", "http://[::1]:11434/api/chat"),
      ("OLLAMA_HOST", "h", "http://h:11434/api/chat"), ("OLLAMA_HOST", "https://h/", "https://h/api/chat"),
      ("OLLAMA_HOST", "https://ada:pass-1815@h", "https://h/api/chat"),
    ])
  func addresses(variable: String, value: String, url: String) async throws {
    let model = variable == "OLLAMA_HOST" ? "ollama/llama3.2" : "openai/gpt-6-luna"
    let result = try await runProgram(["prompt", "-m", model, "--dry-run", "hi"], environment: [variable: value])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.contains("\"url\": \"\(url)\""), "\(result.text)")
    #expect(!result.text.contains("pass-1815"))
  }

  @Test("user and password of an address open the door, and are not kept in the log") func password() async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([Wire.ollama.exchange(Ollama.stream("in"))])
    let address = "http://ada:pass-1815@127.0.0.1:\(server.port)"
    let result = try await runProgram(
      ["prompt", "-m", "ollama/llama3.2", "hi"], environment: ["OLLAMA_HOST": address], home: home)
    #expect(result.text == "in\n", "\(result.errorText)")
    #expect(server.requests.first?.headers.contains { $0.value == "Basic YWRhOnBhc3MtMTgxNQ==" } == true)
    let log = try await runProgram(["logs", "show", "--json"], home: home)
    #expect(log.text.contains("127.0.0.1") && !log.text.contains("pass-1815"), "\(log.text)")
  }

  @Test(
    "addresses that are none are told before anything is sent",
    arguments: ["http://", "http:///v1", "http://h:99999/v1", "http://h:abc/v1", "ftp://h/v1", "http://[::1/v1"])
  func noAddress(address: String) async throws {
    let result = try await runProgram(
      ["prompt", "-m", "openai/gpt-6-luna", "--retries", "0", "hi"],
      environment: ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": address])
    #expect([.code(2), .code(4), .code(7)].contains(result.exit), "\(address): \(result.errorText)")
    #expect(!result.errorText.contains(Wire.secret))
  }

  @Test("a FIFO that nobody writes to is waited for, and an interruption ends the wait at once")
  func fifo() async throws {
    let directory = try TemporaryDirectory("files")
    let path = directory.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let process = try RunningProcess.start(["prompt", "-m", "builtin/echo", "-f", path, "hi"])
    // It can be opened for writing as soon as somebody opens it for reading.
    var writer: CInt = -1
    while writer < 0, !process.hasEnded {
      writer = open(path, O_WRONLY | O_NONBLOCK)
      await Task.yield()
    }
    defer { close(writer) }
    process.send(SIGINT)
    let ended = try await process.wait()
    #expect(ended.exit == .code(130), "\(ended.errorText)")
    // Not by the grace that a command which does not end is given.
    #expect(ended.errorText.contains("interrupted"), "\(ended.errorText)")
    let attached = try await runProgram(["prompt", "-m", "openai/gpt-6-luna", "--dry-run", "-a", path, "hi"])
    #expect(attached.exit == .code(2) && attached.errorText.contains("regular file"), "\(attached.errorText)")
  }
}
