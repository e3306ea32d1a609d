// `awl models`: what the catalogue knows. `list` filters, `show` tells all of one model.

import Formats
import Models

struct ModelsListCommand: Command {
  static let name = "models list"
  static let summary = "the models and providers that awl knows, with limits, prices and abilities"
  static let usage = "[PROVIDER|TEXT] [OPTIONS]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("takes", value: "KIND", repeats: true, "only models that take image, pdf or audio (repeatable)"),
        Flag("can", value: "ABILITY", repeats: true, "only models with tools, schema, reasoning, logprobs, embedding"),
        Flag("usable", "only models whose provider has a key here"),
        Flag("providers", "the providers instead: address, keys, notes"),
        Flag("all", "also models that are shut down"),
        Flag("live", "what the named provider says it has, with the catalogue's facts beside"),
        Flag("json", "one JSON array"),
      ])
  ]
  static let examples = [
    ("awl models list anthropic", "the models of one provider"),
    ("awl models list --takes pdf --can tools", "by ability"),
    ("awl models list ollama --live", "what a server has right now"),
  ].map { (command: $0.0, purpose: $0.1) }

  private static let abilities: [String: ModelRow.Capabilities] = [
    "image": .image, "pdf": .pdf, "audio": .audio, "tools": .tools, "schema": .schema, "reasoning": .reasoning,
    "logprobs": .logprobs, "embedding": .embedding, "text": .text,
  ]

  private let filter: String?
  private let wanted: ModelRow.Capabilities
  private let isUsable: Bool
  private let listsProviders: Bool
  private let includesGone: Bool
  private let isLive: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ModelsListCommand {
    if arguments.has("live") {
      guard let name = arguments.words.first, name != "builtin" else {
        throw UsageError("--live needs the provider to ask", hint: "awl models list PROVIDER --live")
      }
    }
    for (one, others) in [("providers", ["takes", "can", "usable", "all", "live"]), ("live", ["usable", "all"])] {
      for other in others where arguments.has(one) && arguments.has(other) {
        throw UsageError("--\(one) and --\(other) exclude each other")
      }
    }
    guard arguments.words.count <= 1 else { throw UsageError("one filter at a time", hint: "awl models list TEXT") }
    var wanted: ModelRow.Capabilities = []
    for ability in arguments.strings("takes") + arguments.strings("can") {
      guard let capability = abilities[ability] else {
        throw .unknown(
          "ability", ability, among: abilities.keys.sorted(), hint: abilities.keys.sorted().joined(separator: ", "))
      }
      wanted.insert(capability)
    }
    return ModelsListCommand(
      filter: arguments.words.first, wanted: wanted, isUsable: arguments.has("usable"),
      listsProviders: arguments.has("providers"), includesGone: arguments.has("all"), isLive: arguments.has("live"),
      isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    if listsProviders { return listProviders(program) }
    return list(isLive ? try await liveRows(program) : knownRows(program), program)
  }

  private func knownRows(_ program: Program) -> [ModelRow] {
    let today = program.today
    return program.names.catalogue.rows().filter { isShown($0, today, program) }
  }

  /// The provider's own list; what the catalogue does not know of a model stays empty.
  private func liveRows(_ program: Program) async throws(Failure) -> [ModelRow] {
    guard let provider = filter.flatMap(program.names.providerRow) else {
      throw Failure("unknown provider '\(filter ?? "")' (see awl models list --providers)", .usage)
    }
    try program.requireNetwork()
    let target: Target
    do throws(ModelNameError) {
      target = try program.names.target(provider, "none", nil)
    } catch {
      throw Failure(error.text, .usage)
    }
    do throws(ModelError) {
      let ids = try await ModelList.fetch(target, program.credentials, program.transport())
      return ids.map { id in
        var row =
          program.names.catalogue.row(provider: target.provider.catalogueName, id: id)
          ?? ModelRow(provider: target.provider.name, id: id)
        row.id = id
        return row
      }.filter { $0.capabilities.isSuperset(of: wanted) }
    } catch {
      throw Failure("\(provider.name): \(error.text)", error.exitCode)
    }
  }

  private func list(_ rows: [ModelRow], _ program: Program) -> ExitCode {
    let today = program.today
    // A server may have none.
    guard !rows.isEmpty || isLive && isJSON else {
      if let filter, let provider = program.names.providerRow(named: filter), provider.dialect != .builtin, !isLive {
        program.say("the catalogue has no models of \(filter) (awl models list \(filter) --live asks it)")
      } else {
        program.say("no model matches\(filter.map { " '\($0)'" } ?? "") (awl models list)")
      }
      return .usage
    }
    if isJSON {
      program.output.write(pretty: JSON.array(rows.map(ModelJSON.object)))
      return .done
    }
    let width = rows.map { "\($0.provider)/\($0.id)".count }.max() ?? 0
    program.output.write(
      "\(Help.padded("model", width))  \(Help.padded("context", 9))\(Help.padded("$/M in", 9))\(Help.padded("$/M out", 9))can\n"
    )
    for row in rows {
      let price = row.price?.rates(promptTokens: 0, on: today)
      let gone = row.shutdown.map { $0 <= today ? "  shut down \($0)" : "  until \($0)" } ?? ""
      program.output.write(
        untrusted: Help.padded("\(row.provider)/\(row.id)", width) + "  "
          + Help.padded(tokens(row.context ?? row.inputLimit), 9)
          + Help.padded(rate(price?.input), 9) + Help.padded(rate(price?.output), 9)
          + ModelJSON.abilities(row).joined(separator: " ") + gone + "\n")
    }
    let untried = Set(rows.map(\.provider)).compactMap(program.names.providerRow).filter {
      !$0.isTried && $0.dialect != .builtin
    }
    if !untried.isEmpty {
      program.say(
        "written from documentation, not tried against the real service: \(untried.map(\.name).sorted().joined(separator: ", "))"
      )
    }
    return .done
  }

  private func isShown(_ row: ModelRow, _ today: String, _ program: Program) -> Bool {
    guard row.capabilities.isSuperset(of: wanted), includesGone || !row.isShutDown(on: today) else { return false }
    if isUsable {
      guard let provider = program.names.providerRow(named: row.provider) else { return false }
      guard provider.dialect == .builtin || provider.isLocal || program.names.hasKey(provider) else { return false }
    }
    guard let filter else { return true }
    if program.names.providerRow(named: filter) != nil { return row.provider == filter }
    return "\(row.provider)/\(row.id)".lowercased().contains(filter.lowercased())
  }

  private func listProviders(_ program: Program) -> ExitCode {
    let wanted = Array((filter ?? "").lowercased().utf8)
    let providers = program.names.providers.filter {
      wanted.isEmpty || Array($0.name.lowercased().utf8).firstOffset(of: wanted, from: 0) != nil
    }
    guard !providers.isEmpty else {
      program.say("no provider matches '\(filter ?? "")' (awl models list --providers)")
      return .usage
    }
    if isJSON {
      program.output.write(pretty: JSON.array(providers.map(ModelJSON.object)))
      return .done
    }
    for provider in providers {
      let address =
        provider.baseURL.isEmpty ? provider.baseURLVariables.map { "$\($0.variable)" }.joined() : provider.baseURL
      let key = provider.keyVariables.joined(separator: ", ")
      var notes = provider.note.isEmpty ? [] : [provider.note]
      if let closed = provider.closed { notes.append("closed \(closed)") }
      if !provider.isTried, provider.dialect != .builtin { notes.append("not tried") }
      program.output.write(
        untrusted:
          "\(Help.padded(provider.name, 13)) \(Help.padded(provider.dialect.rawValue, 17)) \(Help.padded(address, 52)) "
          + "\(key)\(notes.isEmpty ? "" : "  (\(notes.joined(separator: "; ")))")\n")
    }
    return .done
  }

  private func tokens(_ count: Int?) -> String {
    guard let count else { return "?" }
    return count >= 1_000_000
      ? "\(Figures.fixed(Double(count) / 1e6, 1))M" : count >= 1000 ? "\(count / 1000)k" : "\(count)"
  }

  private func rate(_ value: Double?) -> String { value.map { JSON.number($0).text } ?? "?" }
}

struct ModelsShowCommand: PlainCommand {
  static let name = "models show"
  static let summary = "everything awl knows of one model"
  static let usage = "MODEL [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object")])]
  static let examples = [
    ("awl models show gpt-6-luna", "limits, prices with their date, abilities"),
    ("awl models show fast", "what an alias means here"),
    ("awl models show anthropic/claude-sonnet-5-5 --json", "for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let model: String
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ModelsShowCommand {
    guard arguments.words.count == 1 else { throw UsageError("one model is expected", hint: "awl models show MODEL") }
    return ModelsShowCommand(model: arguments.words[0], isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    let target: Target
    do throws(ModelNameError) {
      guard case .target(let found) = try program.names.resolve(model) else {
        program.say("'\(model)' has no meaning yet: no key is set (awl help environment)")
        return .usage
      }
      target = found
    } catch {
      program.say(error.text)
      return .usage
    }
    guard let row = target.row else {
      let place = BaseURL.shown(target.baseURL)
      program.say("\(target.name) is not in the catalogue; awl would send it as it is to \(place)")
      return .usage
    }
    let object = ModelJSON.object(row)
    if isJSON {
      program.output.write(pretty: object)
      return .done
    }
    for (key, value) in object.members {
      program.output.write(untrusted: "\(Help.padded(key, 18)) \(value.string ?? value.text)\n")
    }
    if let shutdown = row.shutdown, shutdown <= program.today {
      program.say("warning: \(target.name) was shut down on \(shutdown), says its provider")
    }
    return .done
  }
}

/// Rows of the catalogue as JSON.
enum ModelJSON {
  static func abilities(_ row: ModelRow) -> [String] {
    let names: [(String, ModelRow.Capabilities)] = [
      ("image", .image), ("pdf", .pdf), ("audio", .audio), ("tools", .tools), ("schema", .schema),
      ("reasoning", .reasoning), ("logprobs", .logprobs), ("embedding", .embedding),
    ]
    return names.filter { row.capabilities.contains($0.1) }.map(\.0)
  }

  static func object(_ row: ModelRow) -> JSON {
    .object([
      ("provider", .string(row.provider)), ("model", .string(row.id)),
      ("aliases", row.aliases.isEmpty ? nil : .array(row.aliases.map { .string($0) })),
      ("context", row.context.map { .number($0) }), ("input_limit", row.inputLimit.map { .number($0) }),
      ("output_limit", row.outputLimit.map { .number($0) }),
      ("price_per_million", row.price.map { rates($0.rates) }),
      (
        "long_prompt_price",
        row.price?.longPrompt.map { long in
          .object([("above_tokens", .number(long.tokens)), ("price_per_million", rates(long.rates))])
        }
      ),
      ("price_as_of", row.price.map { .string($0.asOf) }),
      (
        "price_change",
        row.price?.change.map { change in
          .object([("from", .string(change.day)), ("price_per_million", rates(change.rates))])
        }
      ),
      ("can", .array(abilities(row).map { .string($0) })), ("dimensions", row.dimensions.map { .number($0) }),
      ("shutdown", row.shutdown.map { .string($0) }),
    ])
  }

  static func object(_ row: ProviderRow) -> JSON {
    .object([
      ("provider", .string(row.name)), ("dialect", .string(row.dialect.rawValue)), ("base_url", .string(row.baseURL)),
      ("base_url_variables", .array(row.baseURLVariables.map { .string($0.variable) })),
      ("key_variables", .array(row.keyVariables.map { .string($0) })), ("local", .bool(row.isLocal)),
      ("tried", .bool(row.isTried)), ("note", row.note.isEmpty ? nil : .string(row.note)),
      ("closed", row.closed.map { .string($0) }),
      ("documentation", row.documentation.isEmpty ? nil : .string(row.documentation)),
    ])
  }

  private static func rates(_ rates: ModelRow.Rates) -> JSON {
    .object([
      ("input", rates.input.map { .number($0) }), ("cache_read", rates.cacheRead.map { .number($0) }),
      ("cache_write", rates.cacheWrite.map { .number($0) }), ("output", rates.output.map { .number($0) }),
    ])
  }
}
