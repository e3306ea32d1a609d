// `awl embed export|import`: rows out of a store and into one, so that vectors can be made or used elsewhere.

import Formats
import Models
import Retrieval
import Storage

struct EmbedExportCommand: PlainCommand {
  static let name = "embed export"
  static let summary = "write the rows of a store as JSON Lines, or its vectors as one array"
  static let usage = "STORE [--format jsonl|npy|f32] [-o FILE]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag(
          "format", value: "FORMAT", "jsonl (rows with all that is known), npy, f32 (vectors in the order of the rows)"),
        Flag("vectors", value: "FORM", "in jsonl: array, base64 (little-endian float32) or none"),
        Flag("where", value: "JSON", "only rows whose metadata match"),
        Flag("output", "o", value: "FILE", "a file, whole or not at all"),
      ])
  ]
  static let examples = [
    ("awl embed export notes.store -o notes.jsonl", "all of it"),
    ("awl embed export notes.store --format npy -o notes.npy", "vectors for numpy or faiss"),
    ("awl embed export notes.store --vectors none | jq -r .text", "the texts"),
  ].map { (command: $0.0, purpose: $0.1) }

  private enum Form: String, CaseIterable { case jsonl, npy, f32 }

  private let store: String
  private let form: Form
  private let vectors: StoreExport.Vectors
  private let search: EmbedSearchFlags
  private let path: String?

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedExportCommand {
    guard arguments.words.count == 1 else { throw UsageError("one store is expected", hint: "awl embed export STORE") }
    func choice<Value: RawRepresentable & CaseIterable>(
      _ flag: String, _ standard: Value
    ) throws(UsageError) -> Value where Value.RawValue == String {
      guard let name = arguments.string(flag) else { return standard }
      let names = Value.allCases.map(\.rawValue)
      guard let value = Value(rawValue: name) else {
        throw .unknown("--\(flag)", name, among: names, hint: names.joined(separator: ", "))
      }
      return value
    }
    return EmbedExportCommand(
      store: arguments.words[0], form: try choice("format", Form.jsonl), vectors: try choice("vectors", .array),
      search: try EmbedSearchFlags(arguments), path: arguments.string("output"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      if form != .jsonl, reader.dimension == 0 { throw Failure("\(store): has no vectors", .usage) }
      let filter = try search.query(program).filter
      var problem: StorageError?
      do throws(StoreError) {
        let allowed = try filter.map { (filter) throws(StoreError) in try Retriever(reader).rows(filter) }
        func isWanted(_ place: RowReference) -> Bool { allowed.map { $0[place.segment][place.row] } ?? true }
        var file: AtomicFile?
        if let path {
          do throws(StorageError) { file = try AtomicFile(path) } catch { throw StoreError(error) }
        }
        func write(_ bytes: [UInt8]) -> Bool {
          guard let file else {
            program.output.write(bytes)
            return program.output.flush()
          }
          do throws(StorageError) { try file.write(bytes) } catch { problem = error }
          return problem == nil
        }
        var bytes: [UInt8] = []
        if form == .npy {
          var count = 0
          reader.forEachRow { place in
            count += isWanted(place) ? 1 : 0
            return true
          }
          bytes = NumPyHeader.float32(rows: count, dimension: reader.dimension)
        }
        try reader.forEachRow { (place) throws(StoreError) in
          guard isWanted(place) else { return true }
          if form == .jsonl {
            bytes += try StoreExport.line(reader, place, vectors)
            bytes.append(0x0A)
          } else {
            bytes += StoreExport.bytes(try reader.vector(place))
          }
          guard bytes.count > 1 << 18 else { return true }
          defer { bytes.removeAll(keepingCapacity: true) }
          return write(bytes)
        }
        if problem == nil, !bytes.isEmpty { _ = write(bytes) }
        if problem == nil, let file {
          do throws(StorageError) { try file.commit() } catch { problem = error }
        }
      } catch {
        throw error.failure
      }
      if let problem { throw Failure(problem.description, .usage) }
      return .done
    }
  }
}

struct EmbedImportCommand: PlainCommand {
  static let name = "embed import"
  static let summary = "put vectors that were made elsewhere into a store"
  static let usage = "STORE FILE [-m MODEL] [OPTIONS]"
  static let notes = [
    "FILE is a .npy array (rows get their numbers from 0 as ids), or JSON Lines with id, embedding and text; other members",
    "are metadata. With -m the questions of a search are embedded by that model; else they come as vectors.",
  ]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("model", "m", value: "MODEL", "what the vectors were made with"),
        Flag("id", value: "NAME", "the member that is the id (id or _id; else the line's number)"),
        Flag("text", value: "NAME", "the member that is the text (text, content, …)"),
        Flag("embedding", value: "NAME", "the member that is the vector (embedding, vector, …)"),
        Flag("rebuild", "in place of all that the store holds"), Flag("quiet", "q", "no talk on stderr but errors"),
      ])
  ]
  static let examples = [
    ("awl embed import big.store vectors.npy", "an array"),
    ("awl embed import faq.store faq.jsonl -m openai/text-embedding-3-small", "rows of that model"),
    ("awl embed export a.store | awl embed import b.store /dev/stdin", "one store into another"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let path: String
  private let flags: EmbedFlags
  private let id: String?
  private let text: String?
  private let vector: String?
  private let rebuilds: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedImportCommand {
    guard arguments.words.count == 2 else {
      throw UsageError("a store and a file are expected", hint: "awl embed import STORE FILE")
    }
    return EmbedImportCommand(
      store: arguments.words[0], path: arguments.words[1], flags: try EmbedFlags(arguments),
      id: arguments.string("id"), text: arguments.string("text"), vector: arguments.string("embedding"),
      rebuilds: arguments.has("rebuild"))
  }

  func run(_ program: Program) -> ExitCode {
    let program = program.quiet(flags.isQuiet)
    let display = ProgressDisplay(program.errors)
    var run = StoreImport(store: store)
    (run.rebuilds, run.idName, run.textName, run.vectorName) = (rebuilds, id, text, vector)
    run.progress = { display.update(ProgressLine.State(done: $0)) }
    do {
      run.model = try modelName(program)
      let count = try run.run(path)
      display.clear()
      program.note("\(Figures.count(count, "row")) imported")
      return .done
    } catch let error as Failure {
      for message in error.messages { program.say(message) }
      return error.code
    } catch {
      display.clear()
      program.say("\(error)")
      return .usage
    }
  }

  /// The model's name as a store records it.
  private func modelName(_ program: Program) throws(Failure) -> String? {
    guard let name = flags.model else { return nil }
    let names = try program.configured().names
    let resolution: ModelNames.Resolution
    do throws(ModelNameError) { resolution = try names.resolve(name, baseURL: nil) } catch {
      throw Failure(error.text, .usage)
    }
    guard case .target(let target) = resolution else {
      throw Failure("'\(name)' names no model (PROVIDER/MODEL)", .usage)
    }
    return target.name
  }
}
