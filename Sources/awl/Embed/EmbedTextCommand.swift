// `awl embed text`: the vectors of texts, on stdout.

import Formats
import Models
import Prompts
import Retrieval
import Storage

struct EmbedTextCommand: Command {
  static let name = "embed text"
  static let summary = "print the vector of a text, or of each row of a table, of length 1"
  static let usage = "TEXT…|-f FILE|-|--each ROWS [-m MODEL] [--format FORMAT]"
  static let groups = [
    FlagGroup(
      "What is embedded",
      [
        Flag("file", "f", value: "FILE", "the text of a file"),
        Flag("each", value: "ROWS", "each row of a .jsonl, .csv or .tsv; - is stdin"),
        Flag("text", value: "COLUMN", "the column of text (text, content, …)"),
        Flag("id", value: "COLUMN", "the column of ids (id or _id; else the row's number)"),
        Flag("purpose", value: "WHAT", "query, document or similarity, where the model tells them apart"),
      ]),
    FlagGroup(
      "What is printed",
      [
        Flag("format", value: "FORMAT", "json, base64, hex, npy or f32 (of float32, little-endian)"),
        Flag("output", "o", value: "FILE", "a file, whole or not at all"),
      ]),
    EmbedFlags.group,
  ]
  static let examples = [
    ("awl embed text \"time-outs\" -m openai/text-embedding-3-small --dimensions 256", "a JSON array"),
    ("awl embed text --each faq.jsonl --format npy -o faq.npy", "an array of numpy"),
    ("git log -1 --format=%B | awl embed text - --format base64", "stdin"),
  ].map { (command: $0.0, purpose: $0.1) }

  let words: [String]
  let file: String?
  let table: String?
  let textColumn: String?
  let idColumn: String?
  let purpose: EmbeddingRequest.Purpose?
  let format: VectorFormat
  let output: String?
  let flags: EmbedFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedTextCommand {
    let given = [!arguments.words.isEmpty, arguments.has("file"), arguments.has("each")].filter { $0 }.count
    guard given == 1 else {
      throw UsageError(
        given == 0 ? "there is no text" : "words, -f and --each exclude each other", hint: "awl embed text TEXT")
    }
    for flag in ["text", "id"] where arguments.has(flag) && !arguments.has("each") {
      throw UsageError("--\(flag) is for --each")
    }
    let purposes: [(String, EmbeddingRequest.Purpose)] = [
      ("query", .query), ("document", .document), ("similarity", .similarity),
    ]
    let purpose = arguments.string("purpose")
    guard purpose == nil || purposes.contains(where: { $0.0 == purpose }) else {
      throw .unknown(
        "purpose", purpose ?? "", among: purposes.map(\.0), hint: purposes.map(\.0).joined(separator: ", "))
    }
    let name = arguments.string("format") ?? "json"
    guard let format = VectorFormat(rawValue: name) else {
      let names = VectorFormat.allCases.map(\.rawValue)
      throw .unknown("format", name, among: names, hint: names.joined(separator: ", "))
    }
    return EmbedTextCommand(
      words: arguments.words, file: arguments.string("file"), table: arguments.string("each"),
      textColumn: arguments.string("text"), idColumn: arguments.string("id"),
      purpose: purposes.first { $0.0 == purpose }?.1, format: format, output: arguments.string("output"),
      flags: try EmbedFlags(arguments))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let display = ProgressDisplay(program.errors)
    let session = try EmbedSession(program, flags, display: display)
    let texts = try await table == nil ? text(session.program) : nil
    if let texts, !EmbeddableText.hasWords(texts) { throw Failure("the text has no word to embed", .usage) }
    let target = try await session.target(nil)
    if target.provider.dialect == .builtin, let dimensions = flags.dimensions, target.model != "hash-\(dimensions)" {
      throw Failure("\(target.name) gives its own number of dimensions (-m builtin/hash-\(dimensions))", .usage)
    }
    let embedder = try session.embedder(target, dimensions: flags.dimensions)
    let writer = try VectorWriter(format, output, program, isTable: table != nil)
    if let texts {
      let vector = try await vectors([texts], ["the text"], session, embedder)[0]
      guard try writer.write(nil, vector) else { return .done }
    } else if let table, try await !runTable(table, writer, session, embedder, display) {
      return .done
    }
    display.clear()
    try writer.finish()
    session.tellOvershoot()
    return .done
  }

  private func text(_ program: Program) async throws(Failure) -> String {
    if let file, file != "-" {
      let bytes = await SerialThread(name: "awl-file").runUnlessCancelled {
        Result { () throws(StorageError) in try Files.read(file, limit: StandardInput.limit) }
      }
      guard let bytes else { throw Failure("interrupted", .interrupted) }
      do throws(StorageError) { return String(decoding: try bytes.get(), as: UTF8.self) } catch {
        throw Failure(error.description, .usage)
      }
    }
    if file == "-" || words == ["-"] {
      return String(decoding: try await StandardInput.read(.forEver, program) ?? [], as: UTF8.self)
    }
    return words.joined(separator: " ")
  }

  /// Vectors of length 1, in the order of their texts.
  ///
  /// - Parameter names: Of the texts, for errors.
  private func vectors(
    _ texts: [String], _ names: [String], _ session: EmbedSession, _ embedder: Embedder
  ) async throws(Failure) -> [[Float]] {
    let vectors = try await session.vectors(texts, purpose, embedder)
    var units: [[Float]] = []
    for (vector, name) in zip(vectors, names) {
      guard let unit = UnitVector.of(vector) else {
        throw Failure("\(name): its vector consists of zeros or holds what is no number", .unreachable)
      }
      units.append(unit)
    }
    return units
  }

  /// False when nobody reads any more.
  private func runTable(
    _ table: String, _ writer: VectorWriter, _ session: EmbedSession, _ embedder: Embedder, _ display: ProgressDisplay
  ) async throws(Failure) -> Bool {
    let source = RowSource(path: table == "-" ? nil : table)
    let reading = TableTexts(table: table, textColumn: textColumn, idColumn: idColumn)
    var done = 0
    while true {
      let rows: [Row]
      switch await source.next() {
      case .failure(let error): throw Failure(error.text, .usage)
      case .success(nil): return true
      case .success(let found?): rows = found
      }
      // Several requests at once, written in the order of the rows.
      let size = embedder.batch * embedder.width
      for first in stride(from: 0, to: rows.count, by: size) {
        var asked: [(id: JSON, text: String, name: String)] = []
        for row in rows[first..<min(first + size, rows.count)] { asked.append(try reading.text(row)) }
        let batches = stride(from: 0, to: asked.count, by: embedder.batch).map {
          Array(asked[$0..<min($0 + embedder.batch, asked.count)])
        }
        let results = await withTaskGroup(of: (Int, Result<[[Float]], Failure>).self) { group in
          for (number, batch) in batches.enumerated() {
            group.addTask {
              do throws(Failure) {
                return (number, .success(try await vectors(batch.map(\.text), batch.map(\.name), session, embedder)))
              } catch {
                return (number, .failure(error))
              }
            }
          }
          var results: [Int: Result<[[Float]], Failure>] = [:]
          for await (number, result) in group { results[number] = result }
          return results
        }
        for (number, batch) in batches.enumerated() {
          guard let vectors = try results[number]?.get() else { continue }
          for (row, vector) in zip(batch, vectors) { guard try writer.write(row.id, vector) else { return false } }
        }
        done += asked.count
        display.update(ProgressLine.State(done: done, tokens: session.total.tokens, cost: session.total.cost))
        if Task.isCancelled { throw Failure("interrupted", .interrupted) }
      }
    }
  }
}

/// The texts of a table's rows, with their ids.
struct TableTexts: Sendable {
  let table: String
  let textColumn: String?
  let idColumn: String?

  private static let texts = ["text", "content", "body", "passage", "document", "query", "question"]

  func text(_ row: Row) throws(Failure) -> (id: JSON, text: String, name: String) {
    let place = "\(table == "-" ? "stdin" : table):\(row.position.line)"
    let values = row.values
    let column = textColumn ?? TableTexts.texts.first { values[$0] != nil }
    guard let column, let value = values[column] else {
      let known = values.keys.joined(separator: ", ")
      throw Failure("\(place): there is no column '\(textColumn ?? "text")' (--text COLUMN, of \(known))", .usage)
    }
    let text = value.string ?? value.text
    guard EmbeddableText.hasWords(text) else { throw Failure("\(place): '\(column)' has no word to embed", .usage) }
    if let idColumn, values[idColumn] == nil { throw Failure("\(place): there is no column '\(idColumn)'", .usage) }
    let id = values[idColumn ?? "id"] ?? (idColumn == nil ? values["_id"] : nil) ?? .number(row.number)
    return (id, text, place)
  }
}
