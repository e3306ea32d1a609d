// `awl chain graph`: which step waits for which.

import Chains
import Models

struct ChainGraphCommand: Command {
  static let name = "chain graph"
  static let summary = "draw a chain: its steps and what each waits for"
  static let usage = "FILE [--format text|mermaid|dot|json]"
  static let groups = [FlagGroup("Options", [Flag("format", value: "FORM", "text, mermaid, dot or json (text)")])]
  static let examples = [
    ("awl chain graph chain.yaml", "in the terminal"),
    ("awl chain graph chain.yaml --format mermaid", "for a Markdown page"),
    ("awl chain graph chain.yaml --format dot | dot -Tsvg > chain.svg", "by Graphviz"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let file: String
  private let form: ChainGraph.Form

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainGraphCommand {
    guard let file = arguments.words.first, arguments.words.count == 1 else {
      throw UsageError("one file is expected", hint: "awl chain graph FILE")
    }
    let name = arguments.string("format") ?? "text"
    guard let form = ChainGraph.Form(rawValue: name) else {
      throw .unknown(
        "format", name, among: ChainGraph.Form.allCases.map(\.rawValue), hint: "text, mermaid, dot or json")
    }
    return ChainGraphCommand(file: file, form: form)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    program.output.write(untrusted: ChainGraph.text(try ChainReading.chain(file, program), form))
    return .done
  }
}
