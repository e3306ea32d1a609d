// The end of a run: outputs on stdout, the failure and the sum on stderr, and the exit code.

import Chains
import Formats
import Models

struct ChainEnding {
  let program: Program
  let chain: Chain
  let output: String?
  let view: RunView

  /// A failure before anything ran.
  static func failure(_ error: StepFailure, _ chain: Chain?) -> Failure {
    Failure(words(error, chain), ExitCode(rawValue: error.code) ?? .usage)
  }

  private static func words(_ error: StepFailure, _ chain: Chain?) -> String {
    let place = error.offset.flatMap { offset in chain?.place(offset) }.map { "\($0): " } ?? ""
    let path = error.path.isEmpty ? "" : "\(error.path): "
    return place + path + error.text
  }

  func end(_ result: RunResult) -> ExitCode {
    view.finish()
    RunSummary(program: program, chain: chain).write(result, view.rows)
    if let outputs = result.outputs {
      if let output, let value = outputs[output] {
        program.output.write(untrusted: (value.string ?? value.text) + "\n")
      } else {
        program.output.write(pretty: outputs)
      }
      program.output.flush()
      program.note(sum(result, "done"))
      return .done
    }
    guard let failure = result.failure else { return .bug }
    if failure.kind == .stop {
      if !failure.message.isEmpty { program.say(failure.message) }
      program.note(sum(result, "stopped"))
      program.ownCode.set(failure.code)
      return .done
    }
    program.say(Self.words(failure, chain))
    program.note(sum(result, failure.kind == .interrupted ? "interrupted" : "failed"))
    if result.directory != nil, failure.kind != .journal { program.note("to go on: awl chain resume \(result.id)") }
    return ExitCode(rawValue: failure.code) ?? .bug
  }

  private func sum(_ result: RunResult, _ word: String) -> String {
    var facts = [Figures.seconds(result.seconds)]
    let spent = result.spent
    if spent.calls > 0 {
      facts.append("\(spent.calls) call\(spent.calls == 1 ? "" : "s"), \(spent.tokens) tokens")
      facts.append(Figures.money(spent.dollars))
    }
    if view.kept > 0 { facts.append("\(view.kept) kept from before") }
    return "\(word) in \(facts.joined(separator: ", "))"
      + (result.directory.map { "; run \(result.id) in \($0)" } ?? "")
  }
}
