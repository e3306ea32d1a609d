// What GitHub Actions is told of a run: a table for the job's page (GITHUB_STEP_SUMMARY) and the outputs for later steps
// (GITHUB_OUTPUT). Outputs may be a model's words, so each stands between two lines of a word that it cannot know.

import Chains
import Formats
import Models
import Storage

struct RunSummary {
  /// A step of the chain.
  struct Row: Sendable {
    var path: String
    var state: String
    var seconds: Double
    var usage: StepUsage
    var note: String?
  }

  let program: Program
  let chain: Chain

  /// Appends to the files that the environment names. Blocks on the disk.
  func write(_ result: RunResult, _ rows: [Row]) {
    if let path = program.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
      append(path, markdown(result, rows))
    }
    if let path = program.environment["GITHUB_OUTPUT"], !path.isEmpty, let outputs = result.outputs {
      append(path, outputs.members.map { Self.output($0.key, $0.value) }.joined())
    }
  }

  private func append(_ path: String, _ text: String) {
    var bytes = Array(text.utf8)
    program.redactor.redact(&bytes)
    guard bytes.popLast() != nil else { return }
    do throws(StorageError) {
      try AppendFile(path).append(bytes)
    } catch {
      program.say("warning: \(error.description)")
    }
  }

  /// `name<<WORD`, the lines, `WORD`, as GitHub reads outputs of several lines.
  static func output(_ name: String, _ value: JSON) -> String {
    let word = "awl-" + (0..<24).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    return "\(name)<<\(word)\n\(value.string ?? value.text)\n\(word)\n"
  }

  func markdown(_ result: RunResult, _ rows: [Row]) -> String {
    let state =
      result.outputs != nil ? "done" : result.failure?.kind == .stop ? "stopped" : "failed"
    var text = "### \(Self.cell(chain.name)): \(state) in \(Figures.seconds(result.seconds))\n\n"
    if let failure = result.failure, !failure.message.isEmpty {
      let place = failure.offset.map { "`\(chain.place($0))` " } ?? ""
      text += "> \(place)\(Self.cell(failure.message))\n\n"
    }
    text += "| step | state | time | calls | tokens | cost | |\n|---|---|--:|--:|--:|--:|---|\n"
    for row in rows {
      let cells = [
        "`\(row.path)`", row.state, Figures.seconds(row.seconds), row.usage.calls == 0 ? "" : "\(row.usage.calls)",
        row.usage.calls == 0 ? "" : "\(row.usage.input + row.usage.output)",
        row.usage.cost > 0 ? Figures.money(row.usage.cost) : "", Self.cell(row.note ?? ""),
      ]
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    let spent = result.spent
    text += "\n\(spent.calls) calls, \(spent.tokens) tokens, \(Figures.money(spent.dollars))\n"
    return text
  }

  /// Text as a table's cell takes it: one line, nothing that Markdown or HTML would act on.
  private static func cell(_ text: String) -> String {
    text.prefix(300).map { character in
      switch character {
      case "\n", "\r", "\r\n": " "
      case "|": "\\|"
      case "<": "&lt;"
      case ">": "&gt;"
      case "`", "*", "_", "[", "]", "\\": "\\" + String(character)
      default: String(character)
      }
    }.joined()
  }
}
