// The outside as chains see it: models through the one client, secrets from the environment.

import Chains
import Models
import Storage
import Transport

struct ChainWorldMaker {
  let program: Program
  /// `--model`.
  let model: String?

  func world(_ view: RunView) -> ChainWorld {
    let program = program
    let transport = program.transport()
    let client = ModelClient(
      transport: transport, credentials: program.credentials, log: program.callLog,
      cacheDirectory: program.cacheDirectory
    ) { view.tell($0) }
    let choice = ModelChoice(program: program, transport: transport)
    var world = ChainWorld(
      ask: { call in
        var call = call
        if program.isOffline, call.cache.isOnline { call.cache = .only }
        return await client.ask(call)
      },
      resolve: { name throws(StepFailure) in
        do throws(Failure) {
          return try await choice.target(name, baseURL: nil)
        } catch {
          throw StepFailure(error.messages.joined(separator: "; "), error.code)
        }
      },
      variables: program.environment.variables, model: model ?? program.environment["AWL_CHAIN_MODEL"],
      day: program.today, tell: { event in view.tell(event) })
    world.transport = transport
    world.prepare = { call in
      let config = program.config
      call.options = HTTPOptions(
        totalTimeout: config.seconds("timeout"), connectTimeout: config.seconds("connect_timeout") ?? 10,
        idleTimeout: config.seconds("idle_timeout") ?? 300)
      call.retries = RetryPolicy(maximumRetries: config.retries ?? 2)
      call.request.parameters = call.request.parameters.filled(from: config.parameters(for: call.target))
    }
    world.embed = { request, target, budget throws(ModelError) in
      let config = program.config
      let options = HTTPOptions(
        totalTimeout: config.seconds("timeout"), connectTimeout: config.seconds("connect_timeout") ?? 10,
        idleTimeout: config.seconds("idle_timeout") ?? 300)
      return try await client.embed(
        request, target, options: options, retries: RetryPolicy(maximumRetries: config.retries ?? 2), budget: budget)
    }
    world.rerank = { request, target, budget throws(ModelError) in
      let config = program.config
      var call = RerankCall(target)
      if program.isOffline { call.cache = .only }
      call.options = HTTPOptions(
        totalTimeout: config.seconds("timeout"), connectTimeout: config.seconds("connect_timeout") ?? 10,
        idleTimeout: config.seconds("idle_timeout") ?? 300)
      call.retries = RetryPolicy(maximumRetries: config.retries ?? 2)
      call.budget = budget
      return try await client.rerank(request, call)
    }
    if program.environment.isInputTerminal, program.environment.isErrorTerminal {
      world.person = { question in await PersonReading(program: program).answer(question) }
      world.approve = { request in await PersonReading(program: program).approval(request) }
    }
    return world
  }
}
