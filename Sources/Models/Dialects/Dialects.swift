// The table of wire formats: adding one is its file and a line here.

package enum Dialects {
  /// The wire format of chat-like calls of a provider; `nil` for what runs in this process.
  package static func dialect(_ name: DialectName) -> (any Dialect.Type)? {
    switch name {
    case .openaiChat: OpenAIChatDialect.self
    case .openaiResponses: OpenAIResponsesDialect.self
    case .anthropic: AnthropicDialect.self
    case .gemini: GeminiDialect.self
    case .ollama: OllamaDialect.self
    case .builtin: nil
    }
  }

  /// The wire format of embedding calls; `nil` for what runs in this process.
  package static func embeddings(_ name: EmbeddingDialectName) -> (any EmbeddingDialect.Type)? {
    switch name {
    case .openai: OpenAIEmbedding.self
    case .gemini: GeminiEmbedding.self
    case .ollama: OllamaEmbedding.self
    case .builtin: nil
    }
  }
}
