// From what a person writes after -m to a model at a provider. Nothing is looked up over the network here: the one name
// that may need it (a default alias without any key) says so.

import Formats

/// A name that means no model, or more than one.
package struct ModelNameError: Error, Sendable, Equatable {
  package var message: String
  package var hint: String?

  package var text: String { message + (hint.map { " (\($0))" } ?? "") }
}

/// Resolves names of models.
package struct ModelNames: Sendable {
  package var catalogue: ModelCatalogue
  /// Environment variables: addresses of providers.
  package var variables: [String: String]
  package var credentials: Credentials
  /// The user's own names; they win over the default ones.
  package var aliases: [String: String]

  /// All providers: the user's, and the known ones that they do not replace.
  package var providers: [ProviderRow]
  /// The user's changes to requests.
  package var patches: [RequestPatch]

  /// - Parameter providers: the user's own, and known ones with what is changed.
  package init(
    catalogue: ModelCatalogue, variables: [String: String], credentials: Credentials, aliases: [String: String] = [:],
    providers: [ProviderRow] = [], patches: [RequestPatch] = []
  ) {
    self.providers =
      providers.isEmpty
      ? ProviderRow.all : ProviderRow.all.filter { row in !providers.contains { $0.name == row.name } } + providers
    self.patches = patches
    self.catalogue = catalogue
    self.variables = variables
    self.credentials = credentials
    self.aliases = aliases
  }

  /// Models that the default aliases mean, by provider, in the order of preference. The first provider with a key counts.
  package static let defaults: [(alias: String, models: [(provider: String, model: String)])] = [
    (
      "fast",
      [
        ("openai", "gpt-6-luna"), ("anthropic", "claude-haiku-5-5"), ("gemini", "gemini-3.5-flash-lite"),
        ("mistral", "mistral-small-latest"), ("groq", "openai/gpt-oss-20b"),
        ("deepseek", "deepseek-flash"), ("openrouter", "openrouter/auto"),
      ]
    ),
    (
      "smart",
      [
        ("openai", "gpt-6.2-sol"), ("anthropic", "claude-sonnet-5-5"), ("gemini", "gemini-4-argon"),
        ("mistral", "mistral-large-4"), ("groq", "openai/gpt-oss-120b"),
        ("deepseek", "deepseek-v4-pro"), ("openrouter", "openrouter/auto"),
      ]
    ),
    (
      "embed",
      [
        ("openai", "text-embedding-3-small"), ("gemini", "gemini-embedding-001"), ("mistral", "mistral-embed"),
      ]
    ),
  ]

  /// The provider of a name, nil when there is none.
  package func providerRow(named name: String) -> ProviderRow? { providers.first { $0.name == name } }

  package enum Resolution: Sendable {
    case target(Target)
    /// A default alias, and no provider has a key: a local Ollama may answer.
    case local(alias: String)
  }

  /// - Parameter baseURL: `--base-url`: the address for this call. With a name that has no provider in front it means an
  ///   OpenAI-compatible server.
  package func resolve(_ name: String, baseURL: String? = nil) throws(ModelNameError) -> Resolution {
    let name = aliases[name] ?? name
    guard !name.isEmpty else { throw ModelNameError(message: "the model's name is empty", hint: "-m PROVIDER/MODEL") }
    if let baseURL, provider(before: name) == nil { return .target(try custom(name, baseURL)) }
    if let (provider, model) = try split(name) { return .target(try target(provider, model, baseURL)) }
    if let alias = ModelNames.defaults.first(where: { $0.alias == name }) { return try resolve(alias: alias) }
    return .target(try bare(name))
  }

  private func resolve(
    alias: (alias: String, models: [(provider: String, model: String)])
  ) throws(ModelNameError) -> Resolution {
    for (name, model) in alias.models {
      guard let provider = providerRow(named: name), hasKey(provider) else { continue }
      return .target(try target(provider, model, nil))
    }
    return .local(alias: alias.alias)
  }

  package func hasKey(_ provider: ProviderRow) -> Bool { credentials.source(of: provider) != nil }

  /// The model of a provider; its address from the flag, else the environment, else the table.
  package func target(_ provider: ProviderRow, _ model: String, _ baseURL: String?) throws(ModelNameError) -> Target {
    guard !model.isEmpty else {
      throw ModelNameError(message: "'\(provider.name)/' names no model", hint: "see awl models list \(provider.name)")
    }
    let row = catalogue.row(provider: provider.catalogueName, id: model)
    if provider.dialect == .builtin, row == nil {
      throw unknown("builtin/\(model)", hint: "see awl models list builtin")
    }
    var address = baseURL.map(BaseURL.tidy) ?? ""
    if address.isEmpty {
      address = provider.baseURL
      for variable in provider.baseURLVariables {
        if let value = variables[variable.variable], !value.isEmpty {
          address = variable.baseURL(for: value)
          break
        }
      }
    }
    if address.isEmpty, provider.dialect != .builtin {
      let names = provider.baseURLVariables.map(\.variable).joined(separator: " or ")
      throw ModelNameError(
        message: "\(provider.name) has no address of its own", hint: "set \(names), or --base-url URL")
    }
    return try patched(Target(provider: provider, model: model, row: row, baseURL: address))
  }

  /// A provider and the model's wire name, where the name has a provider in front: `openai/gpt-5`, `openai:gpt-5`,
  /// promptfoo's `openai:chat:gpt-5`.
  private func split(_ name: String) throws(ModelNameError) -> (ProviderRow, String)? {
    guard let mark = name.firstIndex(where: { $0 == "/" || $0 == ":" }) else { return nil }
    let first = String(name[..<mark])
    var rest = String(name[name.index(after: mark)...])
    guard var provider = provider(before: name) else {
      if !catalogue.rows(named: name).isEmpty { return nil }
      if name[mark] == ":" { return nil }
      let near = EditDistance.suggestion(for: first, among: providers.map(\.name))
      throw ModelNameError(
        message: "unknown provider '\(first)'",
        hint: near.map { "did you mean '\($0)/\(rest)'?" } ?? "see awl models, or --base-url for a server of your own")
    }
    if name[mark] == ":" {
      for (form, dialect) in ModelNames.forms where rest.hasPrefix(form + ":") {
        rest = String(rest.dropFirst(form.count + 1))
        if let dialect, provider.name == "openai", let other = providerRow(named: dialect) { provider = other }
        break
      }
    }
    return (provider, rest)
  }

  /// The provider that a name begins with.
  private func provider(before name: String) -> ProviderRow? {
    guard let mark = name.firstIndex(where: { $0 == "/" || $0 == ":" }) else { return nil }
    let first = String(name[..<mark])
    return providerRow(named: ModelNames.spellings[first] ?? first)
  }

  /// Other tools' names of providers.
  private static let spellings = ["google": "gemini", "azureopenai": "azure", "llama.cpp": "llamacpp", "x-ai": "xai"]
  /// The middle word of promptfoo's names, and the provider row that OpenAI's models are reached by then.
  private static let forms: [(String, String?)] = [
    ("chat", "openai-chat"), ("responses", "openai"), ("messages", nil), ("completion", nil), ("embedding", nil),
    ("embeddings", nil),
  ]

  private func bare(_ name: String) throws(ModelNameError) -> Target {
    let rows = catalogue.rows(named: name)
    guard rows.count <= 1 else {
      let candidates = rows.map { "\($0.provider)/\($0.id)" }.joined(separator: ", ")
      throw ModelNameError(message: "'\(name)' is a model of several providers", hint: "name one: \(candidates)")
    }
    guard let row = rows.first, let provider = providerRow(named: row.provider) else { throw unknown(name, hint: nil) }
    // Sent as it was written: a dated snapshot shares the row of its undated name.
    let tail = row.id.hasSuffix("/" + name)
    return try target(provider, tail ? row.id : name, nil)
  }

  private func unknown(_ name: String, hint: String?) -> ModelNameError {
    let aliasNames = ModelNames.defaults.map(\.alias) + Array(aliases.keys)
    let near =
      EditDistance.suggestion(for: name, among: aliasNames).map { [$0] } ?? catalogue.nearest(to: name, limit: 3)
    let suggestion = near.isEmpty ? nil : "did you mean \(near.joined(separator: ", "))?"
    return ModelNameError(
      message: "unknown model '\(name)'",
      hint: suggestion ?? hint ?? "write PROVIDER/MODEL for one that awl does not list; see awl models")
  }

  /// A server that speaks OpenAI's chat completions, at an address given by the user. It gets only the key that was
  /// meant for it. Models there may have slashes in their names; the log knows them as `custom/MODEL`.
  private func custom(_ name: String, _ baseURL: String) throws(ModelNameError) -> Target {
    let model = name.hasPrefix("custom/") ? String(name.dropFirst(7)) : name
    guard !model.isEmpty else { throw ModelNameError(message: "'custom/' names no model", hint: "-m custom/MODEL") }
    let row = ProviderRow(
      "custom", .openaiChat, embeddings: .openai, baseURL: "",
      credentials: [ProviderRow.Credential("AWL_API_KEY", .bearer)], auth: .bearerOrNone, quirks: [.maxTokensName])
    return try patched(Target(provider: row, model: model, row: nil, baseURL: BaseURL.tidy(baseURL)))
  }

  /// With the patches that are meant for it.
  private func patched(_ target: Target) throws(ModelNameError) -> Target {
    guard !patches.isEmpty else { return target }
    var target = target
    for patch in patches {
      do throws(RegularExpressionError) {
        if try patch.model.isMatch(target.name) { target.patches.append(patch) }
      } catch {
        throw ModelNameError(message: "the patch for '\(patch.model.pattern)': \(error)")
      }
    }
    return target
  }
}
