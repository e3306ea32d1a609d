// Keys of providers: where they are found and how they travel. A key is a type of its own that cannot be printed.

import Formats
import Synchronization
import Transport

/// A key. Its value leaves this type only in a secret header.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  let value: String
  package init(_ value: String) { self.value = value }
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
}

/// Finds the key of a provider: in the environment, else by its command, else in the file of keys.
package struct Credentials: Sendable {
  private let variables: [String: String]
  private let stored: StoredKeys?
  private let commands: CommandKeys
  /// Variables that hold keys by the user's configuration.
  private let configured: [String]

  /// - Parameters:
  ///   - variables: the environment.
  ///   - file: the file of keys; read once, for a key that is nowhere else or for the list of secrets.
  ///   - providers: those of the user's configuration.
  package init(variables: [String: String], file: KeyFile? = nil, providers: [ProviderRow] = []) {
    self.variables = variables
    stored = file.map { StoredKeys(file: $0) }
    commands = CommandKeys(variables: variables)
    configured = providers.flatMap(\.keyVariables)
  }

  /// Where the key of a provider is.
  package enum Source: Sendable, Equatable {
    case variable(String)
    /// A command prints it; the program's name.
    case command(String)
    case file
  }

  /// Runs the command that prints the key, where that is what the target's key comes from; at most once a process.
  /// To be called before ``headers(for:)``.
  /// - Throws: `authentication`, without any of the command's output.
  package func prepare(_ target: Target) async throws(ModelError) {
    guard let command = target.provider.keyCommand, variable(target.provider) == nil else { return }
    try await commands.ask(command, provider: target.provider.name)
  }

  /// The headers that present the provider's key, and those whose values the environment gives. Throws
  /// `authentication`, naming the variables to set, where a key is needed and there is none.
  ///
  /// - Parameter needsKey: whether a missing key is an error; for showing a request it is none.
  package func headers(for target: Target, needsKey: Bool = true) throws(ModelError) -> [HTTPHeader] {
    var headers = target.provider.headerVariables.compactMap { row in
      value(row.variable).map { HTTPHeader(row.header, $0) }
    }
    headers += target.provider.headers.map { HTTPHeader($0.name, $0.value) }
    guard let (key, auth, source) = try find(target.provider) else {
      if target.provider.auth.needsKey, needsKey { throw missing(target) }
      return headers
    }
    guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      let place =
        switch source {
        case .variable(let name): name
        case .command(let name): "what '\(name)' printed"
        case .file: "the file of keys"
        }
      throw ModelError(
        .authentication, "the key in \(place) has a space, a line end or a character outside ASCII",
        hint: "copy it again", provider: target.provider.name, model: target.model, attempts: 0)
    }
    if let header = Credentials.header(auth, key) { headers.append(header) }
    return headers
  }

  /// Where the provider's key is; `nil` where there is none. A file that cannot be read has none.
  package func source(of provider: ProviderRow) -> Source? {
    if let credential = variable(provider) { return .variable(credential.variable) }
    if let command = provider.keyCommand { return .command(command.arguments.first ?? "") }
    return (try? find(provider))??.source
  }

  /// Values of all known key variables and of others that look like keys, and the stored keys, for the redactor.
  package var secrets: [String] {
    let known = Set(ProviderRow.all.flatMap(\.keyVariables) + configured + ["AWL_API_KEY"])
    let endings = ["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY"]
    return variables.filter { name, _ in known.contains(name) || endings.contains { name.hasSuffix($0) } }
      .map { $0.value.trimmedOfSpace } + ((try? stored?.keys().map(\.key)) ?? [])
      + commands.all
  }

  /// Takes the secrets out of texts, those of commands too once they are known.
  package var redactor: Redactor {
    let commands = commands
    return Redactor(secrets: secrets, late: { commands.all })
  }

  private func find(
    _ provider: ProviderRow
  ) throws(ModelError) -> (key: String, auth: ProviderRow.Auth, source: Source)? {
    if let credential = variable(provider), let key = value(credential.variable) {
      return (key, credential.auth, .variable(credential.variable))
    }
    if let command = provider.keyCommand {
      return commands[command].map { ($0, provider.auth, .command(command.arguments.first ?? "")) }
    }
    guard provider.auth != .none, let stored else { return nil }
    do throws(KeyFileError) {
      // OpenAI's models have one key, by whichever of their two wire formats they are reached.
      let names = [provider.name, provider.catalogueName]
      guard let key = try stored.keys().first(where: { names.contains($0.provider) })?.key else { return nil }
      return (key.trimmedOfSpace, provider.auth, .file)
    } catch {
      throw ModelError(.authentication, error.message, provider: provider.name, attempts: 0)
    }
  }

  /// The first variable that holds a key of the provider.
  private func variable(_ provider: ProviderRow) -> ProviderRow.Credential? {
    provider.credentials.first { value($0.variable) != nil }
  }

  private func value(_ variable: String) -> String? {
    variables[variable].map(\.trimmedOfSpace).flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func header(_ auth: ProviderRow.Auth, _ key: String) -> HTTPHeader? {
    switch auth {
    case .bearer, .bearerOrNone: HTTPHeader("Authorization", "Bearer \(key)", isSecret: true)
    case .header(let name): HTTPHeader(name, key, isSecret: true)
    case .none: nil
    }
  }

  private func missing(_ target: Target) -> ModelError {
    let names = target.provider.keyVariables.joined(separator: " or ")
    let name = target.provider.name
    return ModelError(
      .authentication, "no key for \(name)",
      hint: names.isEmpty
        ? "awl keys set \(name)"
        : "export \(names)=…, or awl keys set \(name), or try -m builtin/extract, which needs none",
      provider: name, model: target.model, attempts: 0)
  }
}

/// The file's keys, read once when they are first asked for.
private final class StoredKeys: Sendable {
  private let file: KeyFile
  private let read = Mutex<Result<[(provider: String, key: String)], KeyFileError>?>(nil)

  init(file: KeyFile) { self.file = file }

  func keys() throws(KeyFileError) -> [(provider: String, key: String)] {
    try read.withLock { read in
      if let read { return read }
      let result = Result { () throws(KeyFileError) in try file.read() }
      read = result
      return result
    }.get()
  }
}
