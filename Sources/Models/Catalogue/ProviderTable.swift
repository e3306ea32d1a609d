// The table of providers, one row each. Addresses, variables and quirks come from the providers' documentation and
// SDKs (openai 3.54, anthropic 2.12, google-genai 3.4, groq 1.7, mistralai 3.7) and from litellm 1.109.
// A quirk stands where a source says so; servers of many makes behind one name get the careful ones.

extension ProviderRow {
  /// The provider of a name, nil when there is none.
  package static func named(_ name: String) -> ProviderRow? { all.first { $0.name == name } }

  /// All providers, in the order they are listed. Made when first asked for.
  package static let all: [ProviderRow] = vendors + compatible + local

  private static let organisation = [
    HeaderVariable("OpenAI-Organization", "OPENAI_ORG_ID"), HeaderVariable("OpenAI-Project", "OPENAI_PROJECT_ID"),
  ]

  private static let vendors: [ProviderRow] = [
    ProviderRow(
      "openai", .openaiResponses, embeddings: .openai, baseURL: "https://api.openai.com/v1",
      baseURLVariables: [BaseURLVariable("OPENAI_BASE_URL")], credentials: [Credential("OPENAI_API_KEY", .bearer)],
      headerVariables: organisation, documentation: "https://developers.openai.com/api/docs"),
    ProviderRow(
      "openai-chat", .openaiChat, embeddings: .openai, baseURL: "https://api.openai.com/v1",
      baseURLVariables: [BaseURLVariable("OPENAI_BASE_URL")], credentials: [Credential("OPENAI_API_KEY", .bearer)],
      headerVariables: organisation, modelsOf: "openai", note: "OpenAI through chat completions",
      documentation: "https://developers.openai.com/api/docs"),
    ProviderRow(
      "anthropic", .anthropic, baseURL: "https://api.anthropic.com",
      baseURLVariables: [BaseURLVariable("ANTHROPIC_BASE_URL")],
      credentials: [
        Credential("ANTHROPIC_API_KEY", .header("x-api-key")), Credential("ANTHROPIC_AUTH_TOKEN", .bearer),
      ],
      auth: .header("x-api-key"), documentation: "https://platform.claude.com/docs"),
    ProviderRow(
      "gemini", .gemini, embeddings: .gemini, baseURL: "https://generativelanguage.googleapis.com/v1beta",
      baseURLVariables: [BaseURLVariable("GOOGLE_GEMINI_BASE_URL", path: "/v1beta")],
      credentials: [
        Credential("GOOGLE_API_KEY", .header("x-goog-api-key")),
        Credential("GEMINI_API_KEY", .header("x-goog-api-key")),
      ],
      auth: .header("x-goog-api-key"), documentation: "https://ai.google.dev/gemini-api/docs"),
    ProviderRow(
      "azure", .openaiChat, embeddings: .openai, baseURL: "",
      baseURLVariables: [BaseURLVariable("AZURE_OPENAI_ENDPOINT", path: "/openai/v1")],
      credentials: [
        Credential("AZURE_OPENAI_AD_TOKEN", .bearer), Credential("AZURE_OPENAI_API_KEY", .header("api-key")),
      ],
      auth: .header("api-key"), note: "the model is the name of your deployment, so its price is not known here",
      documentation: "https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle"),
  ]

  /// A provider that speaks OpenAI's chat completions and takes one bearer key.
  private static func chat(
    _ name: String, _ baseURL: String, keys: [String], embeddings: EmbeddingDialectName? = nil,
    reranking: RerankFormat? = nil, baseURLVariables: [BaseURLVariable] = [], quirks: Quirks = [],
    closed: String? = nil, note: String = "",
    documentation: String
  ) -> ProviderRow {
    ProviderRow(
      name, .openaiChat, embeddings: embeddings, reranking: reranking, baseURL: baseURL,
      baseURLVariables: baseURLVariables,
      credentials: keys.map { Credential($0, .bearer) }, quirks: quirks, closed: closed, note: note,
      documentation: documentation)
  }

  private static let compatible: [ProviderRow] = [
    chat(
      "mistral", "https://api.mistral.ai/v1", keys: ["MISTRAL_API_KEY"], embeddings: .openai,
      quirks: [.maxTokensName, .noStreamOptions, .randomSeed, .outputDimension],
      documentation: "https://docs.mistral.ai/api"),
    chat(
      "groq", "https://api.groq.com/openai/v1", keys: ["GROQ_API_KEY"],
      baseURLVariables: [BaseURLVariable("GROQ_BASE_URL", path: "/openai/v1")],
      documentation: "https://console.groq.com/docs/openai"),
    chat(
      "together", "https://api.together.ai/v1", keys: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"],
      embeddings: .openai, reranking: .jina, quirks: [.maxTokensName],
      documentation: "https://docs.together.ai/reference/chat-completions"),
    chat(
      "fireworks", "https://api.fireworks.ai/inference/v1", keys: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"],
      embeddings: .openai, baseURLVariables: [BaseURLVariable("FIREWORKS_API_BASE")], quirks: [.maxTokensName],
      documentation: "https://docs.fireworks.ai/api-reference/post-chatcompletions"),
    chat(
      "openrouter", "https://openrouter.ai/api/v1", keys: ["OPENROUTER_API_KEY"], embeddings: .openai,
      baseURLVariables: [BaseURLVariable("OPENROUTER_API_BASE")], quirks: [.maxTokensName, .reportsCost],
      documentation: "https://openrouter.ai/docs/api-reference/overview"),
    chat(
      "deepseek", "https://api.deepseek.com", keys: ["DEEPSEEK_API_KEY"],
      baseURLVariables: [BaseURLVariable("DEEPSEEK_API_BASE")],
      quirks: [.maxTokensName, .noSchema, .replaysReasoning],
      note: "outside its peak hours the price is half of the one shown",
      documentation: "https://api-docs.deepseek.com"),
    chat(
      "xai", "https://api.x.ai/v1", keys: ["XAI_API_KEY"], baseURLVariables: [BaseURLVariable("XAI_API_BASE")],
      documentation: "https://docs.x.ai/docs/api-reference"),
    chat(
      "cerebras", "https://api.cerebras.ai/v1", keys: ["CEREBRAS_API_KEY"],
      baseURLVariables: [BaseURLVariable("CEREBRAS_API_BASE")],
      documentation: "https://inference-docs.cerebras.ai/resources/openai"),
    ProviderRow(
      "perplexity", .openaiResponses, embeddings: .openai, baseURL: "https://api.perplexity.ai/v1",
      credentials: [Credential("PERPLEXITY_API_KEY", .bearer), Credential("PERPLEXITYAI_API_KEY", .bearer)],
      quirks: [.reportsCost],
      note: "the Agent API, which took the place of Sonar's chat completions on 2026-09-27",
      documentation: "https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview"),
    chat(
      "nvidia", "https://integrate.api.nvidia.com/v1", keys: ["NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"],
      embeddings: .openai, baseURLVariables: [BaseURLVariable("NVIDIA_NIM_API_BASE")],
      quirks: [.maxTokensName, .embeddingInputType],
      documentation: "https://docs.api.nvidia.com/nim/reference/llm-apis"),
    chat(
      "huggingface", "https://router.huggingface.co/v1", keys: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
      quirks: [.maxTokensName, .noStrictSchema],
      documentation: "https://huggingface.co/docs/inference-providers/tasks/chat-completion"),
    chat(
      "deepinfra", "https://api.deepinfra.com/v1/openai", keys: ["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
      embeddings: .openai, baseURLVariables: [BaseURLVariable("DEEPINFRA_API_BASE")],
      quirks: [.maxTokensName, .noSeed, .noForcedTool],
      documentation: "https://docs.deepinfra.com/chat/overview"),
    chat(
      "sambanova", "https://api.sambanova.ai/v1", keys: ["SAMBANOVA_API_KEY"], embeddings: .openai,
      baseURLVariables: [BaseURLVariable("SAMBANOVA_API_BASE")],
      quirks: [.maxTokensName, .noSeed],
      documentation: "https://docs.sambanova.ai/cloud/docs/capabilities/openai-compatibility"),
    chat(
      "hyperbolic", "https://api.hyperbolic.xyz/v1", keys: ["HYPERBOLIC_API_KEY"],
      baseURLVariables: [BaseURLVariable("HYPERBOLIC_API_BASE")],
      quirks: [.maxTokensName, .noStreamOptions],
      documentation: "https://docs.hyperbolic.xyz/docs/rest-api"),
    chat(
      "github", "https://models.github.ai/inference", keys: ["GITHUB_TOKEN"],
      embeddings: .openai, quirks: [.maxTokensName], closed: "2026-07-30",
      note: "GitHub retired GitHub Models on 2026-07-30",
      documentation: "https://docs.github.com/rest/models/inference"),
    chat(
      "cohere", "https://api.cohere.ai/compatibility/v1", keys: ["CO_API_KEY", "COHERE_API_KEY"], embeddings: .openai,
      reranking: .cohere, quirks: [.maxTokensName, .noStreamOptions],
      note: "through Cohere's OpenAI-compatible interface",
      documentation: "https://docs.cohere.com/docs/compatibility-api"),
    chat(
      "voyage", "https://api.voyageai.com/v1", keys: ["VOYAGE_API_KEY"], reranking: .voyage, quirks: [.noChat],
      note: "scores documents (awl embed search --rerank)",
      documentation: "https://docs.voyageai.com/reference/reranker-api"),
    chat(
      "jina", "https://api.jina.ai/v1", keys: ["JINA_API_KEY"], reranking: .jina, quirks: [.noChat],
      note: "scores documents (awl embed search --rerank)", documentation: "https://api.jina.ai/redoc"),
  ]

  /// A server of the user's own that speaks OpenAI's chat completions, with a key only where it was given one.
  private static func server(
    _ name: String, _ baseURL: String, keys: [String], reranking: RerankFormat? = nil,
    baseURLVariables: [BaseURLVariable],
    isLocal: Bool = true,
    quirks: Quirks = [.maxTokensName, .noStrictSchema], note: String = "", documentation: String
  ) -> ProviderRow {
    ProviderRow(
      name, .openaiChat, embeddings: .openai, reranking: reranking, baseURL: baseURL,
      baseURLVariables: baseURLVariables,
      credentials: keys.map { Credential($0, .bearerOrNone) }, auth: .bearerOrNone, isLocal: isLocal, quirks: quirks,
      note: note, documentation: documentation)
  }

  private static let local: [ProviderRow] = [
    ProviderRow(
      "ollama", .ollama, embeddings: .ollama, baseURL: "http://127.0.0.1:11434",
      baseURLVariables: [BaseURLVariable("OLLAMA_HOST", defaultPort: 11_434)],
      credentials: [Credential("OLLAMA_API_KEY", .bearerOrNone)],
      auth: .bearerOrNone, isLocal: true, documentation: "https://docs.ollama.com/api"),
    server(
      "lmstudio", "http://127.0.0.1:1234/v1", keys: ["LM_STUDIO_API_KEY"],
      baseURLVariables: [BaseURLVariable("LM_STUDIO_API_BASE")],
      documentation: "https://lmstudio.ai/docs/developer/openai-compat"),
    server(
      "llamacpp", "http://127.0.0.1:8080/v1", keys: ["LLAMA_API_KEY"], reranking: .jina, baseURLVariables: [],
      documentation: "https://github.com/ggml-org/llama.cpp/tree/master/tools/server"),
    server(
      "vllm", "http://127.0.0.1:8000/v1", keys: ["VLLM_API_KEY", "HOSTED_VLLM_API_KEY"],
      reranking: .jina, baseURLVariables: [BaseURLVariable("HOSTED_VLLM_API_BASE")],
      documentation: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"),
    server(
      "litellm", "http://127.0.0.1:4000/v1", keys: ["LITELLM_PROXY_API_KEY"],
      reranking: .jina, baseURLVariables: [BaseURLVariable("LITELLM_PROXY_API_BASE", path: "/v1")], isLocal: false,
      quirks: [.noStrictSchema],
      note: "a gateway: prices are those of the models behind it", documentation: "https://docs.litellm.ai"),
    server(
      "localai", "http://127.0.0.1:8080/v1", keys: ["LOCALAI_API_KEY"], reranking: .jina, baseURLVariables: [],
      documentation: "https://localai.io"),
    server(
      "tei", "http://127.0.0.1:8080/v1", keys: ["TEI_API_KEY"], reranking: .tei, baseURLVariables: [],
      quirks: [.noChat], note: "Hugging Face's text-embeddings-inference: embeds, and scores documents",
      documentation: "https://huggingface.co/docs/text-embeddings-inference"),
    ProviderRow(
      "builtin", .builtin, embeddings: .builtin, baseURL: "", auth: .none, isLocal: true, isTried: true,
      note: "in this program: no key, no network"),
  ]
}
