// What a run is given: values held to what the chain declares, defaults for the rest, and secrets from the environment.

import Formats
import Models

package enum ChainInputs {
  /// All inputs of a chain, in its order.
  ///
  /// - Throws: a value that does not fit, one that is missing, or one that nobody asked for.
  static func complete(
    _ given: JSON, of chain: Chain, _ failure: (String) -> StepFailure
  ) throws(StepFailure) -> JSON {
    for name in given.keys where !chain.inputs.contains(where: { $0.name == name }) {
      let near = EditDistance.suggestion(for: name, among: chain.inputs.map(\.name)).map { "did you mean '\($0)'?" }
      var unknown = failure("unknown input '\(name)'")
      unknown.hint = near ?? "the chain has \(chain.inputs.map(\.name).joined(separator: ", "))"
      throw unknown
    }
    var values: [(String, JSON?)] = []
    var missing: [String] = []
    for input in chain.inputs {
      guard let value = given[input.name] ?? input.fallback else {
        missing.append(input.name)
        continue
      }
      if let problem = input.problem(with: value) { throw failure("the input '\(input.name)' \(problem)") }
      values.append((input.name, value))
    }
    guard missing.isEmpty else {
      var lacking = failure("the input '\(missing[0])' is missing")
      lacking.hint = missing.map { "-p \($0)=…" }.joined(separator: " ")
      throw lacking
    }
    return .object(values)
  }

  /// The values of a chain's secrets, as far as they are set.
  package static func secretValues(_ chain: Chain, _ variables: [String: String]) -> [String] {
    chain.secrets.compactMap { variables[$0] }.filter { !$0.isEmpty }
  }

  /// The values of the chain's secrets.
  static func secrets(
    _ chain: Chain, _ world: ChainWorld, _ failure: (String, String?) -> StepFailure
  ) throws(StepFailure) -> [String: String] {
    var secrets: [String: String] = [:]
    for name in chain.secrets {
      // Where nothing is sent, no secret is needed.
      let standIn = world.scripted != nil || world.tape?.isReplay == true ? "(\(name))" : nil
      guard let value = standIn ?? world.variables[name], !value.isEmpty else {
        throw failure("the secret '\(name)' is not set", "export \(name)=…")
      }
      secrets[name] = value
    }
    return secrets
  }

  /// A text of the command line as the kind of an input.
  ///
  /// - Throws: a text that cannot be of that kind.
  package static func value(_ text: String, for input: Chain.Input) throws(StepFailure) -> JSON {
    func wrong() -> StepFailure {
      StepFailure("the input '\(input.name)' is to be of type \(input.kind.rawValue), not '\(text)'", .usage)
    }
    switch input.kind {
    case .string, .path, .image: return .string(text)
    case .integer, .number, .boolean, .list, .object:
      guard let value = try? JSON.parse(text), input.problem(with: value) == nil else { throw wrong() }
      return value
    }
  }
}
