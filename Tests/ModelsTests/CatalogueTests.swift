// The catalogue's data is checked line by line, its lookup by tables of names. Prices themselves are not repeated
// here: what a test could say of them is that they are whole, dated and not negative.

import Formats
import Testing

@testable import Models

@Suite("model catalogue") struct ModelCatalogueTests {
  let rows = Array(ModelCatalogue().rows())

  @Test("every line of the table reads as a row")
  func everyLineReads() {
    var lines = ModelTable.Lines()
    var count = 0
    while let line = lines.next() {
      count += 1
      #expect(line.row != nil, "line \(count) of the table does not read")
    }
    #expect(count == rows.count)
    #expect(count >= 80)
  }

  @Test("no two models of a provider share a name")
  func namesAreUnique() {
    var seen: Set<String> = []
    for row in rows {
      for name in [row.id] + row.aliases {
        #expect(seen.insert("\(row.provider)/\(name)").inserted, "\(row.provider)/\(name) stands twice")
      }
    }
  }

  @Test("prices are finite, not negative, and carry a day")
  func pricesAreWhole() {
    for row in rows {
      guard let price = row.price else { continue }
      #expect(isDay(price.asOf), "\(row.id): \(price.asOf)")
      #expect(price.input != nil && price.output != nil, "\(row.id) has half a price")
      let all = [price.rates] + [price.longPrompt?.rates, price.change?.rates].compactMap { $0 }
      for rate in all.flatMap({ [$0.input, $0.cacheRead, $0.cacheWrite, $0.output] }) {
        if let rate { #expect(rate >= 0 && rate.isFinite && rate < 1_000, "\(row.id): \(rate)") }
      }
      if let read = price.cacheRead, let input = price.input { #expect(read <= input, "\(row.id)") }
      if let long = price.longPrompt {
        #expect(long.tokens >= 100_000 && (long.rates.input ?? 0) > (price.input ?? 0), "\(row.id)")
      }
      if let change = price.change { #expect(isDay(change.day) && change.day > price.asOf, "\(row.id)") }
    }
  }

  @Test("limits and abilities of a row agree with each other")
  func rowsAgree() {
    for row in rows {
      if let context = row.context {
        #expect((row.outputLimit ?? 0) <= context && (row.inputLimit ?? 0) <= context, "\(row.id)")
      }
      let isEmbedding = row.capabilities.contains(.embedding)
      #expect(isEmbedding || row.dimensions == nil, "\(row.id)")
      #expect(!isEmbedding || row.capabilities.isDisjoint(with: [.tools, .streaming, .schema]), "\(row.id)")
      #expect(!row.isShortenable || row.dimensions != nil, "\(row.id)")
      #expect(!row.quirks.contains(.noTemperature) || !row.capabilities.contains(.temperature), "\(row.id)")
      #expect(!row.quirks.contains(.samplingWithoutReasoning) || row.capabilities.contains(.temperature), "\(row.id)")
      #expect(!row.quirks.isSuperset(of: [.thinkingLevel, .thinkingBudget]), "\(row.id)")
      if let shutdown = row.shutdown { #expect(isDay(shutdown), "\(row.id)") }
    }
  }

  @Test("every model belongs to a provider of the table")
  func providersExist() {
    for name in Set(rows.map(\.provider)) { #expect(ProviderRow.named(name) != nil, "no provider \(name)") }
  }

  @Test(
    "a model is found by wire name, alias and dated snapshot",
    arguments: [
      ("openai", "gpt-6.2-sol", "gpt-6.2-sol"),
      ("openai", "gpt-5-mini-2025-08-07", "gpt-5-mini"),
      ("openai", "gpt-4o-2024-11-20", "gpt-4o"),
      ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
      ("anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
      ("anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-0"),
      ("gemini", "gemini-flash-latest", "gemini-3.8-flash"),
      ("fireworks", "kimi-k3", "accounts/fireworks/models/kimi-k3"),
      ("mistral", "mistral-medium", "mistral-medium-2604"),
      ("mistral", "mistral-medium-3-5", "mistral-medium-2604"),
      ("xai", "grok-4.20-0309-reasoning", "grok-4.20-0309-reasoning"),
      ("builtin", "extract", "extract"),
      ("builtin", "script:answers.jsonl", "script"),
    ])
  func finds(provider: String, id: String, expected: String) {
    #expect(ModelCatalogue.row(provider: provider, id: id)?.id == expected)
  }

  @Test(
    "what is no name of a model finds nothing",
    arguments: [
      ("openai", "gpt-5-2025-08"), ("openai", "gpt-5-20250807x"), ("openai", "gpt-6.2-so"), ("openai", "gpt-6.2-soll"),
      ("openai", ""), ("", "gpt-5"), ("openai", "-2025-08-07"), ("openai", "2025-08-07"), ("openai", "claude-opus-5-5"),
      ("openai", "gpt-6.2-sol|"), ("provider", "id"), ("mistral", "mistral-medium-latest,mistral-medium-3-5"),
      ("mistral", ","), ("builtin", "hash-0"), ("builtin", "hash-65537"), ("builtin", "hash-x"), ("builtin", "hash--1"),
      ("openai", "gpt-5-1025-08-07"), ("openai", "GPT-5"),
    ])
  func findsNothing(provider: String, id: String) {
    #expect(ModelCatalogue.row(provider: provider, id: id) == nil)
  }

  @Test("builtin embeddings have a row for every dimension")
  func hashDimensions() {
    #expect(ModelCatalogue.row(provider: "builtin", id: "hash-384")?.dimensions == 384)
    let row = ModelCatalogue.row(provider: "builtin", id: "hash-1024")
    #expect(row?.dimensions == 1_024 && row?.id == "hash-1024" && row?.price?.input == 0)
  }

  @Test(
    "a date at the end of a name is a snapshot's",
    arguments: [
      ("gpt-5-2025-08-07", "gpt-5"), ("claude-opus-4-5-20251101", "claude-opus-4-5"), ("a@20251001", "a"),
      ("a-2025-08-07", "a"),
    ])
  func cutsDates(name: String, base: String) {
    #expect(ModelCatalogue.withoutDate(name).map(String.init) == base)
  }

  @Test("a bare name lists every provider that has it, whole names before tails")
  func bareNames() {
    let catalogue = ModelCatalogue()
    #expect(catalogue.rows(named: "gpt-5-mini").map(\.provider) == ["openai"])
    #expect(catalogue.rows(named: "gpt-5-mini-2025-08-07").map(\.id) == ["gpt-5-mini"])
    #expect(catalogue.rows(named: "gpt-oss-120b").map(\.provider).sorted() == ["cerebras", "sambanova"])
    #expect(catalogue.rows(named: "openai/gpt-oss-120b").count >= 3)
    #expect(catalogue.rows(named: "gpt-oss-20b").map(\.id) == ["openai/gpt-oss-20b"])
    #expect(catalogue.rows(named: "no-such-model").isEmpty)
  }

  @Test("rows come by provider, and one row is enough to stop")
  func rowsByProvider() {
    let catalogue = ModelCatalogue()
    #expect(catalogue.rows(provider: "gemini").allSatisfy { $0.provider == "gemini" })
    #expect(catalogue.rows(provider: "gemini").first { _ in true }?.provider == "gemini")
    #expect(Array(catalogue.rows(provider: "nobody")).isEmpty)
    #expect(Array(catalogue.rows(provider: "provider")).isEmpty, "the header is no row")
  }

  @Test("a user's row stands before the table and takes the place of one with its name")
  func overrides() {
    var mine = ModelRow(provider: "openai", id: "gpt-6.2-sol", aliases: ["sol"])
    mine.price = ModelRow.Price(ModelRow.Rates(input: 1, output: 2), asOf: "2026-11-24")
    let other = ModelRow(provider: "mine", id: "local-1", context: 4_096)
    let catalogue = ModelCatalogue(overrides: [mine, other])
    #expect(catalogue.row(provider: "openai", id: "gpt-6.2-sol")?.price?.input == 1)
    #expect(catalogue.row(provider: "openai", id: "sol") == mine)
    #expect(catalogue.row(provider: "mine", id: "local-1") == other)
    #expect(Array(catalogue.rows()).count == rows.count + 1)
    #expect(catalogue.rows(named: "gpt-6.2-sol") == [mine])
  }

  @Test("an override hides the aliases of the row it replaces")
  func overriddenAliases() {
    let mine = ModelRow(provider: "gemini", id: "gemini-3.8-flash")
    let catalogue = ModelCatalogue(overrides: [mine])
    #expect(catalogue.row(provider: "gemini", id: "gemini-flash-latest") == nil)
  }

  @Test("a long prompt and an announced change have their own rates")
  func rates() {
    let price = ModelRow.Price(
      ModelRow.Rates(input: 1, output: 2), asOf: "2026-11-01",
      longPrompt: .init(tokens: 1_000, rates: .init(input: 3, output: 4)),
      change: .init(day: "2027-01-01", rates: .init(input: 5, output: 6)))
    #expect(price.rates(promptTokens: 1_000, on: "2026-11-24").input == 1)
    #expect(price.rates(promptTokens: 1_001, on: "2026-12-31").input == 3)
    #expect(price.rates(promptTokens: 10, on: "2027-01-01").input == 5)
  }

  @Test("a model is shut down from its day on")
  func shutdown() {
    let row = ModelRow(provider: "p", id: "m", shutdown: "2026-12-11")
    #expect(!row.isShutDown(on: "2026-12-10"))
    #expect(row.isShutDown(on: "2026-12-11"))
    #expect(!ModelRow(provider: "p", id: "m").isShutDown(on: "9999-01-01"))
  }

  @Test(
    "a mistyped model gets the near ones, as provider/id",
    arguments: [
      ("gpt-6.2-slo", "openai/gpt-6.2-sol"), ("openai/gpt-5-mni", "openai/gpt-5-mini"),
      ("claude-opus-5.5", "anthropic/claude-opus-5-5"), ("claud-haiku-5-5", "anthropic/claude-haiku-5-5"),
      ("GEMINI-4-ARGON", "gemini/gemini-4-argon"), ("kimi-k33", "together/moonshotai/Kimi-K3"),
    ])
  func nearest(name: String, expected: String) {
    #expect(ModelCatalogue().nearest(to: name, limit: 4).contains(expected))
  }

  @Test("near models are at most as many as asked for, and none for a name like no other")
  func nearestLimit() {
    #expect(ModelCatalogue().nearest(to: "gpt-5", limit: 2).count == 2)
    #expect(ModelCatalogue().nearest(to: "zzzzzzzz", limit: 5).isEmpty)
    #expect(ModelCatalogue().nearest(to: "gpt-5", limit: 0).isEmpty)
  }

  private func isDay(_ text: String) -> Bool {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    return text.utf8.count == 10 && parts.count == 3 && (2024...2030).contains(parts[0])
      && (1...12).contains(parts[1]) && (1...31).contains(parts[2])
  }
}

@Suite("provider table") struct ProviderTableTests {
  @Test("the providers of the design are there, each once")
  func names() {
    let names = ProviderRow.all.map(\.name)
    #expect(Set(names).count == names.count)
    let wanted = [
      "openai", "openai-chat", "anthropic", "gemini", "ollama", "azure", "mistral", "groq", "together", "fireworks",
      "openrouter", "deepseek", "xai", "cerebras", "perplexity", "nvidia", "huggingface", "deepinfra", "sambanova",
      "hyperbolic", "github", "cohere", "lmstudio", "llamacpp", "vllm", "litellm", "localai", "builtin", "voyage",
      "jina", "tei",
    ]
    #expect(Set(names) == Set(wanted))
  }

  @Test("addresses are whole: a scheme, no slash at the end, plain http on the own machine only")
  func addresses() {
    for row in ProviderRow.all where row.name != "azure" && row.name != "builtin" {
      #expect(!row.baseURL.hasSuffix("/"), "\(row.name)")
      let isLoopback = row.baseURL.hasPrefix("http://127.0.0.1:")
      #expect(isLoopback || row.baseURL.hasPrefix("https://"), "\(row.name)")
      #expect(!row.isLocal || isLoopback, "\(row.name)")
      #expect(row.documentation.hasPrefix("https://"), "\(row.name)")
    }
  }

  @Test("whoever needs a key says which variables hold it")
  func keys() {
    for row in ProviderRow.all {
      #expect(row.auth.needsKey == false || !row.keyVariables.isEmpty, "\(row.name)")
      #expect(row.keyVariables.allSatisfy { $0 == $0.uppercased() && !$0.isEmpty }, "\(row.name)")
    }
    #expect(ProviderRow.named("gemini")?.keyVariables == ["GOOGLE_API_KEY", "GEMINI_API_KEY"])
    #expect(ProviderRow.named("azure")?.credentials.first?.auth == .bearer)
  }

  @Test("a provider that borrows another's models borrows from one that exists")
  func borrowedModels() {
    for row in ProviderRow.all { #expect(ProviderRow.named(row.catalogueName) != nil, "\(row.name)") }
    #expect(ProviderRow.named("openai-chat")?.catalogueName == "openai")
    #expect(ProviderRow.named("nobody") == nil)
  }

  @Test(
    "a base URL variable's value becomes an address",
    arguments: [
      ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/", "https://r.openai.azure.com/openai/v1"),
      ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/openai/v1/", "https://r.openai.azure.com/openai/v1"),
      ("OPENAI_BASE_URL", "https://proxy/v1//", "https://proxy/v1"), ("OPENAI_BASE_URL", "box/v1", "http://box/v1"),
      ("OLLAMA_HOST", "127.0.0.1:9999", "http://127.0.0.1:9999"), ("OLLAMA_HOST", "box", "http://box:11434"),
      ("OLLAMA_HOST", "https://ollama.com", "https://ollama.com"), ("OLLAMA_HOST", "[::1]", "http://[::1]:11434"),
      ("OLLAMA_HOST", "[::1]:80", "http://[::1]:80"),
      ("GROQ_BASE_URL", "https://api.groq.com", "https://api.groq.com/openai/v1"),
    ])
  func baseURLs(variable: String, value: String, expected: String) {
    let known = ProviderRow.all.flatMap(\.baseURLVariables).first { $0.variable == variable }
    #expect(known?.baseURL(for: value) == expected)
  }
}
