// What the program must know of a provider to speak to it: dialect, address, keys, and where it departs from its
// dialect. Nothing here reads the environment: rows name variables, whoever composes the program reads them.

/// Wire formats, by name. One file of Models/Dialects each.
package enum DialectName: String, Sendable, Hashable, CaseIterable {
  case openaiChat = "openai-chat"
  case openaiResponses = "openai-responses"
  case anthropic, gemini, ollama, builtin
}

/// Wire formats of embeddings, by name; the path goes with the format.
package enum EmbeddingDialectName: String, Sendable, Hashable, CaseIterable {
  /// `POST {base}/embeddings`
  case openai
  /// `POST {base}/models/{model}:batchEmbedContents`
  case gemini
  /// `POST {base}/api/embed`
  case ollama
  case builtin
}

/// A provider of models.
package struct ProviderRow: Sendable, Hashable {
  /// The name before the slash of `PROVIDER/MODEL`.
  package var name: String
  package var dialect: DialectName
  /// Nil where the provider offers no embeddings, or none in a format known here.
  package var embeddings: EmbeddingDialectName?
  /// Nil where the provider scores no documents, or in no format known here.
  package var reranking: RerankFormat?
  /// Address that the dialect's paths are added to, without a slash at its end. Empty where only a variable can say
  /// it (Azure), and for `builtin`.
  package var baseURL: String
  /// Environment variables that replace `baseURL`, the first one set wins.
  package var baseURLVariables: [BaseURLVariable]
  /// Ways to present a key, the first one whose variable is set wins.
  package var credentials: [Credential]
  /// The form for a key that comes from elsewhere (key file, key command), and whether one is needed at all.
  package var auth: Auth
  /// Request headers whose value is an environment variable's, sent when that is set.
  package var headerVariables: [HeaderVariable]
  /// Request headers with a value of their own, from the user's configuration.
  package var headers: [FixedHeader] = []
  /// A program that prints the key, asked where no variable holds one.
  package var keyCommand: KeyCommand?
  /// Runs on the user's own machine: every price is zero.
  package var isLocal: Bool
  /// False: written from documentation, and nobody has spoken to it yet.
  package var isTried: Bool
  package var quirks: Quirks
  /// The provider whose rows of the model catalogue hold here too, when it is another one.
  package var modelsOf: String?
  /// The day (`YYYY-MM-DD`) the provider closed.
  package var closed: String?
  /// One sentence for `awl models`, empty when there is nothing to say.
  package var note: String
  /// Where the provider documents its interface.
  package var documentation: String

  package init(
    _ name: String, _ dialect: DialectName, embeddings: EmbeddingDialectName? = nil, reranking: RerankFormat? = nil,
    baseURL: String, baseURLVariables: [BaseURLVariable] = [], credentials: [Credential] = [], auth: Auth = .bearer,
    headerVariables: [HeaderVariable] = [], isLocal: Bool = false, isTried: Bool = false, quirks: Quirks = [],
    modelsOf: String? = nil, closed: String? = nil, note: String = "", documentation: String = ""
  ) {
    self.name = name
    self.dialect = dialect
    self.embeddings = embeddings
    self.reranking = reranking
    self.baseURL = baseURL
    self.baseURLVariables = baseURLVariables
    self.credentials = credentials
    self.auth = auth
    self.headerVariables = headerVariables
    self.isLocal = isLocal
    self.isTried = isTried
    self.quirks = quirks
    self.modelsOf = modelsOf
    self.closed = closed
    self.note = note
    self.documentation = documentation
  }

  /// The variables that can hold a key, in the order they are looked at.
  package var keyVariables: [String] { credentials.map(\.variable) }

  /// The provider the model catalogue is asked about.
  package var catalogueName: String { modelsOf ?? name }
}

extension ProviderRow {
  /// How a key travels.
  package enum Auth: Sendable, Hashable {
    /// `Authorization: Bearer KEY`
    case bearer
    /// The key alone in a header of this name.
    case header(String)
    case none
    /// `Authorization: Bearer KEY` when there is a key, nothing otherwise.
    case bearerOrNone

    package var needsKey: Bool {
      switch self {
      case .bearer, .header: true
      case .none, .bearerOrNone: false
      }
    }
  }

  /// A variable that can hold a key, and the form that key travels in.
  package struct Credential: Sendable, Hashable {
    package var variable: String
    package var auth: Auth

    package init(_ variable: String, _ auth: Auth) {
      self.variable = variable
      self.auth = auth
    }
  }

  /// A variable that can hold the address.
  package struct BaseURLVariable: Sendable, Hashable {
    package var variable: String
    /// What the provider's own tools leave out of the variable's value and is to be added, such as `/openai/v1`
    /// behind `AZURE_OPENAI_ENDPOINT`; not added where the value ends in it already.
    package var path: String
    /// The port of a value that has neither scheme nor port, as in `OLLAMA_HOST=192.168.1.5`.
    package var defaultPort: Int?

    package init(_ variable: String, path: String = "", defaultPort: Int? = nil) {
      self.variable = variable
      self.path = path
      self.defaultPort = defaultPort
    }

    /// The base URL for a value of the variable: slashes at the end are dropped, a value without a scheme gets
    /// `http://` and the default port, and `path` is added once.
    package func baseURL(for value: String) -> String {
      var url = BaseURL.tidy(value)
      if !url.contains("://") { url = "http://" + BaseURL.authority(url, defaultPort: defaultPort) }
      return path.isEmpty || url.hasSuffix(path) ? url : BaseURL.joined(url, path)
    }
  }

  package struct FixedHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct HeaderVariable: Sendable, Hashable {
    package var header: String
    package var variable: String

    package init(_ header: String, _ variable: String) {
      self.header = header
      self.variable = variable
    }
  }

  /// Where a provider departs from its dialect's usual shape.
  package struct Quirks: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The answer's limit is called `max_tokens`.
    package static let maxTokensName = Quirks(rawValue: 1 << 0)
    /// Refuses `stream_options`.
    package static let noStreamOptions = Quirks(rawValue: 1 << 1)
    /// Takes a JSON Schema, but does not promise to keep to it: check every answer.
    package static let noStrictSchema = Quirks(rawValue: 1 << 2)
    /// Knows `response_format` `json_object` at most.
    package static let noSchema = Quirks(rawValue: 1 << 3)
    package static let noSeed = Quirks(rawValue: 1 << 4)
    /// The seed is called `random_seed`.
    package static let randomSeed = Quirks(rawValue: 1 << 5)
    /// An assistant message that called tools must carry its `reasoning_content` when it is sent back.
    package static let replaysReasoning = Quirks(rawValue: 1 << 7)
    /// `tool_choice` is `auto` or `none` only.
    package static let noForcedTool = Quirks(rawValue: 1 << 8)
    /// The length of embeddings is called `output_dimension`.
    package static let outputDimension = Quirks(rawValue: 1 << 9)
    /// Embedding models that tell queries from passages want `input_type`.
    package static let embeddingInputType = Quirks(rawValue: 1 << 10)
    /// Answers carry the cost of the call, which beats any price list.
    package static let reportsCost = Quirks(rawValue: 1 << 11)
    /// Has no models that answer: it embeds or scores.
    package static let noChat = Quirks(rawValue: 1 << 12)
  }
}
