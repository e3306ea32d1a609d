// The flags of `awl eval`: our own, and promptfoo's names where they mean the same.

import Evals
import Formats
import Models
import Storage

/// What was typed after `awl eval`.
struct EvalFlags: Sendable {
  static func many(_ name: String, _ short: Character? = nil, value: String, _ help: String) -> Flag {
    var flag = Flag(name, value: value, repeats: true, help)
    flag.short = short
    flag.takesMany = true
    return flag
  }

  static let groups = [
    FlagGroup(
      "The suite",
      [
        many("config", "c", value: "FILE…", "suites (without: promptfooconfig.yaml, .yml or .json)"),
        many("prompts", value: "PROMPT…", "prompt files, patterns, or texts with {{variables}}"),
        many("models", "m", value: "MODEL…", "providers, in place of the suite's"),
        many("cases", "t", value: "FILE…", "tests: csv, tsv, json, jsonl, yaml"),
        many("assert", value: "KIND:VALUE…", "what every answer is held to: contains:Paris, not-regex:\\d"),
        Flag("param", "p", value: "NAME=VALUE", repeats: true, "a variable for every test"),
        Flag(
          "grader", value: "MODEL", repeats: true,
          "the judge, unless an assertion names one; several decide by majority"),
        Flag("strict", "what would be a warning is an error (the default where the suite says awl: 1)"),
      ]),
    FlagGroup(
      "Which tests",
      [
        Flag("shard", value: "I/N", "the I-th of N parts, for several machines (then: awl eval merge)"),
        Flag("limit", value: "N", "the first N tests"), Flag("sample", value: "N", "N tests by chance"),
        Flag("seed", value: "N", "for --sample (0)"),
        Flag("filter-pattern", value: "REGEX", "tests whose description matches"),
        Flag("filter-prompts", value: "REGEX", "prompts whose label matches"),
        Flag("filter-providers", value: "REGEX", "providers whose label matches"),
        Flag("filter-metadata", value: "K=V", repeats: true, "tests with this metadata"),
        Flag("filter-failing", value: "RUN", "tests that did not pass in a run ('last')"),
        Flag("filter-errors", value: "RUN", "tests that were errors in a run ('last')"),
      ]),
    FlagGroup(
      "How it runs",
      [
        Flag("width", "j", value: "N", "cells at once (8)"), Flag("repeat", value: "N", "ask each N times"),
        Flag("delay", value: "MS", "milliseconds between calls, one at a time"),
        Flag("timeout", value: "TIME", "for each call"),
        Flag("max-cost", value: "DOLLARS", "stop before more is spent"),
        Flag("cache", value: "MODE", "on, off, only, refresh (on)"), Flag("offline", "send nothing"),
        Flag("retry-errors", "go on with the last run of this suite: its errors again"),
        Flag("new", "begin anew, even if the last run was broken off"),
        Flag("stop-early", "with two columns: stop as soon as it is clear which is better"),
        Flag("dry-run", "show what would be asked, and the price"),
        Flag("allow-code", "run the suite's code"), Flag("allow-base-url", "let the suite say where requests go"),
      ]),
    FlagGroup(
      "What is printed",
      [
        Flag("json", "the summary as JSON"), Flag("jsonl", "the cells, one a line"),
        Flag("format", value: "github", "JSON as GitHub's 'gh models eval --json' prints it"),
        Flag("pass-rate", value: "PERCENT", "the least share of passes for exit code 0 (100)"),
        Flag("no-table", "no table"), Flag("quiet", "q", "no talk on stderr but errors"),
        Flag("verbose", "v", "retries, too"),
      ]),
    EvalComparing.compareGroup, EvalComparing.reportGroup,
    FlagGroup(
      "promptfoo's names",
      [
        many("providers", "r", value: "MODEL…", "--models"), many("tests", value: "FILE…", "--cases"),
        many("vars", value: "FILE…", "--cases"), Flag("var", value: "K=V", repeats: true, "-p"),
        Flag("max-concurrency", value: "N", "-j"), Flag("no-cache", "--cache off"),
        Flag("filter-first-n", value: "N", "--limit"), Flag("filter-sample", value: "N", "--sample"),
        Flag("filter-targets", value: "REGEX", "--filter-providers"),
        Flag("no-progress-bar", "-q"), Flag("description", value: "TEXT", "of the run"),
      ]),
  ]

  var configs: [String]
  var prompts: [String]
  var models: [String]
  var cases: [String]
  var assertions: [String]
  var parameters: [String]
  var graders: [String]
  var isStrict: Bool
  var shard: Shard?
  var limit: Int?
  var sample: Int?
  var seed: Int
  var pattern: RegularExpression?
  var promptPattern: RegularExpression?
  var providerPattern: RegularExpression?
  var metadata: [(key: String, value: String)]
  var failing: String?
  var errors: String?
  var width: Int?
  var repeats: Int?
  var delay: Int?
  var timeout: Double?
  var maximumCost: Double?
  var cache: CacheMode?
  var isOffline: Bool
  var retriesErrors: Bool
  var isNew: Bool
  var isDryRun: Bool
  var allowsCode: Bool
  var allowsAddress: Bool
  var isJSON: Bool
  var isJSONLines: Bool
  var isGitHub: Bool
  var passRate: Double?
  var hasTable: Bool
  var isQuiet: Bool
  var isVerbose: Bool
  var description: String?
  var comparing: EvalComparing

  init(_ arguments: Arguments) throws(UsageError) {
    if let word = arguments.words.first {
      let isFile = word.hasSuffix(".yaml") || word.hasSuffix(".yml") || word.hasSuffix(".json")
      let verb = EditDistance.suggestion(for: word, among: Commands.verbs(of: "eval"))
      if let verb { throw UsageError("unexpected '\(word)'", hint: "did you mean 'awl eval \(verb)'?") }
      throw UsageError("unexpected '\(word)'", hint: isFile ? "awl eval -c \(word)" : "see awl eval --help")
    }
    configs = arguments.strings("config")
    prompts = arguments.strings("prompts")
    models = arguments.strings("models") + arguments.strings("providers")
    cases = arguments.strings("cases") + arguments.strings("tests") + arguments.strings("vars")
    assertions = arguments.strings("assert")
    parameters = arguments.strings("param") + arguments.strings("var")
    graders = arguments.strings("grader")
    if Set(graders).count < graders.count {
      throw UsageError("--grader: a judge that is there twice agrees with itself")
    }
    isStrict = arguments.has("strict")
    if let text = arguments.string("shard") {
      shard = Shard(text)
      if shard == nil { throw UsageError("--shard: '\(text)' is no part of so many", hint: "1/4 to 4/4") }
    }
    limit = try EvalFlags.count(arguments, "limit", or: "filter-first-n", most: Int.max)
    sample = try EvalFlags.count(arguments, "sample", or: "filter-sample", most: 10_000_000)
    seed = try arguments.int("seed") ?? 0
    pattern = try EvalFlags.expression(arguments, "filter-pattern")
    promptPattern = try EvalFlags.expression(arguments, "filter-prompts")
    providerPattern = try EvalFlags.expression(
      arguments, arguments.has("filter-providers") ? "filter-providers" : "filter-targets")
    metadata = []
    for text in arguments.strings("filter-metadata") {
      guard let mark = text.firstIndex(of: "=") else { throw UsageError("--filter-metadata: '\(text)' is no K=V") }
      metadata.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
    }
    failing = arguments.string("filter-failing")
    errors = arguments.string("filter-errors")
    width = try EvalFlags.count(arguments, "width", or: "max-concurrency", most: 4096)
    repeats = try arguments.int("repeat", in: 1...10_000)
    delay = try arguments.int("delay", in: 0...3_600_000)
    timeout = try arguments.seconds("timeout")
    maximumCost = try arguments.double("max-cost", in: 0 ... .infinity)
    cache = arguments.has("no-cache") ? .off : nil
    if arguments.has("cache") { cache = try CacheFlags.mode(arguments) }
    isOffline = arguments.has("offline")
    retriesErrors = arguments.has("retry-errors")
    isNew = arguments.has("new")
    if isNew, retriesErrors { throw UsageError("--new and --retry-errors exclude each other") }
    isDryRun = arguments.has("dry-run")
    allowsCode = arguments.has("allow-code")
    allowsAddress = arguments.has("allow-base-url")
    isJSON = arguments.has("json")
    isJSONLines = arguments.has("jsonl")
    isGitHub = arguments.has("format")
    if let format = arguments.string("format"), format != "github" {
      throw UsageError("--format \(format): only 'github' is known")
    }
    if isJSON, isJSONLines { throw UsageError("--json and --jsonl exclude each other") }
    passRate = try arguments.double("pass-rate", in: 0...100)
    hasTable = !arguments.has("no-table")
    isQuiet = arguments.has("quiet") || arguments.has("no-progress-bar")
    isVerbose = arguments.has("verbose")
    description = arguments.string("description")
    comparing = try EvalComparing(arguments)
    if shard != nil, comparing.stopsEarly { throw UsageError(EvalReporting.shardStopsEarly) }
    if comparing.hasAnnotations, isJSON || isJSONLines || isGitHub {
      throw UsageError("--annotations are lines on stdout, where JSON goes with --json, --jsonl and --format")
    }
  }

  /// What stdout gets at the end.
  var form: EvalForm {
    if isJSON { return .json }
    if isJSONLines { return .jsonLines }
    return isGitHub ? .github : hasTable ? .table : .nothing
  }

  /// A number under our name or under promptfoo's.
  private static func count(
    _ arguments: Arguments, _ name: String, or other: String, most: Int
  ) throws(UsageError) -> Int? {
    try arguments.int(arguments.has(name) ? name : other, in: 1...most)
  }

  private static func expression(_ arguments: Arguments, _ name: String) throws(UsageError) -> RegularExpression? {
    guard let text = arguments.string(name) else { return nil }
    do throws(RegularExpressionError) { return try RegularExpression(text) } catch {
      throw UsageError("--\(name): '\(text)' is no pattern: \(error)")
    }
  }
}
