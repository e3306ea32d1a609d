// A run made ready for reports: its sums, its figures and its verdicts. Every report is written from it and from the rows,
// which are read again as they are needed.

import Formats
import Models
import Storage

/// What reports say above the rows.
package struct RunReport: Sendable {
  package var summary: SuiteSummary
  package var table: RunTable
  /// By column, as in the table.
  package var figures: [ColumnFigures]
  /// Each column against the reference column, which is left out.
  package var comparisons: [ColumnComparison]
  package var baseline: Baseline?
  /// By column, as in the table: what single answers took.
  package var spreads: [ColumnSpread]
  /// Of the assertions over the whole suite.
  package var findings: [SuiteCheck.Finding]
  /// Sentences of the run itself (a budget's end, an early stop), before the verdicts.
  package var remarks: [String] = []
  /// The record of the run's end; nil where it was broken off.
  package var ending: JSON?
  /// 1/e of the comparison, where the run was stopped early.
  package var earlyP: Double?
  /// Names of variables in the order of their first cell, at most a thousand.
  package var variables: [String]

  package struct Options: Sendable {
    /// The column that the others are compared with: the place of it.
    package var against = 0
    /// The variable or metadata entry whose equal values make a cluster.
    package var cluster: String?
    /// Of a run that stopped early, the p of its comparison: 1/e, valid whenever it is read.
    package var earlyP: Double?
    /// What the comparison of a run is held to that might have stopped early; nil for 5 %.
    package var level: Double?
    /// Reads metrics that are computed from others into a column's `derived`.
    package var derive: (@Sendable (inout SuiteSummary) -> Void)?

    package init() {}
  }

  package static let mostVariables = 1000

  /// Reads a file of results twice. Blocks on the disk.
  ///
  /// - Parameter failed: Sees every cell that did not pass, in the order in which they ended.
  package init(
    _ path: String, _ options: Options = Options(), failed: (CellResult) -> Void = { _ in }
  ) throws(StorageError) {
    let table = try RunTable(path, cluster: options.cluster)
    self.table = table
    ending = (try? EvalRunFacts(path)).flatMap(\.end)
    (summary, variables, spreads) = try RunReport.sums(table, failed)
    options.derive?(&summary)
    let names = ResultsHead.Column.names(table.columns)
    // A column that the sums have not is one that tells nothing.
    while spreads.count < names.count { spreads.append(ColumnSpread()) }
    findings = []
    figures = names.indices.map { ColumnFigures(table, column: $0, named: names[$0]) }
    comparisons = names.indices.filter { $0 != options.against && options.against < names.count }.map {
      ColumnComparison(
        table, column: options.against, named: names[options.against], table, column: $0, named: names[$0],
        isSameRun: true)
    }.corrected()
    for check in SuiteCheck.list(table.head.config) where table.head.shard == nil {
      findings += names.indices.map { spreads[$0].finding(check, named: names[$0]) }
    }
    earlyP = options.earlyP
    if comparisons.count == 1 {
      if let earlyP = options.earlyP { comparisons[0].passes?.p = earlyP }
      if let level = options.level { comparisons[0].level = level }
    }
  }

  private static func sums(
    _ table: RunTable, _ failed: (CellResult) -> Void
  ) throws(StorageError) -> (SuiteSummary, [String], [ColumnSpread]) {
    var summary = SuiteSummary(table.head)
    var (latencies, costs) = ([[Double]](), [[Double]]())
    var variables: [String] = []
    var known: Set<String> = []
    var parser = JSONParser()
    let records = try RecordReader(table.path)
    while let record = try records.next() {
      if table.superseded.contains(record.offset) { continue }
      let json = record.line.withUnsafeBytes { try? parser.parse($0) }
      guard let json, json["id"] != nil, let prompt = json["prompt"]?.string, let provider = json["provider"]?.string,
        let vars = json["vars"], let outcome = json["outcome"]
      else { continue }
      let place = summary.place(prompt: prompt, provider: provider)
      let took = summary.add(json, column: place)
      while latencies.count <= place {
        latencies.append([])
        costs.append([])
      }
      if let latency = took.latency { latencies[place].append(latency) }
      if let cost = took.cost { costs[place].append(cost) }
      for (name, _) in vars.members where known.insert(name).inserted {
        if variables.count < RunReport.mostVariables { variables.append(name) }
      }
      if !outcome.isString("pass"), let cell = CellResult(json) { failed(cell) }
    }
    let spreads = summary.columns.indices.map { place in
      place < latencies.count
        ? ColumnSpread(latency: Percentiles(latencies[place]), cost: Percentiles(costs[place])) : ColumnSpread()
    }
    return (summary, variables, spreads)
  }

  package var names: [String] { figures.map(\.name) }

  /// Somebody waited for answers: of models in this process times say nothing.
  package var hasTimes: Bool {
    zip(table.columns, spreads).contains { !$0.isLocal && $1.latency.count > 0 }
  }

  /// What the run is called.
  package var title: String { summary.head.description ?? summary.head.suite ?? "Eval \(summary.head.run)" }

  /// The verdicts, a line each: by passes, and by scores where these are more than passes.
  package var verdicts: [String] {
    var lines = remarks
    if earlyP != nil {
      lines.append("stopped early, since the difference is clear; its p allows for having looked after every test")
    }
    for comparison in comparisons {
      lines.append(Verdict(comparison).text)
      if comparison.hasScores, comparison.scores != nil { lines.append(Verdict(comparison, .scores).text) }
    }
    if let baseline {
      lines += baseline.columns.map(\.text)
      if baseline.columns.isEmpty {
        lines.append("not decided: no test of this run is in the baseline (is it one of another suite?)")
      }
      lines += baseline.remarks
    }
    if let reach { lines.append(reach) }
    lines += findings.map(\.text)
    if let line = summary.judges.text { lines.append(line) }
    return lines
  }

  /// The least difference that the suite can find, where no comparison says it already.
  private var reach: String? {
    guard comparisons.isEmpty || comparisons.contains(where: { Verdict($0).kind != .undecided }) else { return nil }
    if let estimate = comparisons.first?.passes {
      // A difference was found: what else could have been says something only where it is a number.
      guard earlyP == nil, let least = estimate.detectable, least <= 1 else { return nil }
      return Verdict.reach(estimate, .passes)
    }
    // One column alone: two variants that pass as often and differ on as many tests as chance would have it.
    guard baseline == nil, let column = figures.first, let rate = column.passRate, column.tests > 1 else { return nil }
    let share = min(0.95, max(0.05, rate))
    let estimate = Estimate(
      method: .passes, difference: 0, interval: Interval(0, 0), p: 1, deviation: (2 * share * (1 - share)).squareRoot(),
      count: column.tests)
    return Verdict.reach(estimate, .passes)
  }

  /// How many answers there are, how many passed, what it cost.
  package var countsLine: String {
    var pieces = ["\(summary.passes) passed"]
    if summary.failures > 0 { pieces.append("\(summary.failures) failed") }
    if summary.errors > 0 { pieces.append(Words.count(summary.errors, "error")) }
    if summary.missing > 0 { pieces.append("\(summary.missing) not run") }
    let cells = summary.columns.reduce(0) { $0 + $1.cells }
    var line = "\(Words.count(cells, "answer")) in \(Words.count(table.columns.count, "column")): "
    line += pieces.joined(separator: ", ")
    if let cost { line += ", \(Figures.money(cost))" }
    if let duration = summary.duration { line += ", \(Figures.seconds(duration))" }
    return line
  }

  /// US dollars of all columns; nil where a price is not known.
  package var cost: Double? {
    summary.columns.reduce(Optional(0.0)) { sum, column in sum.flatMap { sum in column.cost.map { sum + $0 } } }
  }
}

extension Words {
  /// `85.0 %`.
  static func percent(_ value: Double) -> String { Figures.fixed(value * 100, 1) + " %" }
}
