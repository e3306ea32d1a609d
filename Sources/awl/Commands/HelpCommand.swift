// `awl help`: the overview, a command's page, and the two pages that concern all commands.

import Models

struct HelpCommand: PlainCommand {
  static let name = "help"
  static let summary = "help on a command, the exit codes, the environment or the configuration"
  static let usage = "[COMMAND|exit-codes|environment|config]"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl help prompt", "every option of awl prompt"),
    ("awl help exit-codes", "what a script can tell from the exit code"),
    ("awl help config", "the keys of a configuration file"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let text: String

  static func parse(_ arguments: Arguments) throws(UsageError) -> HelpCommand {
    switch arguments.words.first {
    case nil: return HelpCommand(text: Help.overview)
    case "exit-codes": return HelpCommand(text: Help.exitCodes)
    case "config" where arguments.words.count == 1: return HelpCommand(text: ConfigHelp.text)
    case "environment": return HelpCommand(text: EnvironmentHelp.text)
    default:
      let (command, rest) = try Commands.find(arguments.words)
      guard rest.isEmpty else { throw UsageError("help takes one command", hint: "awl help \(command.name)") }
      return HelpCommand(text: Help.text(of: command))
    }
  }

  func run(_ program: Program) -> ExitCode {
    program.output.write(text)
    return .done
  }
}

/// The page of environment variables, made from the provider table.
enum EnvironmentHelp {
  static var text: String {
    var text = """
      Variables that awl reads

      AWL_MODEL            the model when -m is not given (default: the configuration's, else fast)
      AWL_CONFIG           the configuration file (default: ~/.config/awl/config.yaml; see awl help config)
      AWL_API_KEY          the key for a server given by --base-url alone
      AWL_OFFLINE          1: nothing is sent; kept answers and builtin models only
      XDG_CACHE_HOME       where answers are kept: $XDG_CACHE_HOME/awl/answers (default: ~/.cache/awl/answers)
      XDG_DATA_HOME        where logs lie: $XDG_DATA_HOME/awl/logs (default: ~/.local/share/awl/logs)
      HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY   proxies (in lower case too; http_proxy in lower case only)
      SSL_CERT_FILE, CURL_CA_BUNDLE, SSL_CERT_DIR    certificates to trust instead of the system's
      NO_COLOR, TERM=dumb  no colour

      Keys and addresses of providers, first one set wins

      """
    for provider in ProviderRow.all {
      let names = provider.keyVariables + provider.baseURLVariables.map(\.variable)
      guard !names.isEmpty else { continue }
      text += "\(Help.padded(provider.name, 20)) \(names.joined(separator: ", "))\n"
    }
    return text
  }
}
