// What a command is: a table of facts, a parser from arguments to options, and a run. Adding one is a file and a line in
// `Commands.all`.

import Models

/// A command of the program. The conforming type holds its options.
protocol Command: Sendable {
  /// `prompt`, or two words for a verb of a noun: `logs list`.
  static var name: String { get }
  /// Other names: `p`.
  static var aliases: [String] { get }
  /// One sentence, lower case, no full stop.
  static var summary: String { get }
  /// What stands after the name in the usage line.
  static var usage: String { get }
  static var groups: [FlagGroup] { get }
  /// Command lines that work, each with what it does.
  static var examples: [(command: String, purpose: String)] { get }
  /// What the help says besides: a few lines, or none.
  static var notes: [String] { get }

  static func parse(_ arguments: Arguments) throws(UsageError) -> Self
  func run(_ program: Program) async throws(Failure) -> ExitCode
  /// Runs the command to its end on this thread, or on the cooperative pool while this thread waits. Both defaults suffice.
  func launch(_ program: Program) -> ExitCode
}

extension Command {
  static var aliases: [String] { [] }
  static var notes: [String] { [] }
  static var flags: [Flag] { groups.flatMap(\.flags) + [Flag("help", "h", "print this help")] }
}

/// A run that ended without what was asked for.
struct Failure: Error {
  /// Lines for stderr, each without the program's name.
  var messages: [String]
  var code: ExitCode

  init(_ message: String, _ code: ExitCode) {
    messages = [message]
    self.code = code
  }

  init(messages: [String], _ code: ExitCode) {
    self.messages = messages
    self.code = code
  }

  /// Nothing is left to say.
  init(silent code: ExitCode) {
    messages = []
    self.code = code
  }
}

enum Commands {
  /// Every command, in the order of the help.
  static let all: [any Command.Type] = [
    PromptCommand.self,
    ChatCommand.self,
    PromptsListCommand.self,
    PromptsShowCommand.self,
    PromptsSaveCommand.self,
    PromptsCheckCommand.self,
    PromptsConvertCommand.self,
    ChainRunCommand.self,
    ChainCheckCommand.self,
    ChainTestCommand.self,
    ChainGraphCommand.self,
    ChainResumeCommand.self,
    ChainRunsCommand.self,
    ChainShowCommand.self,
    ChainDiffCommand.self,
    ChainRemoveCommand.self,
    ChainSchemaCommand.self,
    EmbedTextCommand.self,
    EmbedAddCommand.self,
    EmbedSyncCommand.self,
    EmbedSearchCommand.self,
    EmbedSimilarCommand.self,
    EmbedListCommand.self,
    EmbedShowCommand.self,
    EmbedRemoveCommand.self,
    EmbedInfoCommand.self,
    EmbedCompactCommand.self,
    EmbedVerifyCommand.self,
    EmbedExportCommand.self,
    EmbedImportCommand.self,
    EvalRunCommand.self,
    EvalListCommand.self,
    EvalShowCommand.self,
    EvalReportCommand.self,
    EvalDiffCommand.self,
    EvalBlessCommand.self,
    EvalMergeCommand.self,
    EvalRescoreCommand.self,
    EvalRemoveCommand.self,
    ModelsListCommand.self,
    ModelsShowCommand.self,
    KeysSetCommand.self,
    KeysListCommand.self,
    KeysRemoveCommand.self,
    KeysPathCommand.self,
    ConfigShowCommand.self,
    ConfigGetCommand.self,
    ConfigSetCommand.self,
    ConfigEditCommand.self,
    ConfigPathCommand.self,
    ConfigCheckCommand.self,
    TrustAddCommand.self,
    TrustListCommand.self,
    TrustRemoveCommand.self,
    LogsListCommand.self,
    LogsShowCommand.self,
    LogsSearchCommand.self,
    LogsRemoveCommand.self,
    LogsStatsCommand.self,
    LogsPathCommand.self,
    LogsExportCommand.self,
    CacheStatsCommand.self,
    CacheExplainCommand.self,
    CachePruneCommand.self,
    CacheClearCommand.self,
    CacheVerifyCommand.self,
    UsageCommand.self,
    DataConvertCommand.self,
    DataValidateCommand.self,
    DataRenderCommand.self,
    DataSchemaCommand.self,
    DoctorCommand.self,
    CompletionCommand.self,
    HelpCommand.self,
    VersionCommand.self,
  ]

  /// Verbs that a noun stands for when it stands alone: `awl models` lists.
  static let defaultVerbs = [
    "prompts": "list", "models": "list", "keys": "list", "logs": "list", "cache": "stats", "trust": "list",
    "config": "show", "eval": "run",
  ]

  /// Verbs that may be left out before words: `awl trust FILE` adds.
  static let impliedVerbs = ["trust": "add", "eval": "run"]

  /// The command that `words` begins with and what is left, or what is wrong.
  static func find(_ words: [String]) throws(UsageError) -> (any Command.Type, [String]) {
    guard let first = words.first else { return (HelpCommand.self, []) }
    if let command = all.first(where: { $0.name == first || $0.aliases.contains(first) }) {
      return (command, Array(words.dropFirst()))
    }
    let verbs = verbs(of: first)
    if !verbs.isEmpty { return try find(verb: words, noun: first, verbs: verbs) }
    throw .unknown("command", first, among: names, hint: "see awl help; to run a prompt: awl prompt \"…\"")
  }

  private static func find(verb words: [String], noun: String, verbs: [String]) throws(UsageError)
    -> (any Command.Type, [String])
  {
    let second = words.dropFirst().first
    if let second, let command = all.first(where: { $0.name == "\(noun) \(second)" }) {
      return (command, Array(words.dropFirst(2)))
    }
    if let verb = defaultVerbs[noun], second == nil || second?.hasPrefix("-") == true,
      let command = all.first(where: { $0.name == "\(noun) \(verb)" })
    {
      return (command, Array(words.dropFirst()))
    }
    if let verb = impliedVerbs[noun], let command = all.first(where: { $0.name == "\(noun) \(verb)" }) {
      return (command, Array(words.dropFirst()))
    }
    let hint = "awl \(noun) \(verbs.joined(separator: "|"))"
    guard let second, !second.hasPrefix("-") else { throw UsageError("\(noun): a verb is expected", hint: hint) }
    throw .unknown("verb", second, among: verbs, hint: hint)
  }

  /// The verbs of a noun; none for what is no noun.
  static func verbs(of noun: String) -> [String] {
    all.compactMap { command in
      command.name.hasPrefix(noun + " ") ? String(command.name.dropFirst(noun.count + 1)) : nil
    }
  }

  /// First words of all commands.
  static var names: [String] {
    var names: [String] = []
    for command in all {
      let first = String(command.name.prefix { $0 != " " })
      if !names.contains(first) { names.append(first) }
    }
    return names
  }
}
