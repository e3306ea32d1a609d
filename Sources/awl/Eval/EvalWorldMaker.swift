// The outside as evals see it: the one client, names of models with what a suite says of them, workers for code.

import Evals
import Formats
import Models
import Processes
import Storage
import Synchronization
import Transport

/// Makes the world of an eval.
final class EvalWorldMaker: Sendable {
  let progress: ProgressDisplay
  private let flags: EvalFlags
  private let program: Program
  private let suite: Suite
  private let transport: HTTPTransport
  private let client: ModelClient
  private let targets = Mutex<[String: Target]>([:])

  init(flags: EvalFlags, program: Program, suite: Suite) {
    self.flags = flags
    var program = program
    // What the suite's own `env` says holds for addresses, too; that was asked for.
    program.names.variables = suite.environment
    self.program = program
    self.suite = suite
    let progress = ProgressDisplay(program.errors)
    self.progress = progress
    transport = program.transport()
    let (told, isVerbose) = (program, flags.isVerbose)
    client = ModelClient(
      transport: transport, credentials: program.credentials, log: program.callLog,
      cacheDirectory: program.cacheDirectory
    ) { notice in
      if case .retry = notice, !isVerbose { return }
      progress.clear()
      told.tell(notice)
    }
  }

  func world() -> EvalWorld {
    let (program, client, transport) = (program, client, transport)
    var mode = flags.cache ?? (suite.options.usesCache == false ? .off : .on)
    if program.isOffline, mode.isOnline { mode = .only }
    let limit = flags.maximumCost ?? suite.options.maximumCost
    let choice = ModelChoice(program: program, transport: transport)
    var world = EvalWorld(
      ask: { call in await client.ask(call) },
      embed: { request, target throws(ModelError) in try await client.embed(request, target) },
      resolve: { [self] provider throws(CellFault) in try await target(of: provider, choice) },
      variables: program.environment.variables, day: program.today, cache: mode,
      budget: limit.map { Budget("the eval", Budget.Limits(money: $0)) },
      code: CodeWorkers(variables: ChildEnvironment.allowed(program.environment.variables)))
    world.send = { request, options throws(TransportError) in try await transport.send(request, options: options) }
    world.timeout = flags.timeout ?? suite.options.timeout
    world.judges = flags.graders.isEmpty ? suite.judges : flags.graders.map { .string($0) }
    return world
  }

  /// Variables of promptfoo's that say where a provider is, besides our own.
  private static let addresses: [String: [(variable: String, isHost: Bool)]] = [
    "openai": [("OPENAI_API_BASE_URL", false), ("OPENAI_API_HOST", true)],
    "openai-chat": [("OPENAI_API_BASE_URL", false), ("OPENAI_API_HOST", true)],
    "mistral": [("MISTRAL_API_BASE_URL", false), ("MISTRAL_API_HOST", true)],
    "ollama": [("OLLAMA_BASE_URL", false)], "localai": [("LOCALAI_BASE_URL", false)],
    "llamacpp": [("LLAMA_BASE_URL", false)],
    "azure": [("AZURE_OPENAI_API_BASE_URL", false), ("AZURE_API_BASE_URL", false)],
    "gemini": [("GOOGLE_API_BASE_URL", false)],
  ]

  private func target(of provider: SuiteProvider, _ choice: ModelChoice) async throws(CellFault) -> Target {
    guard case .model(let name) = provider.kind else {
      throw CellFault("usage", "'\(provider.label)' is no model", 2)
    }
    if let known = targets.withLock({ $0[provider.identity] }) { return known }
    var target: Target
    do throws(Failure) {
      target = try await choice.target(name, baseURL: provider.baseURL)
      if provider.baseURL == nil, let address = address(of: target.provider.name) {
        target = try await choice.target(name, baseURL: address)
      }
    } catch {
      let place = provider.position.map { "\(provider.file):\($0.line):\($0.column): " } ?? ""
      throw CellFault("usage", place + error.messages.joined(separator: "; "), Int(error.code.rawValue))
    }
    if let variable = provider.keyVariable {
      target.provider.credentials = [ProviderRow.Credential(variable, target.provider.auth)]
    }
    let made = target
    targets.withLock { $0[provider.identity] = made }
    return made
  }

  private func address(of provider: String) -> String? {
    for (variable, isHost) in EvalWorldMaker.addresses[provider] ?? [] {
      guard let value = suite.environment[variable], !value.isEmpty else { continue }
      return isHost ? "https://\(value)/v1" : value
    }
    return nil
  }

  /// After the run: what is still to be written of the log.
  func finish() async {
    progress.clear()
    await client.flush()
  }
}
