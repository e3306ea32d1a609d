// `awl data`: the formats as a tool of their own. Thin: each verb is a reader, what is between, and a writer.

import Formats
import Models

struct DataConvertCommand: PlainCommand {
  static let name = "data convert"
  static let summary = "turn JSON, YAML, CSV, TSV or JSON Lines into one another"
  static let usage = "FILE|- --to FORMAT [OPTIONS]"
  static let notes = [
    "Rows of CSV, TSV and JSON Lines stream. The order of keys and the digits of numbers stay. Cells of a table are texts;",
    "null is an empty cell.",
  ]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("to", value: "FORMAT", "json, yaml, csv, tsv or jsonl"),
        Flag("from", value: "FORMAT", "the same, where the file's name does not tell"),
        Flag("types", "cells that are JSON numbers, true, false or null become such"),
        Flag("columns", value: "A,B,…", "the columns of the table that is written"),
        Flag("nested", value: "json", "write lists and objects into cells as JSON; otherwise they are an error"),
      ])
  ]
  static let examples = [
    ("awl data convert cases.yaml --to json", "YAML 1.2 as JSON"),
    ("awl data convert rows.csv --to jsonl --types", "a row a line, numbers as numbers"),
    ("curl … | awl data convert - --from json --to csv --nested json", "a list of objects as a table"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let path: String
  private let from: DataFormat?
  private let to: DataFormat
  private let isTyped: Bool
  private let table: DataWriter.Table

  static func parse(_ arguments: Arguments) throws(UsageError) -> DataConvertCommand {
    let hint = "awl data convert FILE --to FORMAT"
    guard let path = arguments.words.first else { throw UsageError("no file is given", hint: hint) }
    if arguments.words.count > 1 { throw UsageError("unexpected '\(arguments.words[1])'", hint: hint) }
    guard let to = try DataFormat("to", in: arguments) else {
      throw UsageError("the format is missing", hint: "--to \(DataFormat.names.joined(separator: "|"))")
    }
    if let nested = arguments.string("nested"), nested != "json" {
      throw UsageError("--nested: '\(nested)' is not known", hint: "--nested json")
    }
    let columns = arguments.string("columns")?.split(separator: ",").map(String.init)
    if columns?.isEmpty == true { throw UsageError("--columns names no column") }
    return DataConvertCommand(
      path: path, from: try DataFormat("from", in: arguments), to: to, isTyped: arguments.has("types"),
      table: DataWriter.Table(columns: columns, nestsJSON: arguments.has("nested")))
  }

  func run(_ program: Program) -> ExitCode {
    DataCommands.run(program) { () throws(Failure) in
      var source = try DataSource(path, from, isTyped: isTyped)
      var writer = DataWriter(program, to, source: source, table: table)
      while let values = try source.next() {
        guard try writer.write(values) else { return .done }
      }
      try writer.finish(source.columns)
      return .done
    }
  }
}

struct DataRenderCommand: PlainCommand {
  static let name = "data render"
  static let summary = "fill a template with values"
  static let usage = "TEMPLATE|- [--vars FILE] [-p NAME=VALUE…]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("vars", value: "FILE", "the values: an object as JSON or YAML"),
        Flag("param", "p", value: "K=V", repeats: true, "one value: k=text, k=@file, or k:=json (repeatable)"),
      ])
  ]
  static let examples = [
    ("awl data render letter.j2 --vars ada.yaml", "Jinja's expressions, if, for, set and raw"),
    ("awl data render letter.j2 -p name=Ada -p 'items:=[1, 2]'", "values on the command line"),
    ("echo 'Dear {{ name }},' | awl data render - -p name=Ada", "a template from stdin"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let template: String
  private let variables: DataVariables

  static func parse(_ arguments: Arguments) throws(UsageError) -> DataRenderCommand {
    let hint = "awl data render TEMPLATE -p NAME=VALUE"
    guard let path = arguments.words.first else { throw UsageError("no template is given", hint: hint) }
    if arguments.words.count > 1 { throw UsageError("unexpected '\(arguments.words[1])'", hint: hint) }
    let variables = try DataVariables(file: arguments.string("vars"), arguments.strings("param"))
    if variables.stdinUses + (path == "-" ? 1 : 0) > 1 {
      throw UsageError("stdin can be used once, and '-' names it twice")
    }
    return DataRenderCommand(template: path, variables: variables)
  }

  func run(_ program: Program) -> ExitCode {
    DataCommands.run(program) { () throws(Failure) in
      let text = try variables.render(template)
      program.output.write(untrusted: text)
      if program.output.isTerminal, !text.hasSuffix("\n") { program.output.write("\n") }
      return .done
    }
  }
}

struct DataSchemaCommand: PlainCommand {
  static let name = "data schema"
  static let summary = "print the JSON Schema that a shorthand means"
  static let usage = "SCHEMA [--multi]"
  static let groups = [FlagGroup("Options", [Flag("multi", "of a list of such values")])]
  static let examples = [
    ("awl data schema 'name, age? int, tags [str]'", "fields, one optional, one a list"),
    (
      "awl data schema 'status (open|closed), author {name, email?}: who wrote it'", "choices, an object, a description"
    ),
    ("awl data schema cases.schema.yaml", "a schema in YAML, as JSON"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let source: String
  private let isList: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> DataSchemaCommand {
    let source = arguments.words.joined(separator: " ")
    if source.utf8.allSatisfy({ $0 <= 0x20 }) {
      throw UsageError("no schema is given", hint: "awl data schema 'name, age int'")
    }
    return DataSchemaCommand(source: source, isList: arguments.has("multi"))
  }

  func run(_ program: Program) -> ExitCode {
    DataCommands.run(program) { () throws(Failure) in
      let schema = try SchemaSource.schema(source, isList: isList, flag: "schema")
      program.output.write(pretty: schema.source)
      return .done
    }
  }
}

enum DataCommands {
  /// Runs a command's work, and says what went wrong.
  static func run(_ program: Program, _ body: () throws(Failure) -> ExitCode) -> ExitCode {
    do throws(Failure) {
      return try body()
    } catch {
      program.output.flush()
      for message in error.messages { program.say(message) }
      return error.code
    }
  }
}
