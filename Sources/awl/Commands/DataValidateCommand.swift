// `awl data validate`: each value of a file against a schema; what is wrong stands on stdout with its place, one a line, as
// editors and other programs read it.

import Formats
import Models

struct DataValidateCommand: PlainCommand {
  static let name = "data validate"
  static let summary = "check a file against a JSON Schema"
  static let usage = "FILE|- --schema SCHEMA [OPTIONS]"
  static let notes = ["Every document of YAML and every row of JSON Lines, CSV and TSV is checked by itself."]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("schema", value: "SCHEMA", "{…}, @FILE, a file, or a shorthand like 'name, age int'"),
        Flag("from", value: "FORMAT", "json, yaml, csv, tsv or jsonl, where the file's name does not tell"),
        Flag("types", "cells that are JSON numbers, true, false or null become such"),
        Flag("json", "one JSON object an error"),
      ])
  ]
  static let examples = [
    ("awl data validate cases.yaml --schema cases.schema.json", "exit 3 and the errors where it does not hold"),
    ("awl data validate rows.jsonl --schema 'id int, text'", "every row"),
    ("awl data validate rows.csv --types --schema 'id int, text' --json", "errors as JSON lines"),
  ].map { (command: $0.0, purpose: $0.1) }

  /// Most errors that are printed.
  private static let limit = 1000

  private let path: String
  private let schema: String
  private let from: DataFormat?
  private let isTyped: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> DataValidateCommand {
    let hint = "awl data validate FILE --schema SCHEMA"
    guard let path = arguments.words.first else { throw UsageError("no file is given", hint: hint) }
    if arguments.words.count > 1 { throw UsageError("unexpected '\(arguments.words[1])'", hint: hint) }
    guard let schema = arguments.string("schema") else { throw UsageError("the schema is missing", hint: hint) }
    return DataValidateCommand(
      path: path, schema: schema, from: try DataFormat("from", in: arguments), isTyped: arguments.has("types"),
      isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    DataCommands.run(program) { () throws(Failure) in
      let compiled = try SchemaSource.schema(schema, isList: false, flag: "--schema")
      var source = try DataSource(path, from, isTyped: isTyped)
      source.goesOn = true
      var values = 0
      var bad = 0
      var errors = 0
      while errors < Self.limit, let batch = try source.next() {
        for value in batch where errors < Self.limit {
          values += 1
          if compiled.isValid(value.json) { continue }
          bad += 1
          for violation in compiled.violations(in: value.json) {
            errors += 1
            show(violation, value.position(violation.position), source.name, program)
          }
        }
        guard program.output.flush() else { return .done }
      }
      for error in source.badLines.prefix(Self.limit) {
        show(
          SchemaViolation(instancePath: "", schemaPath: "", keyword: "", message: error.message), error.position,
          source.name, program)
      }
      // JSON and YAML are at least one value: a file without any is an accident, rows may be none.
      if values == 0, !source.format.isRows { throw Failure("\(source.name): there is no value in it", .usage) }
      return verdict(values: values, bad: bad, errors: errors, unread: source.badLines.count, program)
    }
  }

  private func verdict(values: Int, bad: Int, errors: Int, unread: Int, _ program: Program) -> ExitCode {
    if errors >= Self.limit { program.say("stopped after \(errors) errors") }
    if unread > 0 { program.say("\(unread) \(unread == 1 ? "line is" : "lines are") not JSON") }
    if bad > 0 { program.say("\(bad) of \(values) \(values == 1 ? "value does" : "values do") not hold to the schema") }
    return unread > 0 ? .usage : bad > 0 ? .answerDidNotHold : .done
  }

  private func show(_ violation: SchemaViolation, _ place: SourcePosition, _ file: String, _ program: Program) {
    guard isJSON else {
      let path = violation.instancePath.isEmpty ? "" : violation.instancePath + ": "
      return program.output.write(
        untrusted: "\(file):\(place.line):\(place.column): \(path)\(violation.message)\n")
    }
    let object = JSON.object([
      ("file", .string(file)), ("line", .number(place.line)), ("column", .number(place.column)),
      ("path", .string(violation.instancePath)), ("schema_path", .string(violation.schemaPath)),
      ("message", .string(violation.message)),
    ])
    program.output.write(json: object.utf8 + [0x0A])
  }
}
