// A world with the program's own client and no network: models of this process answer.

import Chains
import Models
import Transport

func scriptedWorld() -> ChainWorld {
  let credentials = Credentials(variables: [:])
  let names = ModelNames(catalogue: ModelCatalogue(), variables: [:], credentials: credentials)
  let client = ModelClient(transport: HTTPTransport(), credentials: credentials, log: nil) { _ in }
  return ChainWorld(
    ask: { call in await client.ask(call) },
    resolve: { name throws(StepFailure) in
      guard case .target(let target)? = try? names.resolve(name) else {
        throw StepFailure("unknown model '\(name)'", .usage)
      }
      return target
    }, day: "2026-11-24")
}
