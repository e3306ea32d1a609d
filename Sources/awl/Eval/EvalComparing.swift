// What is compared with what, as it was typed: a reference column, a baseline, an early stop, and the reports that are
// written.

import Evals
import Formats
import Models
import Storage

/// The flags of comparisons and reports.
struct EvalComparing: Sendable {
  static let reportGroup = FlagGroup(
    "Reports",
    [
      EvalFlags.many("output", "o", value: "FILE…", "a report: \(ReportFormat.endings)"),
      Flag("annotations", "workflow commands and the step summary of GitHub Actions"),
    ])

  static let compareGroup = FlagGroup(
    "What is compared",
    [
      Flag(
        "against", value: "COLUMN", "the column that others are compared with: its number, or a part of its label (1)"),
      Flag("baseline", value: "RUN|FILE", "exit 101 where this run is worse than that one, 102 where it may be"),
      Flag("max-regression", value: "POINTS", "how much worse it may be (2pt)"),
      Flag("metric", value: "NAME", "what the baseline is held to: pass or score (pass)"),
      Flag("undecided", value: "ok|fail", "whether 'not decided' against the baseline will do (fail)"),
      Flag("clusters", value: "NAME", "tests with the same variable or metadata NAME are one piece of evidence"),
    ])

  var outputs: [String]
  var hasAnnotations: Bool
  var against: String?
  var baseline: String?
  var rule: Baseline.Rule
  var cluster: String?
  var stopsEarly: Bool
  /// There is a baseline, and the whole is held to it when the parts are joined.
  var heldLater = false

  init(_ arguments: Arguments) throws(UsageError) {
    outputs = arguments.strings("output")
    for path in outputs where ReportFormat(fileName: path) == nil {
      throw UsageError("-o \(path): its form is not known from its name", hint: ReportFormat.endings)
    }
    hasAnnotations = arguments.has("annotations")
    against = arguments.string("against")
    baseline = arguments.string("baseline")
    cluster = arguments.string("clusters")
    stopsEarly = arguments.has("stop-early")
    rule = Baseline.Rule()
    if let text = arguments.string("max-regression") {
      guard let margin = Baseline.Rule.margin(text) else {
        throw UsageError("--max-regression: '\(text)' is no number of points", hint: "2pt, or 0.02")
      }
      rule.margin = margin
    }
    switch arguments.string("metric") {
    case nil, "pass": break
    case "score": rule.measure = .scores
    case let name?: throw UsageError("--metric: '\(name)' is neither pass nor score")
    }
    switch arguments.string("undecided") {
    case nil, "fail": break
    case "ok": rule.allowsUndecided = true
    case let word?: throw UsageError("--undecided: '\(word)' is neither ok nor fail")
    }
    if baseline == nil {
      for name in ["max-regression", "metric", "undecided"] where arguments.has(name) {
        throw UsageError("--\(name) says how --baseline is held, and there is none")
      }
    }
  }

  /// Adds what the suite says and no flag does: `baseline` (a file, or `file`, `max_regression`, `metric` and
  /// `undecided`), `clusters`, `stop_early`.
  mutating func add(_ suite: Suite, _ program: Program) throws(Failure) {
    for path in suite.outputs where !outputs.contains(path) {
      if ReportFormat(fileName: path) != nil {
        outputs.append(path)
      } else {
        program.note("warning: outputPath \(path): a report's name ends in \(ReportFormat.endings)")
      }
    }
    if let stops = suite.config["stop_early"]?.bool { stopsEarly = stopsEarly || stops && baseline == nil }
    try add(config: suite.config, of: suite.file, program)
  }

  /// Adds `baseline` and `clusters` of a suite, or of the one that a run was made of.
  mutating func add(config: JSON, of file: String?, _ program: Program) throws(Failure) {
    let place = file ?? "the suite"
    cluster = cluster ?? config["clusters"]?.string
    guard baseline == nil, let wanted = config["baseline"], !wanted.isNull else { return }
    guard let name = wanted.string ?? wanted["file"]?.string else {
      throw Failure("\(place): 'baseline' is a file, or an object with 'file'", .usage)
    }
    if let text = wanted["max_regression"].map({ $0.string ?? $0.text }) {
      guard let margin = Baseline.Rule.margin(text) else {
        throw Failure("\(place): 'max_regression': '\(text)' is no number of points (2pt, or 0.02)", .usage)
      }
      rule.margin = margin
    }
    switch wanted["metric"]?.string {
    case nil, "pass": break
    case "score": rule.measure = .scores
    case let name?: throw Failure("\(place): 'metric': '\(name)' is neither pass nor score", .usage)
    }
    if wanted["undecided"]?.string == "ok" { rule.allowsUndecided = true }
    let path = name.hasPrefix("/") ? name : Paths.join(file.flatMap(Paths.parent) ?? ".", name)
    guard Files.exists(path) else {
      program.note("there is no baseline yet: awl eval bless -o \(path) makes the run one")
      return
    }
    baseline = path
  }

  /// The file of the baseline; nil without one. A run by name is found now, before another one begins.
  func baselinePath() throws(Failure) -> String? {
    guard let baseline else { return nil }
    let path = try EvalRuns.results(baseline)
    do throws(StorageError) {
      _ = try EvalRunFacts(path)
    } catch {
      throw Failure("--baseline \(error.description)", .usage)
    }
    return path
  }

  /// The place of the reference column.
  func place(in columns: [ResultsHead.Column]) throws(Failure) -> Int {
    guard let against else { return 0 }
    if let number = Int(against), (1...max(1, columns.count)).contains(number) { return number - 1 }
    let names = ResultsHead.Column.names(columns)
    let found = columns.indices.filter { place in
      [names[place], columns[place].prompt, columns[place].provider].contains { $0.contains(text: against) }
    }
    if let exact = found.first(where: { names[$0] == against }) { return exact }
    guard found.count == 1 else {
      let list = names.enumerated().map { "\($0.offset + 1) \($0.element)" }.joined(separator: ", ")
      throw Failure("--against '\(against)' is \(found.isEmpty ? "no column" : "several columns") (\(list))", .usage)
    }
    return found[0]
  }
}

extension String {
  /// Whether `text` is a part of it, byte for byte.
  fileprivate func contains(text: String) -> Bool { Array(utf8).contains(bytes: Array(text.utf8)) }
}
