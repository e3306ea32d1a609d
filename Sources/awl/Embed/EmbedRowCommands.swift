// `awl embed similar|show|rm`: single rows of a store, by their ids.

import Formats
import Models
import Retrieval
import Storage

struct EmbedSimilarCommand: PlainCommand {
  static let name = "embed similar"
  static let summary = "the rows whose vectors are nearest to that of a row"
  static let usage = "STORE ID [-k N] [OPTIONS]"
  static let groups = [FlagGroup("What is found", EmbedSearchFlags.flags)]
  static let examples = [
    ("awl embed similar notes.store plan.md#3", "what is like this part"),
    ("awl embed similar faq.store login -k 3 --json", "for a script"),
    ("awl embed similar faq.store login --where '{\"lang\": \"en\"}'", "among some"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let id: String
  private let search: EmbedSearchFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedSimilarCommand {
    guard arguments.words.count == 2 else {
      throw UsageError("a store and an id are expected", hint: "awl embed similar STORE ID")
    }
    return EmbedSimilarCommand(
      store: arguments.words[0], id: arguments.words[1], search: try EmbedSearchFlags(arguments))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      let query = try search.query(program)
      guard reader.dimension > 0 else { throw Failure("\(store): has no vectors to compare", .usage) }
      let printer = HitPrinter(program: program, names: SourceNames(store: store))
      do throws(StoreError) {
        guard let place = try reader.find(id) else { throw StoreReading.noRow(id, store) }
        let hits = try Retriever(reader).similar(to: place, query)
        if search.isJSON {
          var asked = query
          asked.mode = .vector
          program.output.write(pretty: printer.object(asked, hits, reader, id: .string(id)))
        } else {
          for hit in hits { printer.show(hit, query: "") }
        }
      } catch {
        throw error.failure
      }
      return .done
    }
  }
}

struct EmbedShowCommand: PlainCommand {
  static let name = "embed show"
  static let summary = "all that a store holds of a row"
  static let usage = "STORE ID… [--vector] [--json]"
  static let groups = [
    FlagGroup("Options", [Flag("vector", "its vector, too"), Flag("json", "JSON, one object a row")])
  ]
  static let examples = [
    ("awl embed show notes.store plan.md#3", "its text and place"),
    ("awl embed show faq.store login --json", "for a script"),
    ("awl embed show faq.store login --vector", "its numbers"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let ids: [String]
  private let showsVector: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedShowCommand {
    guard arguments.words.count >= 2 else {
      throw UsageError("a store and an id are expected", hint: "awl embed show STORE ID")
    }
    return EmbedShowCommand(
      store: arguments.words[0], ids: Array(arguments.words.dropFirst()), showsVector: arguments.has("vector"),
      isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      let printer = HitPrinter(program: program, names: SourceNames(store: store))
      do throws(StoreError) {
        for id in ids {
          guard let place = try reader.find(id) else { throw StoreReading.noRow(id, store) }
          let record = try reader.record(place)
          let vector = showsVector && reader.dimension > 0 ? try reader.vector(place) : nil
          if isJSON {
            var members = HitPrinter.members(
              record, shown: SourceNames(store: store).shown(record.source, from: Paths.workingDirectory()))
            if let vector { members.append(("embedding", try? JSON.parse(StoreExport.numbers(vector)))) }
            program.output.write(pretty: JSON.object(members))
            continue
          }
          program.output.write(untrusted: "\(record.id)  \(printer.place(record))\n")
          if !record.heading.isEmpty { program.output.write(untrusted: record.heading + "\n") }
          if let metadata = record.metadata { program.output.write(untrusted: metadata.text + "\n") }
          if !record.text.isEmpty { program.output.write(untrusted: "\n" + record.text + "\n") }
          if let vector { program.output.write(StoreExport.numbers(vector) + [0x0A]) }
        }
      } catch {
        throw error.failure
      }
      return .done
    }
  }
}

struct EmbedRemoveCommand: PlainCommand {
  static let name = "embed rm"
  static let summary = "take rows out of a store: by id, by source, or by their metadata"
  static let usage = "STORE ID…|--source PATH|--where JSON [--dry-run]"
  static let notes = ["The rows of a file come back with the next sync that reads it. The space is freed by compact."]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("source", value: "PATH", repeats: true, "all rows of a file (repeatable)"),
        Flag("where", value: "JSON", "all rows whose metadata match"), Flag("dry-run", "only say how many"),
      ])
  ]
  static let examples = [
    ("awl embed rm faq.store login logout", "two rows"), ("awl embed rm notes.store --source old.md", "a file"),
    ("awl embed rm faq.store --where '{\"lang\": \"fr\"}' --dry-run", "how many would go"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let ids: [String]
  private let sources: [String]
  private let filter: EmbedSearchFlags
  private let isDryRun: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedRemoveCommand {
    guard let store = arguments.words.first else {
      throw UsageError("no store is named", hint: "awl embed rm STORE ID…")
    }
    let ids = Array(arguments.words.dropFirst())
    guard !ids.isEmpty || arguments.has("source") || arguments.has("where") else {
      throw UsageError("name what to take out", hint: "an id, --source PATH or --where JSON")
    }
    return EmbedRemoveCommand(
      store: store, ids: ids, sources: arguments.strings("source"), filter: try EmbedSearchFlags(arguments),
      isDryRun: arguments.has("dry-run"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { _ throws(Failure) in
      let filter = try filter.query(program).filter
      do throws(StoreError) {
        let writer = try isDryRun ? nil : StoreWriter(store, indexers: Indexing.indexers)
        let reader = try StoreReader.open(store)
        var places: Set<RowReference> = []
        for id in ids {
          guard let place = try reader.find(id) else { throw StoreReading.noRow(id, store) }
          places.insert(place)
        }
        let names = SourceNames(store: store)
        var table = try SourceTable(reader)
        for source in sources {
          let name = names.name(SourceNames.resolved(source))
          var rows = try reader.rows(ofSource: name)
          // A name that is no file, such as that of stdin.
          if rows.isEmpty { rows = try reader.rows(ofSource: source) }
          guard !rows.isEmpty else { throw StoreReading.noRow(source, store) }
          places.formUnion(rows)
          table.sources[name] = nil
        }
        if let filter {
          for (segment, rows) in try Retriever(reader).rows(filter).enumerated() {
            for row in 0..<rows.count where rows[row] && reader.segments[segment].isLive(row) {
              places.insert(RowReference(segment: segment, row: row))
            }
          }
        }
        if let writer {
          for place in places { writer.remove(place, generation: reader.generation) }
          if !sources.isEmpty { writer.attach(table) }
          try writer.commit()
        }
        program.output.write("\(Figures.count(places.count, "row")) \(isDryRun ? "would be " : "")removed\n")
      } catch {
        throw error.failure
      }
      return .done
    }
  }
}

/// What the verbs on a store that is there share.
enum StoreReading {
  static func run(_ program: Program, _ store: String, _ body: (StoreReader) throws(Failure) -> ExitCode) -> ExitCode {
    do throws(Failure) {
      guard let reader = try IndexRun.existing(store) else { throw StoreError(path: store, kind: .notFound).failure }
      return try body(reader)
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
  }

  static func noRow(_ id: String, _ store: String) -> StoreError {
    StoreError(path: store, kind: .id(id, what: "is in no row (awl embed list \(store))"))
  }
}
