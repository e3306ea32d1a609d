// What the verbs of `awl keys` share: which providers take a key, and how a key is shown.

import Formats
import Models

enum KeyProviders {
  /// A key that was found.
  struct Found {
    var provider: String
    var masked: String
    /// The variable, or the file.
    var place: String
  }

  /// The provider of that name, where it takes a key.
  static func named(_ name: String, _ program: Program) throws(UsageError) -> ProviderRow {
    let takers = program.names.providers.filter { $0.auth != .none }
    guard let provider = takers.first(where: { $0.name == name }) else {
      if program.names.providerRow(named: name) != nil { throw UsageError("\(name) takes no key") }
      throw .unknown("provider", name, among: takers.map(\.name), hint: "see awl models list --providers")
    }
    return provider
  }

  static func find(_ provider: ProviderRow, _ program: Program) -> Found? {
    switch program.credentials.source(of: provider) {
    case nil: return nil
    case .variable(let name):
      return Found(provider: provider.name, masked: masked(program.environment[name] ?? ""), place: name)
    case .command(let name):
      return Found(provider: provider.name, masked: "…", place: "\(name) (\(provider.keyCommand?.place ?? ""))")
    case .file:
      let keys = (try? program.keyFile?.read()) ?? []
      let key = keys.first { $0.provider == provider.name || $0.provider == provider.catalogueName }?.key
      return Found(provider: provider.name, masked: masked(key ?? ""), place: program.keyFile?.path ?? "")
    }
  }

  static func json(_ rows: [Found]) -> JSON {
    .array(
      rows.map {
        .object([("provider", .string($0.provider)), ("key", .string($0.masked)), ("from", .string($0.place))])
      })
  }

  /// Enough to tell keys apart, too little to use one: the last four characters of a key of twenty or more.
  static func masked(_ key: String) -> String { key.count >= 20 ? "…\(key.trimmedOfSpace.suffix(4))" : "…" }

  static func noHome(_ program: Program) -> ExitCode {
    program.say("no place for a file of keys: HOME is not set")
    return .usage
  }
}
