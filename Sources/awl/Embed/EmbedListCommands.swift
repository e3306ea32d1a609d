// `awl embed list|info`: what a store holds.

import Formats
import Models
import Retrieval
import Storage

struct EmbedListCommand: PlainCommand {
  static let name = "embed list"
  static let summary = "the rows of a store, or the files they came from"
  static let usage = "STORE [--sources] [-k N] [--where JSON] [--jsonl]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("sources", "files with the number of their rows"), Flag("count", "k", value: "N", "how many (all)"),
        Flag("where", value: "JSON", "only rows whose metadata match"), Flag("jsonl", "one JSON object a line"),
      ])
  ]
  static let examples = [
    ("awl embed list notes.store --sources", "the files"), ("awl embed list notes.store -k 20", "the first rows"),
    ("awl embed list faq.store --where '{\"lang\": \"en\"}' --jsonl", "rows for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let listsSources: Bool
  private let count: Int
  private let search: EmbedSearchFlags
  private let isJSONL: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedListCommand {
    guard let store = arguments.words.first else { throw UsageError("no store is named", hint: "awl embed list STORE") }
    if arguments.words.count > 1 {
      throw UsageError("unexpected '\(arguments.words[1])'", hint: "awl embed list STORE")
    }
    return EmbedListCommand(
      store: store, listsSources: arguments.has("sources"),
      count: try arguments.int("count", in: 1...Int.max) ?? Int.max, search: try EmbedSearchFlags(arguments),
      isJSONL: arguments.has("jsonl"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      do throws(StoreError) {
        if listsSources { return try list(sources: reader, program) }
        let filter: Filter?
        do throws(Failure) { filter = try search.query(program).filter } catch {
          for message in error.messages { program.say(message) }
          return error.code
        }
        let allowed = try filter.map { (filter) throws(StoreError) in try Retriever(reader).rows(filter) }
        let names = SourceNames(store: store)
        let working = Paths.workingDirectory()
        let printer = HitPrinter(program: program, names: names)
        var left = count
        try reader.forEachRow { (place) throws(StoreError) in
          guard left > 0 else { return false }
          if let allowed, !allowed[place.segment][place.row] { return true }
          left -= 1
          let record = try reader.record(place)
          if isJSONL {
            let shown = names.shown(record.source, from: working)
            program.output.write(json: Array((JSON.object(HitPrinter.members(record, shown: shown)).text + "\n").utf8))
          } else {
            let start = String(record.text.prefix(80).map { $0.isNewline || $0 == "\t" ? " " : $0 })
            let place = record.source.isEmpty ? "" : "  " + printer.place(record)
            program.output.write(untrusted: "\(record.id)\(place)  \(start)\n")
          }
          return left % 256 != 0 || program.output.flush()
        }
      } catch {
        throw error.failure
      }
      return .done
    }
  }

  private func list(sources reader: StoreReader, _ program: Program) throws(StoreError) -> ExitCode {
    let names = SourceNames(store: store)
    let working = Paths.workingDirectory()
    let table = try SourceTable(reader).sources.filter { $0.value.rows > 0 }
    for (name, state) in table.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).prefix(count) {
      let shown = names.shown(name, from: working)
      if isJSONL {
        let object = JSON.object([
          ("source", .string(shown)), ("rows", .number(state.rows)), ("bytes", .number(state.stamp.size)),
          ("sha256", .string(SHA256.hex(ofDigest: state.digest))),
        ])
        program.output.write(json: Array((object.text + "\n").utf8))
      } else {
        program.output.write(untrusted: "\(shown)  \(Figures.count(state.rows, "row"))\n")
      }
    }
    return .done
  }
}

struct EmbedInfoCommand: PlainCommand {
  static let name = "embed info"
  static let summary = "what a store is made of: model, dimension, rows, files, size"
  static let usage = "STORE [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object")])]
  static let examples = [
    ("awl embed info notes.store", "in words"), ("awl embed info notes.store --json", "for a script"),
    ("awl embed verify notes.store", "whether it holds"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedInfoCommand {
    guard arguments.words.count == 1 else { throw UsageError("one store is expected", hint: "awl embed info STORE") }
    return EmbedInfoCommand(store: arguments.words[0], isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      let settings: IndexSettings
      let sources: Int
      do throws(StoreError) {
        settings = try IndexSettings(reader)
        sources = try SourceTable(reader).sources.values.filter { $0.rows > 0 }.count
      } catch {
        throw error.failure
      }
      let all = reader.segments.reduce(0) { $0 + $1.rows }
      let bytes = ((try? Files.list(store)) ?? []).reduce(0) { sum, name in
        sum + ((try? FileStatus.of(Paths.join(store, name)))??.size ?? 0)
      }
      let names = SourceNames(store: store)
      let working = Paths.workingDirectory()
      let roots = settings.roots.map { names.shown($0.name, from: working) }
      let chunks = "\(settings.strategy?.rawValue ?? "auto"), \(settings.size) tokens, overlap \(settings.overlap)"
      if isJSON {
        let object = JSON.object([
          ("store", .string(store)), ("model", .string(reader.model)), ("dimension", .number(reader.dimension)),
          ("rows", .number(reader.count)), ("deleted", .number(all - reader.count)), ("sources", .number(sources)),
          ("segments", .number(reader.segments.count)), ("generation", .number(reader.generation)),
          ("bytes", .number(bytes)), ("chunks", .string(chunks)), ("paths", .array(roots.map { .string($0) })),
        ])
        program.output.write(pretty: object)
        return .done
      }
      let model = reader.model.isEmpty ? "unknown" : reader.model
      let deleted = all > reader.count ? " and \(all - reader.count) that were removed" : ""
      program.output.write(
        untrusted: """
          model      \(model), \(reader.dimension) numbers a vector
          rows       \(reader.count)\(deleted), of \(Figures.count(sources, "file"))
          on disk    \(Figures.bytes(bytes)) in \(Figures.count(reader.segments.count, "segment")), version \(reader.generation)

          """)
      if !roots.isEmpty {
        program.output.write(untrusted: "cut        \(chunks)\npaths      \(roots.joined(separator: ", "))\n")
      }
      return .done
    }
  }
}
