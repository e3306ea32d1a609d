// The providers of a suite: names, objects with a configuration, maps from a name to one, files. Names are promptfoo's or
// our own; of a configuration only what is understood is taken, and the rest is told.

import Formats
import Models
import Storage

/// Reads the providers of a suite. Blocks on the disk.
struct SuiteProviders {
  var file: SuiteFile
  var problems = SuiteProblems()
  private(set) var providers: [SuiteProvider] = []
  private(set) var needs: [Suite.TrustNeed] = []

  init(file: SuiteFile) { self.file = file }

  /// - Parameter value: `providers` or `targets` as it stands in a suite.
  mutating func read(_ value: JSON) {
    if value.kind == .array {
      for entry in value.elements { read(entry: entry) }
    } else {
      read(entry: value)
    }
  }

  private static let keys = [
    "id", "label", "config", "prompts", "transform", "delay", "env", "inputs", "description",
  ]

  private mutating func read(entry: JSON) {
    if let name = entry.string { return read(name: name, .object([]), at: entry) }
    guard entry.kind == .object else {
      return problems.add(file.problem("a provider is a name or an object", at: entry, isError: true))
    }
    if let id = entry["id"]?.string {
      file.checkKeys(entry, known: SuiteProviders.keys, of: "a provider", &problems)
      return read(name: id, entry, at: entry)
    }
    guard entry.count == 1, let (name, settings) = entry.members.map({ $0 }).first else {
      return problems.add(file.problem("a provider has an 'id'", at: entry, isError: true))
    }
    read(name: settings["id"]?.string ?? name, settings, at: entry, label: settings["id"] == nil ? nil : name)
  }

  /// - Parameter entry: an object with what stands beside the name.
  private mutating func read(name: String, _ entry: JSON, at place: JSON, label: String? = nil) {
    if name.hasPrefix("file://"), [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) {
      return readFile(file.path(name), at: place)
    }
    let config = entry["config"] ?? .object([])
    guard let kind = kind(of: name, config, at: place) else { return }
    let identity = name + "\n" + (config.text) + "\n" + (entry["transform"]?.text ?? "")
    var provider = SuiteProvider(label: entry["label"]?.string ?? label ?? name, kind: kind, identity: identity)
    provider.file = file.name
    provider.position = place.position
    provider.delay = entry["delay"]?.int
    if let transform = entry["transform"] {
      provider.transform = Transform(transform, file, &problems, &needs)
    }
    if let filter = entry["prompts"] {
      provider.prompts = filter.string.map { [$0] } ?? filter.elements.compactMap(\.string)
    }
    if let own = entry["env"], own.count > 0 {
      problems.add(file.problem("'env' of a provider is not supported", hint: "set it in 'env' of the suite", at: own))
    }
    if case .endpoint = kind {
      if let limit = config["timeoutMs"]?.double { provider.timeout = limit / 1000 }
    } else {
      ProviderConfig(file: file).apply(config, to: &provider, &problems, &needs)
    }
    append(provider)
  }

  private mutating func kind(of name: String, _ config: JSON, at place: JSON) -> SuiteProvider.Kind? {
    if name == "echo" { return .model("builtin/echo") }
    if name.hasPrefix("exec:") {
      let words = CommandWords.split(String(name.dropFirst(5)))
      guard !words.isEmpty else {
        problems.add(file.problem("'exec:' names no program", at: place, isError: true))
        return nil
      }
      needs.append(
        Suite.TrustNeed(
          kind: .code, file: file.name, line: place.position.line, what: "the provider '\(name)' runs a program"))
      return .program(words)
    }
    if name == "http" || name == "https" || name.hasPrefix("http://") || name.hasPrefix("https://") {
      return HTTPEndpoint(name, config, at: place, file, &problems, &needs).map { .endpoint($0) }
    }
    let code = [".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".go"]
    if name.hasPrefix("file://") || name.hasPrefix("python:") || name.hasPrefix("golang:") || name.hasPrefix("ruby:")
      || code.contains(where: name.hasSuffix)
    {
      problems.add(
        file.problem(
          "the provider '\(name)' is written in code, which is not supported", hint: "exec:COMMAND runs a program",
          at: place, isError: true))
      return nil
    }
    let refused = ["websocket", "ws", "wss", "browser", "mcp", "webhook", "awl"]
    let scheme = String(name.prefix { $0 != ":" })
    if name != scheme, refused.contains(scheme) {
      problems.add(file.problem("the provider '\(name)' is not supported", at: place, isError: true))
      return nil
    }
    return .model(SuiteProviders.modelName(name))
  }

  /// promptfoo's `openai:MODEL` speaks chat completions; ours, `openai/MODEL`, responses.
  static func modelName(_ name: String) -> String {
    guard name.hasPrefix("openai:") else { return name }
    let rest = name.dropFirst("openai:".count)
    if rest.hasPrefix("chat:") { return "openai-chat/" + rest.dropFirst("chat:".count) }
    if rest.hasPrefix("responses:") { return "openai/" + rest.dropFirst("responses:".count) }
    if rest.hasPrefix("embedding") { return "openai/" + (rest.split(separator: ":").last.map(String.init) ?? "") }
    return rest.contains(":") && !rest.hasPrefix("ft:") ? name : "openai-chat/" + rest
  }

  private mutating func readFile(_ path: String, at place: JSON) {
    for found in SuiteFiles.matches(path) {
      do {
        let bytes = try Files.read(found, limit: SuiteText.limit)
        var own = SuiteProviders(file: SuiteFile(name: found, directory: Paths.parent(found) ?? "."))
        own.read(try SuiteText.tree(bytes, found))
        for problem in own.problems.all { problems.add(problem) }
        needs += own.needs
        for provider in own.providers { append(provider) }
      } catch let error as FormatError {
        problems.add(SuiteFile(name: found, directory: "").problem(error))
      } catch {
        problems.add(file.problem("\(error)", at: place, isError: true))
      }
    }
    if SuiteFiles.matches(path).isEmpty {
      problems.add(file.problem("no such provider file '\(path)'", at: place, isError: true))
    }
  }

  private mutating func append(_ provider: SuiteProvider) {
    var provider = provider
    provider.label = freeLabel(provider.label, among: providers.map(\.label))
    providers.append(provider)
  }

  /// A provider as a flag names it.
  mutating func add(flag name: String) { read(name: name, .object([]), at: .string(name)) }
}
