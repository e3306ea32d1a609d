// `awl prompt`: its flags and what they mean. What it does with them is in Prompt/.

import Formats
import Models

struct PromptCommand: Command {
  static let name = "prompt"
  static let aliases = ["p"]
  static let summary = "run a prompt against a model and stream the answer"
  static let usage = "[TEXT…] [-m MODEL] [-f FILE…] [-a FILE…] [OPTIONS]"
  static let notes = [
    "stdin goes behind the words (a word '-' says where); a pipe silent for 10 seconds is left, unless '-' waits for it.",
    "With --each FILE stdin is not read, unless a flag names it: -p NAME=@-.",
    "Without a kept answer, --cache only and --offline exit 6: you forbade what is needed. A budget that is reached: 5.",
  ]
  static let groups = [
    FlagGroup(
      "What is asked",
      [
        Flag(
          "model", "m", value: "MODEL", repeats: true,
          "PROVIDER/MODEL, an alias (fast, smart), or a known name; several: all are asked"),
        Flag("system", "s", value: "TEXT", "system prompt"),
        Flag("system-file", value: "FILE", "system prompt from a file"),
        Flag("file", "f", value: "FILE", repeats: true, "text of a file, URL or - to show, with its name (repeatable)"),
        Flag("attach", "a", value: "FILE", repeats: true, "image, PDF or sound, file or URL (repeatable)"),
        Flag("template", "t", value: "PROMPT", "a prompt file, or the name of one (awl prompts list)"),
        Flag("param", "p", value: "K=V", repeats: true, "a variable of it: k=text, k=@file, k:=json (repeatable)"),
        Flag("continue", "c", "go on with the last conversation"),
        Flag("conversation", value: "ID[@N]", "go on with this conversation, from its turn N"),
      ]),
    FlagGroup(
      "How it is answered",
      [
        Flag("temperature", value: "N", "randomness"),
        Flag("top-p", value: "N", "nucleus sampling"),
        Flag("max-tokens", value: "N", "most tokens of the answer"),
        Flag("seed", value: "N", "for answers that repeat"),
        Flag("stop", value: "TEXT", repeats: true, "end the answer there (repeatable)"),
        Flag("reasoning", value: "LEVEL", "off, low, medium, high, … or a number of tokens"),
        Flag("option", value: "K=V", repeats: true, "an option of the provider, checked"),
        Flag("option-raw", value: "K=V", repeats: true, "any field of the request, a.b.c=JSON, unchecked"),
      ] + SchemaFlags.flags),
    FlagGroup("Over the rows of a table", RowsFlags.flags),
    FlagGroup(
      "What is printed",
      [
        Flag("no-stream", "ask for the whole answer at once"),
        Flag("extract", "x", choices: ["first", "last"], "only the first fenced code block, or the last"),
        Flag("raw", "on a terminal too, the text as it is: no Markdown is drawn"),
        Flag("json", "one JSON object"),
        Flag("jsonl", "events as they come, one JSON object a line"),
        Flag("usage", "u", "tokens, money and times on stderr"),
        Flag("output", "o", value: "FILE", "write the answer to a file, whole or not at all"),
        Flag("allow-truncated", "exit 0 also when the answer is cut, refused or filtered"),
        Flag("hide-reasoning", "do not show the model's reasoning on stderr"),
        Flag("quiet", "q", "no talk on stderr but errors"),
        Flag("verbose", "v", "show the request without its key"),
      ]),
    FlagGroup(
      "How it is sent",
      [
        Flag("dry-run", "show the request, its tokens and price; send nothing"),
        Flag("no-log", "n", "keep no record, and nothing in the cache"),
        Flag("cache", value: "MODE", "on (take a kept answer, keep a new one), only, refresh (keep only), off"),
        Flag("offline", "send nothing: kept answers and builtin models only (AWL_OFFLINE=1)"),
        Flag("max-cost", value: "USD", "most money for all models together"),
        Flag("max-tokens-total", value: "N", "most tokens, in and out, for all models together"),
        Flag("max-calls", value: "N", "most calls for all models together"),
        Flag("base-url", value: "URL", "the server's address; without a provider in -m: OpenAI-compatible"),
        Flag("header", value: "'N: V'", repeats: true, "another request header (repeatable)"),
        Flag("timeout", value: "TIME", "longest time for the whole answer (30, 500ms, 10m)"),
        Flag("connect-timeout", value: "TIME", "longest time to connect (10)"),
        Flag("idle-timeout", value: "TIME", "longest silence (300)"),
        Flag("retries", value: "N", "retries after passing failures (2)"),
        Flag("proxy", value: "URL", "proxy instead of the environment's"),
        Flag("ca-file", value: "FILE", "certificates to trust instead of the system's"),
        Flag("allow-base-url", "let prompt and project files say where requests go, in this run"),
        Flag("allow-code", "let them run code, in this run"),
      ]),
  ]
  static let examples = [
    ("git diff | awl prompt \"Write a commit message for this\"", "stdin behind the prompt"),
    ("awl prompt -m anthropic/claude-sonnet-5-5 -a chart.png \"What does it show?\"", "an image"),
    ("git diff | awl prompt -t commit-message", "a prompt file of the project, with its variable from stdin"),
  ].map { (command: $0.0, purpose: $0.1) }

  enum Format { case text, json, jsonl }
  enum Extraction { case first, last }

  var words: [String]
  /// Several are asked at once.
  var models: [String]
  var baseURL: String?
  var system: String?
  var systemFile: String?
  var files: [String]
  var attachments: [String]
  var continuesLast: Bool
  var conversation: String?
  var parameters: Parameters
  var options: [(name: String, value: String)]
  var rawOptions: [(path: [String], value: String)]
  var schema: SchemaFlags
  var isStreaming: Bool
  var extraction: Extraction?
  var isRaw: Bool
  var format: Format
  var showsUsage: Bool
  var output: String?
  var allowsTruncated: Bool
  var hidesReasoning: Bool
  var isQuiet: Bool
  var isVerbose: Bool
  var isDryRun: Bool
  var isLogged: Bool
  var cache: CacheMode
  var isOffline: Bool
  var limits: Budget.Limits
  var headers: [(name: String, value: String)]
  var timeout: Double?
  var connectTimeout: Double?
  var idleTimeout: Double?
  var retries: Int?
  var proxy: String?
  var certificateFile: String?
  /// The prompt file, or its name.
  var template: String?
  var variables: [PromptVariable]
  /// What the project's files may do in this run without `awl trust`.
  var allowsCode: Bool
  var allowsAddress: Bool
  /// One answer for each row of a table.
  var rows: RowsFlags?

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptCommand {
    let command = PromptCommand(
      words: arguments.words, models: arguments.strings("model"), baseURL: arguments.string("base-url"),
      system: arguments.string("system"), systemFile: arguments.string("system-file"),
      files: arguments.strings("file"), attachments: arguments.strings("attach"),
      continuesLast: arguments.has("continue"), conversation: arguments.string("conversation"),
      parameters: try parameters(arguments), options: try pairs(arguments, "option").map { ($0, $1) },
      rawOptions: try pairs(arguments, "option-raw").map { (split($0), $1) },
      schema: try SchemaFlags(arguments), isStreaming: !arguments.has("no-stream"),
      extraction: arguments.string("extract").map { $0 == "last" ? .last : .first },
      isRaw: arguments.has("raw"), format: arguments.has("json") ? .json : arguments.has("jsonl") ? .jsonl : .text,
      showsUsage: arguments.has("usage"), output: arguments.string("output"),
      allowsTruncated: arguments.has("allow-truncated"), hidesReasoning: arguments.has("hide-reasoning"),
      isQuiet: arguments.has("quiet"), isVerbose: arguments.has("verbose"), isDryRun: arguments.has("dry-run"),
      isLogged: !arguments.has("no-log"), cache: try CacheFlags.mode(arguments), isOffline: arguments.has("offline"),
      limits: try CacheFlags.limits(arguments), headers: try headers(arguments),
      timeout: try arguments.seconds("timeout"), connectTimeout: try arguments.seconds("connect-timeout"),
      idleTimeout: try arguments.seconds("idle-timeout"), retries: try arguments.int("retries", in: 0...100),
      proxy: arguments.string("proxy"), certificateFile: arguments.string("ca-file"),
      template: arguments.string("template"), variables: try variables(arguments),
      allowsCode: arguments.has("allow-code"), allowsAddress: arguments.has("allow-base-url"),
      rows: try RowsFlags(arguments))
    try command.check(arguments)
    return command
  }

  /// Flags that contradict each other.
  private func check(_ arguments: Arguments) throws(UsageError) {
    let exclusive = [
      ("json", "jsonl"), ("system", "system-file"), ("continue", "conversation"), ("extract", "json"),
      ("extract", "jsonl"), ("quiet", "verbose"), ("jsonl", "output"),
    ]
    for (one, other) in exclusive where arguments.has(one) && arguments.has(other) {
      throw UsageError("--\(one) and --\(other) exclude each other")
    }
    let uses =
      (words + files + [systemFile ?? "", rows?.table ?? ""]).filter { $0 == "-" }.count
      + variables.filter(\.usesStdin).count
    guard uses <= 1 else { throw UsageError("stdin can be used once, and '-' names it twice") }
    if models.count > 1 {
      for flag in ["jsonl", "extract", "output", "continue", "conversation"] where arguments.has(flag) {
        throw UsageError("--\(flag) takes one model, and \(models.count) are given")
      }
    }
    if let baseURL, !AddressSyntax.isAddress(baseURL) {
      throw UsageError("--base-url: '\(baseURL)' is no address", hint: AddressSyntax.hint)
    }
    if let system, system.isEmpty { throw UsageError("--system is empty") }
    if let output, output.isEmpty { throw UsageError("--output is empty") }
    if let conversation, conversation.isEmpty { throw UsageError("--conversation is empty") }
  }

  static func variables(_ arguments: Arguments) throws(UsageError) -> [PromptVariable] {
    var variables: [PromptVariable] = []
    for typed in arguments.strings("param") {
      let variable = try PromptVariable(typed)
      if variables.contains(where: { $0.name == variable.name }) {
        throw UsageError("-p \(variable.name) is given twice")
      }
      variables.append(variable)
    }
    return variables
  }

  private static func parameters(_ arguments: Arguments) throws(UsageError) -> Parameters {
    var parameters = Parameters()
    parameters.temperature = try arguments.double("temperature", in: 0...2)
    parameters.topP = try arguments.double("top-p", in: 0...1)
    parameters.maxTokens = try arguments.int("max-tokens", in: 1...Int.max)
    parameters.seed = try arguments.int("seed")
    parameters.stop = arguments.strings("stop")
    if parameters.stop.contains("") { throw UsageError("--stop is empty") }
    parameters.reasoning = try arguments.string("reasoning").map(Reasoning.init(option:))
    return parameters
  }

  private static func pairs(_ arguments: Arguments, _ flag: String) throws(UsageError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for text in arguments.strings(flag) {
      guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
        throw UsageError("--\(flag): '\(text)' has no value", hint: "write --\(flag) NAME=VALUE")
      }
      pairs.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
    }
    return pairs
  }

  private static func split(_ path: String) -> [String] {
    path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private static func headers(_ arguments: Arguments) throws(UsageError) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    for text in arguments.strings("header") {
      guard let mark = text.firstIndex(of: ":"), mark != text.startIndex else {
        throw UsageError("--header: '\(text)' is no header", hint: "write --header 'Name: value'")
      }
      let name = String(text[..<mark])
      let value = text[text.index(after: mark)...].drop { $0 == " " || $0 == "\t" }
      guard HeaderSyntax.isName(name), HeaderSyntax.isValue(String(value)) else {
        throw UsageError("--header: '\(text)' is no header", hint: "no spaces in the name, no line ends in the value")
      }
      if CredentialHeaders.names.contains(name.lowercased()) {
        throw UsageError(
          "--header \(name): a key on the command line is seen by every user of this machine",
          hint: "put it into the provider's variable, see awl help environment")
      }
      headers.append((name, String(value)))
    }
    return headers
  }
}
