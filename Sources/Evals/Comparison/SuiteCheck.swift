// Assertions over a whole suite: `assert` at the top of it holds a percentile of a column's latencies or costs to a limit,
// whatever single answers took. They are judged when the run is reported, and anew over merged parts.

import Formats

/// An assertion over all answers of a column.
package struct SuiteCheck: Sendable, Equatable {
  package enum Kind: String, Sendable, Equatable, CaseIterable { case latency, cost }

  package var kind: Kind
  /// From 0 to 100.
  package var percentile: Double
  /// Milliseconds, or US dollars.
  package var limit: Double

  private static let keys = ["type", "percentile", "threshold"]

  /// Those that a suite names, as its results keep it; what is wrong with them was said when it was read.
  static func list(_ config: JSON) -> [SuiteCheck] {
    config["assert"]?.elements.compactMap { entry in
      guard let kind = entry["type"]?.string.flatMap(Kind.init), let limit = entry["threshold"]?.double else {
        return nil
      }
      return SuiteCheck(kind: kind, percentile: entry["percentile"]?.double ?? 95, limit: limit)
    } ?? []
  }

  /// What is wrong with `assert` of a suite.
  static func problems(_ value: JSON?, _ file: SuiteFile) -> [SuiteProblem] {
    guard let value, !value.isNull else { return [] }
    guard value.kind == .array else {
      return [file.problem("'assert' of a suite is to be a list", at: value, isError: true)]
    }
    var problems = SuiteProblems()
    for entry in value.elements {
      guard let type = entry["type"]?.string, Kind(rawValue: type) != nil else {
        problems.add(
          file.problem(
            "'assert' of a suite holds latency or cost to a limit", hint: "what every answer is held to is defaultTest",
            at: entry, isError: true))
        continue
      }
      file.checkKeys(entry, known: keys, of: "an assertion over the suite", &problems)
      if entry["threshold"]?.double == nil {
        let unit = type == "latency" ? "milliseconds" : "dollars"
        problems.add(file.problem("'\(type)' needs a 'threshold' in \(unit)", at: entry, isError: true))
      }
      if let percentile = entry["percentile"], !(percentile.double.map { (0...100).contains($0) } ?? false) {
        problems.add(file.problem("'percentile' is from 0 to 100", at: percentile, isError: true))
      }
    }
    return problems.all
  }

  /// How a column stands to it.
  package struct Finding: Sendable, Equatable {
    package var check: SuiteCheck
    package var column: String
    /// In the limit's unit; nil where no answer tells.
    package var value: Double?
    /// So many answers tell.
    package var count: Int

    package var pass: Bool? { value.map { $0 <= check.limit * (1 + 1e-12) } }

    /// `held: latency of gpt, 95 % within 812 ms, at most 900 ms are allowed (120 answers)`.
    package var text: String {
      let name = "\(check.kind.rawValue) of \(column)"
      guard let value, let pass else {
        return "not decided: \(name), of which no answer tells (answers from a cache are not timed: --no-cache)"
      }
      let (share, answers) = (Figures.fixed(check.percentile, 1), Words.count(count, "answer"))
      let percent = share.hasSuffix(".0") ? String(share.dropLast(2)) : share
      return "\(pass ? "held" : "failed"): \(name), \(percent) % of \(answers) within \(amount(value)), "
        + "at most \(amount(check.limit)) allowed"
    }

    private func amount(_ value: Double) -> String {
      check.kind == .latency ? "\(rounded(value)) ms" : "$" + (JSONNumber.text(value) ?? "\(value)")
    }
  }
}

/// What the answers of a column took, one by one.
package struct ColumnSpread: Sendable, Equatable {
  /// Seconds.
  package var latency = Percentiles([])
  /// US dollars.
  package var cost = Percentiles([])

  func finding(_ check: SuiteCheck, named name: String) -> SuiteCheck.Finding {
    let values = check.kind == .latency ? latency : cost
    let value = values.at(check.percentile).map { check.kind == .latency ? $0 * 1000 : $0 }
    return SuiteCheck.Finding(check: check, column: name, value: value, count: values.count)
  }
}
