// Keys of providers: where they are found and how they travel. A key is a type of its own that cannot be printed.

import Transport

/// A key. Its value leaves this type only in a secret header.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  let value: String
  package init(_ value: String) { self.value = value }
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
}

/// Finds the key of a provider.
package struct Credentials: Sendable {
  private let variables: [String: String]

  /// - Parameter variables: the environment.
  package init(variables: [String: String]) { self.variables = variables }

  /// The headers that present the provider's key, and those whose values the environment gives. Throws
  /// `authentication`, naming the variables to set, where a key is needed and there is none.
  package func headers(for target: Target) throws(ModelError) -> [HTTPHeader] {
    var headers = target.provider.headerVariables.compactMap { row in
      value(row.variable).map { HTTPHeader(row.header, $0) }
    }
    for credential in target.provider.credentials {
      guard let key = value(credential.variable) else { continue }
      guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw ModelError(
          .authentication, "the key in \(credential.variable) has a space, a line end or a character outside ASCII",
          hint: "copy it again", provider: target.provider.name, model: target.model, attempts: 0)
      }
      if let header = Credentials.header(credential.auth, key) { headers.append(header) }
      return headers
    }
    if target.provider.auth.needsKey { throw missing(target) }
    return headers
  }

  /// Values of all known key variables and of others that look like keys, for the redactor.
  package var secrets: [String] {
    let known = Set(ProviderRow.all.flatMap(\.keyVariables) + ["AWL_API_KEY"])
    let endings = ["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY"]
    return variables.filter { name, _ in known.contains(name) || endings.contains { name.hasSuffix($0) } }
      .map { $0.value.trimmedOfSpace }
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
    return ModelError(
      .authentication, "no key for \(target.provider.name)",
      hint: names.isEmpty ? "set a key" : "export \(names)=…, or try -m builtin/extract, which needs none",
      provider: target.provider.name, model: target.model, attempts: 0)
  }
}

extension String {
  /// Without white space and line ends at both ends, which pasting a key brings along.
  var trimmedOfSpace: String {
    var view = Substring(self)
    while let first = view.first, first.isWhitespace { view.removeFirst() }
    while let last = view.last, last.isWhitespace { view.removeLast() }
    return String(view)
  }
}
