// Providers, models, prices and patches of the configuration, as rows of the same kinds that the program ships with.

import Formats
import Models

extension Config {
  /// Providers of the configuration: new ones, and known ones with what is changed.
  var providers: [ProviderRow] { names("providers").compactMap { provider($0).row } }

  /// What can only be said when the files are seen together.
  var meaningProblems: [String] {
    names("providers").compactMap { provider($0).problem } + names("models").compactMap { modelProblem($0, "models") }
      + names("prices").compactMap { modelProblem($0, "prices") } + optionProblems + patchProblems
  }

  private func provider(_ name: String) -> (row: ProviderRow?, problem: String?) {
    func value(_ key: String) -> JSON? { self["providers", name, key]?.value }
    let place = leaves.first { $0.path.starts(with: ["providers", name]) }?.place.text ?? ""
    if ["builtin", "custom"].contains(name) {
      return (nil, "\(place): providers.\(name): this name is taken (choose another)")
    }
    guard !name.isEmpty, !name.utf8.contains(where: { "/:".utf8.contains($0) || $0 <= 0x20 }) else {
      return (nil, "\(place): providers: '\(name)' is no name of a provider (no '/', ':' or space)")
    }
    var row: ProviderRow
    if let known = ProviderRow.named(name) {
      row = known
    } else {
      guard value("base_url") != nil else {
        return (nil, "\(place): providers.\(name): base_url is missing (the server's address)")
      }
      row = ProviderRow(name, .openaiChat, embeddings: .openai, baseURL: "", auth: .bearerOrNone)
      row.quirks = [.maxTokensName, .noStrictSchema]
      row.isTried = true
    }
    if let dialect = value("dialect")?.string.flatMap(DialectName.init(rawValue:)) {
      row.dialect = dialect
      if ProviderRow.named(name) == nil { row.adopt(dialect) }
    }
    if let url = value("base_url")?.string {
      row.baseURL = BaseURL.tidy(url)
      row.closed = nil
    }
    switch value("embeddings")?.string {
    case nil: break
    case "none": row.embeddings = nil
    case let name?: row.embeddings = EmbeddingDialectName(rawValue: name)
    }
    switch value("reranking")?.string {
    case nil: break
    case "none": row.reranking = nil
    case let name?: row.reranking = RerankFormat(rawValue: name)
    }
    let variables = value("key_env")?.texts.map(\.text)
    let arguments = value("key_command")?.texts.map(\.text)
    if let auth = value("auth")?.string {
      row.auth = Config.auth(auth)
      row.credentials = row.credentials.map { ProviderRow.Credential($0.variable, row.auth) }
    } else if row.auth == .bearerOrNone, variables != nil || arguments != nil {
      row.auth = .bearer
    }
    if let variables { row.credentials = variables.map { ProviderRow.Credential($0, row.auth) } }
    if let leaf = self["providers", name, "key_command"], let arguments {
      row.keyCommand = KeyCommand(
        arguments: arguments, variables: value("key_command_env")?.texts.map(\.text) ?? [],
        timeout: value("key_command_timeout").flatMap(ConfigUnits.seconds) ?? 10,
        directory: leaf.place.directory, place: leaf.place.text)
    }
    if let headers = value("headers") {
      row.headers = headers.members.compactMap { name, value in value.string.map { (name, $0) } }.map {
        ProviderRow.FixedHeader($0.0, $0.1)
      }
    }
    if let headers = value("header_env") {
      row.headerVariables += headers.members.compactMap { name, value in
        value.string.map { ProviderRow.HeaderVariable(name, $0) }
      }
    }
    if let quirks = value("quirks") {
      row.quirks = ProviderRow.Quirks(Config.values(quirks, ConfigNames.providerQuirks))
    }
    if let isLocal = value("local")?.bool { row.isLocal = isLocal }
    if let note = value("note")?.string { row.note = note }
    return (row, nil)
  }

  private static func auth(_ text: String) -> ProviderRow.Auth {
    switch text {
    case "bearer": .bearer
    case "optional": .bearerOrNone
    case "none": .none
    default: .header(text)
    }
  }

  private static func values<Value>(_ words: JSON, _ names: [(name: String, value: Value)]) -> [Value] {
    words.texts.compactMap { word in names.first { $0.name == word.text }?.value }
  }

  // MARK: Models

  private func modelProblem(_ name: String, _ key: String) -> String? {
    let parts = Config.parts(of: name)
    if let parts, !parts.provider.isEmpty, !parts.model.isEmpty { return nil }
    let place = leaves.first { $0.path.starts(with: [key, name]) }?.place.text ?? ""
    return "\(place): \(key): '\(name)' names no model (write PROVIDER/MODEL)"
  }

  private static func parts(of name: String) -> (provider: String, model: String)? {
    guard let slash = name.firstIndex(of: "/") else { return nil }
    return (String(name[..<slash]), String(name[name.index(after: slash)...]))
  }

  /// Rows that stand before the catalogue's: its own with what is changed, and new ones.
  var modelRows: [ModelRow] {
    var rows: [ModelRow] = []
    var names = names("models")
    for name in self.names("prices") where !names.contains(name) { names.append(name) }
    for name in names {
      guard let (provider, id) = Config.parts(of: name) else { continue }
      rows.append(modelRow(name, provider, id))
    }
    return rows
  }

  private func modelRow(_ name: String, _ provider: String, _ id: String) -> ModelRow {
    func value(_ key: String) -> JSON? { self["models", name, key]?.value }
    let table = self.provider(provider).row?.catalogueName ?? ProviderRow.named(provider)?.catalogueName ?? provider
    // A model that nobody knows may be able to do anything: nothing is refused on account of what is not said.
    var row =
      ModelCatalogue.row(provider: table, id: id)
      ?? ModelRow(
        provider: table, id: id,
        capabilities: [
          .text, .image, .pdf, .audio, .tools, .schema, .reasoning, .logprobs, .streaming, .temperature, .stop, .seed,
        ])
    if row.id != id {
      row.id = id
      row.aliases = []
    }
    row.context = value("context")?.int ?? row.context
    row.inputLimit = value("input_limit")?.int ?? row.inputLimit
    row.outputLimit = value("output_limit")?.int ?? row.outputLimit
    row.dimensions = value("dimensions")?.int ?? row.dimensions
    if let aliases = value("aliases") { row.aliases = aliases.texts.map(\.text) }
    if let words = value("capabilities") {
      row.capabilities = ModelRow.Capabilities(Config.values(words, ConfigNames.capabilities))
    }
    if let words = value("quirks") { row.quirks = ModelRow.Quirks(Config.values(words, ConfigNames.modelQuirks)) }
    for path in [["models", name, "price"], ["prices", name]] { setPrice(&row, path) }
    return row
  }

  private func setPrice(_ row: inout ModelRow, _ path: [String]) {
    func value(_ key: String) -> JSON? { leaves.first { $0.path == path + [key] }?.value }
    guard leaves.contains(where: { $0.path.count == path.count + 1 && $0.path.starts(with: path) }) else { return }
    let old = row.price?.rates
    let rates = ModelRow.Rates(
      input: value("input")?.double ?? old?.input, cacheRead: value("cache_read")?.double ?? old?.cacheRead,
      cacheWrite: value("cache_write")?.double ?? old?.cacheWrite, output: value("output")?.double ?? old?.output)
    row.price = ModelRow.Price(rates, asOf: value("as_of")?.string ?? "config")
  }

  private var optionProblems: [String] {
    leaves.filter { $0.path.last == "reasoning" && $0.path.contains("options") }.compactMap { leaf in
      do throws(UsageError) {
        _ = try Reasoning(option: leaf.value.string ?? leaf.value.text)
        return nil
      } catch {
        return "\(leaf.place.text): \(ConfigPath.text(leaf.path)): \(error.text)"
      }
    }
  }

  // MARK: Patches

  /// Changes to requests, in the order in which they are applied: the user's, then the project's.
  var patches: [RequestPatch] {
    all("patch").flatMap { leaf in leaf.value.elements.compactMap(Config.patch) }
  }

  private var patchProblems: [String] {
    all("patch").flatMap { leaf in
      leaf.value.elements.compactMap { item in
        let place = "\(leaf.place.file):\(item.position.line):\(item.position.column)"
        if item["model"] == nil { return "\(place): patch: model is missing (a regular expression, '.' for all)" }
        if let url = item["url"], url["match"] == nil || url["replace"] == nil {
          return "\(place): patch.url: match and replace are both needed"
        }
        return item.count == 1 ? "\(place): patch: it changes nothing (set, rename, remove, headers or url)" : nil
      }
    }
  }

  private static func patch(_ item: JSON) -> RequestPatch? {
    guard let model = try? RegularExpression(item["model"]?.string ?? "") else { return nil }
    func fields(_ name: StaticString) -> [(path: [String], value: JSON)] {
      item[name]?.members.map { ($0.key.split(separator: ".").map(String.init), $0.value) } ?? []
    }
    var patch = RequestPatch(model: model)
    patch.set = fields("set").map { BodyField($0.path, $0.value) }
    patch.renamed = fields("rename").map {
      RequestPatch.Renaming(from: $0.path, to: ($0.value.string ?? "").split(separator: ".").map(String.init))
    }
    patch.removed = item["remove"]?.texts.map { $0.text.split(separator: ".").map(String.init) } ?? []
    patch.headers = item["headers"]?.members.map { RequestPatch.Header(name: $0.key, value: $0.value.string) } ?? []
    if let match = item["url"]?["match"]?.string, let replacement = item["url"]?["replace"]?.string,
      let pattern = try? RegularExpression(match)
    {
      patch.url = RequestPatch.URLChange(pattern: pattern, replacement: replacement)
    }
    return patch
  }
}

extension ProviderRow {
  /// The usual ways of a wire format, for a new provider that speaks it.
  fileprivate mutating func adopt(_ dialect: DialectName) {
    quirks = []
    switch dialect {
    case .openaiChat, .openaiResponses, .builtin: break
    case .anthropic:
      auth = .header("x-api-key")
      embeddings = nil
    case .gemini:
      auth = .header("x-goog-api-key")
      embeddings = .gemini
    case .ollama: embeddings = .ollama
    }
    if dialect == .openaiChat { quirks = [.maxTokensName, .noStrictSchema] }
  }
}
