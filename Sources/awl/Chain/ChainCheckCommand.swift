// `awl chain check` and `awl chain schema`: what is wrong with chain files, before anything runs, and the grammar that
// they are held to.

import Chains
import Formats
import Models

struct ChainCheckCommand: PlainCommand {
  static let name = "chain check"
  static let summary = "tell everything that is wrong with chain files, and run nothing"
  static let usage = "FILE… [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object with all problems, for editors")])]
  static let examples = [
    ("awl chain check chain.yaml", "all problems, each as FILE:LINE:COLUMN"),
    ("awl chain check chains/*.yaml", "several files; 2 where one of them has a problem"),
    ("awl chain check --json chain.yaml", "for an editor"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let files: [String]
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainCheckCommand {
    guard !arguments.words.isEmpty else { throw UsageError("no file is named", hint: "awl chain check FILE…") }
    return ChainCheckCommand(files: arguments.words, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    var problems: [JSON] = []
    var code = ExitCode.done
    for file in files {
      do throws(ChainFileError) {
        _ = try ChainFile.read(file)
      } catch {
        code = .usage
        if isJSON {
          problems += error.problems.map { $0.json(file: file, in: error.source) }
        } else {
          for line in error.lines { program.say(line) }
        }
      }
    }
    if isJSON {
      let object = JSON.object([("ok", .bool(code == .done)), ("problems", .array(problems))])
      program.output.write(pretty: object)
    }
    return code
  }
}

struct ChainSchemaCommand: PlainCommand {
  static let name = "chain schema"
  static let summary = "print the JSON Schema of chain files"
  static let usage = ""
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl chain schema > chain.schema.json", "for an editor that completes and checks YAML"),
    ("awl chain schema | jq '.\"$defs\".step.properties | keys'", "every key of a step"),
    ("awl chain check chain.yaml", "what a schema cannot tell, too"),
  ].map { (command: $0.0, purpose: $0.1) }

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainSchemaCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl chain schema") }
    return ChainSchemaCommand()
  }

  func run(_ program: Program) -> ExitCode {
    do throws(FormatError) {
      program.output.write(pretty: try ChainSchema.json())
      return .done
    } catch {
      program.say(error.text(file: "schema"))
      return .bug
    }
  }
}
