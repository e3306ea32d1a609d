// The five wire formats as a test's table: how to make awl speak each to a server on loopback, and how that server answers.

import Support

/// A wire format with a provider that speaks it.
enum Wire: String, CaseIterable, Sendable {
  case openaiChat, openaiResponses, anthropic, gemini, ollama

  static let secret = "sk-test-0123456789abcdefghij"

  var format: any WireFormat.Type {
    switch self {
    case .openaiChat: OpenAIChat.self
    case .openaiResponses: OpenAIResponses.self
    case .anthropic: Anthropic.self
    case .gemini: Gemini.self
    case .ollama: Ollama.self
    }
  }

  var model: String {
    switch self {
    case .openaiChat: "openai-chat/gpt-4o"
    case .openaiResponses: "openai/gpt-6-luna"
    case .anthropic: "anthropic/claude-sonnet-5-5"
    case .gemini: "gemini/gemini-3.5-flash"
    case .ollama: "ollama/llama3.2"
    }
  }

  /// The environment with a key; the server's address where the provider takes it from a variable.
  func environment(_ server: ScriptedServer) -> [String: String] {
    switch self {
    case .openaiChat, .openaiResponses: ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": server.url("/v1")]
    case .anthropic: ["ANTHROPIC_API_KEY": Wire.secret, "ANTHROPIC_BASE_URL": server.url()]
    case .gemini: ["GEMINI_API_KEY": Wire.secret]
    case .ollama: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"]
    }
  }

  /// The header that the key travels in, with its value.
  var credential: (name: String, value: String)? {
    switch self {
    case .openaiChat, .openaiResponses: ("authorization", "Bearer \(Wire.secret)")
    case .anthropic: ("x-api-key", Wire.secret)
    case .gemini: ("x-goog-api-key", Wire.secret)
    case .ollama: nil
    }
  }

  var path: String { path(isStreaming: true) }

  func path(isStreaming: Bool) -> String {
    switch self {
    case .openaiChat: "/v1/chat/completions"
    case .openaiResponses: "/v1/responses"
    case .anthropic: "/v1/messages"
    case .gemini: "/v1beta/models/gemini-3.5-flash:\(isStreaming ? "streamGenerateContent" : "generateContent")"
    case .ollama: "/api/chat"
    }
  }

  /// `awl prompt` with this wire's model and the given words.
  func prompt(_ server: ScriptedServer, _ words: [String]) -> [String] {
    let address = self == .gemini ? ["--base-url", server.url("/v1beta")] : []
    return ["prompt", "-m", model] + address + words
  }

  /// Runs `awl prompt` to its end.
  func run(
    _ server: ScriptedServer, _ words: [String], stdin: ProcessInput = .none, home: TemporaryDirectory? = nil,
    environment: [String: String] = [:], seconds: Double = generousDeadline
  ) async throws -> ProcessResult {
    try await runProgram(
      prompt(server, words), environment: self.environment(server).merging(environment) { $1 }, stdin: stdin,
      home: home, seconds: seconds)
  }

  /// One call that must come, streamed or not.
  func exchange(_ actions: [ServerAction], isStreaming: Bool = true, times: Int = 1) -> Exchange {
    Exchange(.post(path(isStreaming: isStreaming)), times: times, actions)
  }
}
