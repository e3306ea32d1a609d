// `awl doctor`: what stands in the way, and what to do about it: keys, servers, libraries, places on disk. No secret is
// shown, and only servers on this machine are spoken to unless a provider is named.

import Formats
import Models
import Storage
import Transport

struct DoctorCommand: Command {
  static let name = "doctor"
  static let summary = "check keys, servers, libraries and places on disk, and say what to do"
  static let usage = "[PROVIDER…]"
  static let groups: [FlagGroup] = []
  static let notes = ["Local servers are always asked whether they answer; other providers only when they are named."]
  static let examples = [
    ("awl doctor", "this machine"), ("awl doctor openai anthropic", "whether their keys are taken, too"),
    ("awl version -v", "what a bug report needs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private enum Verdict: String { case good = "ok", note = "note", bad = "problem" }

  private let names: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> DoctorCommand {
    DoctorCommand(names: arguments.words)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    var providers: [ProviderRow] = []
    for name in names {
      guard let provider = program.names.providerRow(named: name), provider.dialect != .builtin else {
        let known = program.names.providers.map(\.name)
        throw Failure(
          UsageError.unknown("provider", name, among: known, hint: "see awl models list --providers").text, .usage)
      }
      providers.append(provider)
    }
    var isWell = true
    func tell(_ verdict: Verdict, _ text: String) {
      if verdict == .bad { isWell = false }
      program.output.write(untrusted: "\(Help.padded(verdict.rawValue, 8)) \(text)\n")
      program.output.flush()
    }
    tell(.good, "awl \(Version.number)")
    if let version = HTTPTransport.version() {
      tell(.good, String(version.prefix { $0 != " " }))
    } else {
      tell(.bad, "libcurl is not installed, so no server can be reached (apt-get install libcurl4)")
    }
    checkPlaces(program, tell)
    checkConfig(program, tell)
    checkKeys(program, tell)
    await checkServers(providers, program, tell)
    return isWell ? .done : .needsPerson
  }

  private func checkPlaces(_ program: Program, _ tell: (Verdict, String) -> Void) {
    guard let log = program.callLog else { return tell(.bad, "HOME is not set: no log is kept (export HOME=…)") }
    do throws(StorageError) {
      try Files.makeDirectories(log.directory)
      let probe = Paths.join(log.directory, ".doctor")
      try Files.replace(probe, [0x0A])
      try Files.remove(probe)
      tell(.good, "the log is kept in \(log.directory)")
    } catch {
      tell(.bad, "no log can be kept: \(error.description)")
    }
    guard let file = program.keyFile else { return }
    do throws(KeyFileError) {
      _ = try file.read()
    } catch {
      return tell(.bad, error.message)
    }
    if let status = try? FileStatus.of(file.path), status.mode & 0o077 != 0 {
      tell(.bad, "\(file.path) can be read by others (chmod 600 '\(file.path)')")
    }
  }

  private func checkConfig(_ program: Program, _ tell: (Verdict, String) -> Void) {
    let config = Config.read(program.environment)
    for problem in config.problems { tell(.bad, problem) }
    for file in config.files where file.problems.isEmpty { tell(.good, "configuration: \(file.path)") }
    var whole = program
    whole.config = config
    do throws(Failure) {
      try whole.checkTrust()
    } catch {
      for message in error.messages { tell(.note, message) }
    }
  }

  private func checkKeys(_ program: Program, _ tell: (Verdict, String) -> Void) {
    var found: Set<String> = []
    for provider in program.names.providers {
      guard let key = KeyProviders.find(provider, program), found.insert(key.place + key.masked).inserted else {
        continue
      }
      tell(.good, "key of \(provider.name): \(key.masked) from \(key.place)")
    }
    if found.isEmpty { tell(.note, "no key is set (awl keys set PROVIDER, or awl help environment)") }
  }

  private func checkServers(
    _ providers: [ProviderRow], _ program: Program, _ tell: (Verdict, String) -> Void
  ) async {
    if program.isOffline { return tell(.note, "AWL_OFFLINE is set: no server is asked, and no model but builtin ones") }
    let transport = program.transport()
    for provider in program.names.providers.filter(\.isLocal) + providers where provider.dialect != .builtin {
      let isNamed = providers.contains(provider)
      guard let target = try? program.names.target(provider, "none", nil) else {
        if isNamed { tell(.bad, "\(provider.name) has no address (awl models list --providers)") }
        continue
      }
      await check(target, isNamed: isNamed, program, transport, tell)
    }
  }

  /// Asks for the list of models, which costs nothing.
  private func check(
    _ target: Target, isNamed: Bool, _ program: Program, _ transport: HTTPTransport, _ tell: (Verdict, String) -> Void
  ) async {
    let name = target.provider.name
    do throws(ModelError) {
      let models = try await ModelList.fetch(target, program.credentials, transport)
      tell(.good, "\(name) answers at \(BaseURL.shown(target.baseURL)), \(models.count) models")
    } catch {
      // A local server that is not there is the rule; a key that is refused is not.
      guard isNamed || error.kind != .network && error.kind != .timeout else { return }
      tell(isNamed ? .bad : .note, "\(name): \(error.text)")
    }
  }
}
