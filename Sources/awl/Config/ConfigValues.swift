// What the values mean to the program: times, folders, default options, limits of what is kept.

import Formats
import Models

extension Config {
  var defaultModel: ConfigLeaf? { self["model"] }

  var aliases: [String: String] {
    var aliases: [String: String] = [:]
    for name in names("aliases") { aliases[name] = self["aliases", name]?.value.string }
    return aliases
  }

  /// Folders with prompt files as whole paths: the project's first, then the user's.
  var promptFolders: [String] {
    all("prompts").reversed().flatMap { leaf in leaf.value.texts.map { leaf.place.resolve($0.text, home: home) } }
  }

  var proxy: String? { self["proxy"]?.value.string }

  /// Certificates to trust, as a whole path.
  var certificateFile: String? {
    self["ca_file"].flatMap { leaf in leaf.value.string.map { leaf.place.resolve($0, home: home) } }
  }

  /// Seconds.
  func seconds(_ name: String) -> Double? { self[name].flatMap { ConfigUnits.seconds($0.value) } }

  var retries: Int? { self["retries"]?.value.int }

  /// How long something is kept.
  struct Retention: Sendable, Equatable {
    /// Seconds.
    var maximumAge: Double?
    /// Bytes.
    var maximumSize: Int?

    var isSet: Bool { maximumAge != nil || maximumSize != nil }
  }

  var logRetention: Retention { retention("logs") }
  var cacheRetention: Retention { retention("cache") }

  private func retention(_ what: String) -> Retention {
    Retention(
      maximumAge: self[what, "max_age"].flatMap { ConfigUnits.seconds($0.value) },
      maximumSize: self[what, "max_size"].flatMap { ConfigUnits.bytes($0.value) })
  }

  /// Default options for a model: those of the model over those of all.
  func parameters(for target: Target) -> Parameters {
    let name = modelNames(target).first { name in leaves.contains { $0.path.starts(with: ["models", name, "options"]) }
    }
    func leaf(_ option: String) -> JSON? {
      (name.flatMap { self["models", $0, "options", option] } ?? self["options", option])?.value
    }
    var parameters = Parameters()
    parameters.temperature = leaf("temperature")?.double
    parameters.topP = leaf("top_p")?.double
    parameters.maxTokens = leaf("max_tokens")?.int
    parameters.seed = leaf("seed")?.int
    parameters.stop = leaf("stop")?.texts.map(\.text) ?? []
    parameters.reasoning = leaf("reasoning").flatMap { try? Reasoning(option: $0.string ?? $0.text) }
    return parameters
  }

  /// The names under which a model's facts may stand.
  private func modelNames(_ target: Target) -> [String] {
    let providers = [target.provider.name, target.provider.catalogueName]
    let ids = [target.model, target.row?.id ?? target.model]
    return providers.flatMap { provider in ids.map { "\(provider)/\($0)" } }
  }
}

extension Parameters {
  /// What is not said here, as it is said there.
  func filled(from defaults: Parameters) -> Parameters {
    var filled = self
    filled.temperature = temperature ?? defaults.temperature
    filled.topP = topP ?? defaults.topP
    filled.maxTokens = maxTokens ?? defaults.maxTokens
    filled.seed = seed ?? defaults.seed
    filled.stop = stop.isEmpty ? defaults.stop : stop
    filled.reasoning = reasoning ?? defaults.reasoning
    return filled
  }
}
