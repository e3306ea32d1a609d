// The end of an answer: what is still to be printed, and what the exit code says of it.

import Formats
import Models
import Storage

extension PromptCommand {
  /// Prints what was held back, and judges. What came is shown whatever became of the call.
  func show(_ outcome: Outcome, _ target: Target, _ program: Program) throws(Failure) -> ExitCode {
    if outcome.error?.kind == .cancelled {
      // Nobody reads any more, or nothing can be written: nobody interrupted.
      if program.output.isClosed { return .done }
      if let problem = program.output.problem {
        throw Failure("stdout: \(problem)\(kept(outcome))", .usage)
      }
    }
    var code = verdict(outcome, target, program)
    if code == .done, refuseCalls(outcome, program) { code = .needsPerson }
    switch format {
    case .json: emit(EventJSON.object(outcome, target) + [0x0A], program, &code)
    case .jsonl: emit(EventJSON.object(outcome, target, event: "outcome") + [0x0A], program, &code)
    case .text: try showText(outcome, program, &code)
    }
    if showsUsage { program.say(Figures.summary(outcome)) }
    return code
  }

  private func showText(_ outcome: Outcome, _ program: Program, _ code: inout ExitCode) throws(Failure) {
    let text = outcome.reply.text
    if extraction != nil {
      guard let block = block(of: text) else {
        if code == .done {
          throw Failure("the answer has no fenced code block\(kept(outcome))", .answerDidNotHold)
        }
        return
      }
      return emit(Array(block.utf8), program, &code)
    }
    if output != nil, !text.isEmpty || code == .done {
      return emit(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), program, &code)
    }
    endLine(text, program)
  }

  /// Ends the answer's last line; Markdown that was drawn has ended it.
  func endLine(_ text: String, _ program: Program) {
    let isDrawn = !isRaw && program.markdownRenderer != nil
    if !text.isEmpty, !text.hasSuffix("\n"), !isDrawn { program.output.write("\n") }
    program.output.flush()
  }

  /// To stdout, or to the file of `-o`, which is replaced only by a good answer.
  func emit(_ bytes: [UInt8], _ program: Program, _ code: inout ExitCode, isJSON: Bool = false) {
    let isJSON = isJSON || format != .text
    guard let output else { return toStdout(bytes, isJSON, program) }
    guard code == .done else {
      program.say("\(output): left as it was, since the answer is not one that was asked for; it goes to stdout")
      return toStdout(bytes, isJSON, program)
    }
    do throws(StorageError) {
      try Files.replace(output, bytes, mode: 0o666)
    } catch {
      program.say("\(error.description); the answer goes to stdout instead")
      toStdout(bytes, isJSON, program)
      code = .usage
    }
  }

  private func toStdout(_ bytes: [UInt8], _ isJSON: Bool, _ program: Program) {
    if isJSON { program.output.write(json: bytes) } else { program.output.write(untrusted: bytes) }
    program.output.flush()
  }

  /// The code that `--extract` takes out of an answer; `nil` where it has no such block.
  func block(of text: String) -> String? {
    let blocks = FencedBlock.all(in: text)
    return extraction == .last ? blocks.last : blocks.first
  }

  /// Where the answer is found again, so far as there is one.
  func kept(_ outcome: Outcome) -> String {
    isLogged && !outcome.reply.parts.isEmpty ? " (kept: awl logs show \(outcome.record))" : ""
  }

  /// What the end means, said on stderr.
  func verdict(_ outcome: Outcome, _ target: Target, _ program: Program) -> ExitCode {
    if let error = outcome.error {
      if error.kind == .cancelled {
        program.say("interrupted\(kept(outcome))")
        return .interrupted
      }
      if error.kind == .truncated, allowsTruncated, !outcome.reply.parts.isEmpty {
        program.note("warning: \(error.text)")
        return .done
      }
      program.say(withNearestNames(error, target, program).text)
      return error.exitCode
    }
    if outcome.reply.finish == .stop, outcome.reply.text.isEmpty { program.note("warning: the answer is empty") }
    guard let reason = incompleteness(outcome.reply.finish) else { return .done }
    if allowsTruncated {
      program.note("warning: \(reason)")
      return .done
    }
    program.say(reason + kept(outcome))
    return .answerNotWhole
  }

  /// What a finish reason says of an answer that is not whole; `nil` for one that is.
  func incompleteness(_ finish: FinishReason?) -> String? {
    switch finish {
    case .length: "the answer is cut: it reached the limit of its length (--max-tokens)"
    case .refusal: "the model refused to answer"
    case .contentFilter: "the answer was stopped by the provider's content filter"
    case .cancelled: "the answer was stopped"
    case .stop, .toolCalls, nil: nil
    }
  }

  /// An unknown model gets the nearest known names.
  private func withNearestNames(_ error: ModelError, _ target: Target, _ program: Program) -> ModelError {
    guard error.kind == .notFound else { return error }
    let near = program.names.catalogue.nearest(to: target.name, limit: 3).filter { $0 != target.name }
    guard !near.isEmpty else { return error }
    var error = error
    error.hint = "did you mean \(near.joined(separator: ", "))?"
    return error
  }
}
