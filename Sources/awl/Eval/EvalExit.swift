// What a run's end means for a script: the one rule for runs, merged parts and their reports.

import Evals
import Models

extension RunReport {
  /// The exit code of a run that is at its end.
  ///
  /// - Parameter passRate: the least share of passes in per cent, where one was asked for.
  func exitCode(passRate: Double?) -> ExitCode {
    let total = summary.passes + summary.failures + summary.errors
    let share = total > 0 ? Double(summary.passes) / Double(total) * 100 : 100
    let passes = share + 1e-9 >= passRate ?? 100
    let fails = findings.contains { $0.pass == false }
    let isOpen = findings.contains { $0.pass == nil }
    guard let baseline else { return passes && !fails ? isOpen ? .evalUndecided : .done : .evalTestFailed }
    if baseline.outcome != .worse, fails || passRate != nil && !passes { return .evalTestFailed }
    let code = ExitCode(rawValue: baseline.exitCode) ?? .done
    return code == .done && isOpen ? .evalUndecided : code
  }
}
