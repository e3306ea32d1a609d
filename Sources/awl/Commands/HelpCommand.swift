// `awl help`: the overview, a command's page, and the pages that concern all commands.

import Models

struct HelpCommand: PlainCommand {
  static let name = "help"
  static let summary = "help on a command, the exit codes, the environment, the configuration or scripts"
  static let usage = "[COMMAND|exit-codes|environment|config|script]"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl help prompt", "every option of awl prompt"),
    ("awl help exit-codes", "what a script can tell from the exit code"),
    ("awl help config", "the keys of a configuration file"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let text: String

  static func parse(_ arguments: Arguments) throws(UsageError) -> HelpCommand {
    let words = arguments.words
    guard let first = words.first else { return HelpCommand(text: Help.overview) }
    if words.count == 1, let page = page(first) ?? Help.text(ofNoun: first) { return HelpCommand(text: page) }
    if words.count > 1, pages.contains(first), Commands.verbs(of: first).isEmpty {
      throw UsageError("help takes one page", hint: "awl help \(first)")
    }
    let (command, rest) = try Commands.find(words)
    guard rest.isEmpty else { throw UsageError("help takes one command", hint: "awl help \(command.name)") }
    return HelpCommand(text: Help.text(of: command))
  }

  /// The pages that concern no command alone.
  static let pages = ["exit-codes", "environment", "config", "script"]

  private static func page(_ name: String) -> String? {
    switch name {
    case "exit-codes": Help.exitCodes
    case "environment": EnvironmentHelp.text
    case "config": ConfigHelp.text
    case "script": ScriptHelp.text
    default: nil
    }
  }

  func run(_ program: Program) -> ExitCode {
    program.output.write(text)
    return .done
  }
}

/// The page of the answers that `builtin/script` gives.
enum ScriptHelp {
  static let text = """
    Scripts: the answers of -m builtin/script:FILE

    A script is JSON Lines: one object a line, blank lines are skipped. The first one whose "match" holds and that is
    not used up answers; one without "match" holds always, once.

      {"match": {"text": "weather"}, "tool_calls": [{"name": "weather", "arguments": {"city": "Bern"}}]}
      {"match": {"call": 2}, "text": "Rain.", "usage": {"input": 20, "output": 2}}
      {"error": {"kind": "rate_limit", "retry_after": 0.1}}
      {"json": {"city": "Bern"}}

    match        text     is in the last message of the user
                 system   is in the system prompt
                 schema   true or false: whether one is asked for; or its name
                 tools    a list of names, all offered
                 call     the number of the call in this process, from 1, retries counted
                 model    script:FILE as it was asked for
    times        how often it may answer; without it once, with match always
    text         the answer; or chunks, a list of its pieces; or json, any value
    reasoning    what the model thinks before it
    tool_calls   name, arguments (a value or a text), id
    finish       stop, length, tool_calls, refusal or content_filter
    usage        input, output, cache_read, reasoning, in tokens
    latency_ms   the wait before each piece; first_token_ms: before the first
    error        kind, message, status, retry_after (seconds), after_chunks (pieces that come before it)

    """
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
      AWL_CHAIN_MODEL      the model of steps of a chain that name none, above AWL_MODEL
      AWL_KERNEL           the vector code of a search: scalar, avx2 or neon (default: the best of this machine)
      VISUAL, EDITOR       the editor of awl config edit
      LLM_USER_PATH        the folder of llm, whose templates -t finds (default: ~/.config/io.datasette.llm)
      XDG_CONFIG_HOME      where configuration, keys and prompts are: $XDG_CONFIG_HOME/awl (default: ~/.config/awl)
      XDG_STATE_HOME       where what you typed in chats is kept: $XDG_STATE_HOME/awl (default: ~/.local/state/awl)
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
