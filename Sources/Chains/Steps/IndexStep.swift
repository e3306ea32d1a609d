// `index`: a store brought in step with files, or with records. What the store knows already is not embedded again, so the
// step may be done twice, and a run that died in it simply does it again.

import Formats
import Models
import Retrieval
import Storage

struct IndexStep: StepKind {
  static let keys = ["index"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("store", .text, required: true), Shape.Field("files", .list(.template, least: 1)),
      Shape.Field("records", .any),
      Shape.Field(
        "chunk",
        .object([
          Shape.Field("by", .choice(ChainFormat.chunkings)), Shape.Field("size", .integer(.from(1))),
          Shape.Field("overlap", .integer(.from(0))),
        ])),
      Shape.Field("prune", .boolean),
    ])
  ]

  private enum Source: Sendable {
    case files([ChainTemplate])
    case records(ChainValue)
  }

  private let store: String
  private let source: Source
  private let strategy: ChunkOptions.Strategy?
  private let size: Int?
  private let overlap: Int?
  private let prunes: Bool

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["index"], let store = StoreUse.declared(json["store"], reader) else { return nil }
    self.store = store
    switch (json["files"], json["records"]) {
    case (let files?, nil):
      let patterns = files.elements.compactMap(reader.template)
      for pattern in patterns {
        guard let text = pattern.constant else { continue }
        if let objection = Self.objection(to: text) { reader.report("\(text): \(objection)", at: pattern.offset) }
      }
      source = .files(patterns)
    case (nil, let records?): source = .records(reader.value(records))
    default:
      reader.report("'index' takes 'files' or 'records'", hint: "one of the two", at: json.sourceOffset)
      return nil
    }
    strategy = (json["chunk"]?["by"]?.string).flatMap(ChunkOptions.Strategy.init)
    size = json["chunk"]?["size"]?.int
    overlap = json["chunk"]?["overlap"]?.int
    prunes = json["prune"]?.bool ?? false
    if let overlap, overlap >= size ?? IndexSettings().size {
      reader.report("'overlap' is not less than 'size'", at: json["chunk"]?.sourceOffset ?? json.sourceOffset)
    }
  }

  var effect: Effect { .changes }
  var isOutside: Bool { true }
  var isRepeatable: Bool { true }
  var members: [String]? { ["added", "changed", "removed", "unchanged"] }

  private static func objection(to pattern: String) -> String? {
    if pattern.split(separator: "/").contains("..") { return "a pattern with .." }
    return pattern.contains { "[]{}".contains($0) } ? "patterns of files have *, ? and ** only" : nil
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let use = StoreUse(store, context)
    let existing: StoreReader?
    do throws(StoreError) {
      existing = try StoreReader.open(use.path)
    } catch {
      guard error.kind == .notFound else { throw use.failure(error) }
      existing = nil
    }
    var indexing = Indexing(
      store: use.path, embedder: try await use.embedder(stored: existing.flatMap { $0.model.isEmpty ? nil : $0.model }))
    indexing.prunes = prunes
    let (strategy, size, overlap) = (strategy, size, overlap)
    indexing.change = { settings in
      settings.strategy = strategy ?? settings.strategy
      settings.size = size ?? settings.size
      settings.overlap = overlap ?? settings.overlap
    }
    let report: IndexReport
    switch source {
    case .files(let patterns):
      report = await indexing.run(adding: try roots(patterns, indexing.names, context))
    case .records(let records): report = try await index(records, indexing, context)
    }
    if let stop = report.stop { throw failure(stop, use) }
    if report.failedCount > 0 {
      context.run.tell(
        .warning(
          path: context.path, "\(report.failedCount) files could not be read: \(report.failed.joined(separator: "; "))")
      )
    }
    let value = JSON.object([
      ("added", .number(report.added)), ("changed", .number(report.changed)), ("removed", .number(report.removed)),
      ("unchanged", .number(report.unchanged)),
    ])
    return StepOutcome(value, usage: use.usage.sum, note: "\(report.rows) passages written")
  }

  private func failure(_ stop: IndexingError, _ use: StoreUse) -> StepFailure {
    switch stop {
    case .store(let error): use.failure(error)
    case .model(let error): use.failure(error)
    case .storage(let error): use.context.failure(error.description, .usage)
    case .interrupted: .interrupted
    }
  }

  // MARK: Files

  /// The folders of patterns, with what of them is meant. Every file that is meant must be one that the policy lets it
  /// read; a part of them would be a silent answer.
  private func roots(
    _ patterns: [ChainTemplate], _ names: SourceNames, _ context: StepContext
  ) throws(StepFailure) -> [IndexRoot] {
    let files = ChainFiles(context: context)
    var roots: [(path: String, include: [String], isFlat: Bool)] = []
    for template in patterns {
      let pattern = try context.text(template)
      if let objection = Self.objection(to: pattern) {
        throw context.failure("\(pattern): \(objection)", .usage, at: template.offset)
      }
      for path in try files.matching(pattern, isFiltered: false, at: template.offset) {
        try files.permit(files.absolute(path), path, "read", at: template.offset) { $0.mayRead($1) }
      }
      let fixed = Glob(pattern).fixedPrefix
      let parts = pattern.split(separator: "/").map(String.init)
      let base = files.absolute((pattern.hasPrefix("/") ? "/" : "") + fixed.joined(separator: "/"))
      guard !files.leadsElsewhere(base) else {
        throw context.failure("\(pattern): a link leads elsewhere", .needsPerson, at: template.offset)
      }
      guard parts.count > fixed.count else {
        roots.append((base, [], false))
        continue
      }
      let rest = parts[fixed.count...].joined(separator: "/")
      let isFlat = parts.count == fixed.count + 1
      if let place = roots.firstIndex(where: { $0.path == base }) {
        guard roots[place].isFlat == isFlat, !roots[place].include.isEmpty else {
          throw context.failure(
            "\(pattern): another pattern is about the same folder in another way", hint: "use ** in both or in none",
            .usage, at: template.offset)
        }
        roots[place].include.append(rest)
      } else {
        roots.append((base, [rest], isFlat))
      }
    }
    return roots.map { root in
      IndexRoot(
        name: names.name(SourceNames.resolved(root.path)), include: root.include,
        // A pattern without a slash means files of the folder itself, not of those below.
        exclude: root.isFlat ? ["*/*"] : [])
    }
  }

  // MARK: Records

  private func index(
    _ records: ChainValue, _ indexing: Indexing, _ context: StepContext
  ) async throws(StepFailure) -> IndexReport {
    let list = try context.json(records)
    guard list.kind == .array else {
      throw context.failure("'records' is to be a list of {id, text, meta}", .usage, at: records.offset)
    }
    var bytes: [UInt8] = []
    for record in list.elements {
      guard let id = record["id"], let text = record["text"]?.string, id.string != nil || id.kind == .number else {
        throw context.failure("a record is {id, text, meta}", .usage, at: records.offset)
      }
      var members: [(String, JSON?)] = [("id", .string(id.string ?? id.text)), ("text", .string(text))]
      for (name, value) in record["meta"]?.members ?? JSON.object([]).members where name != "id" && name != "text" {
        members.append((name, value))
      }
      bytes += JSON.object(members).utf8 + [0x0A]
    }
    let folder = context.run.journal?.directory ?? context.run.world.variables["TMPDIR"] ?? "/tmp"
    let path = Paths.join(folder, "records-\(RecordID.next().text).jsonl")
    do throws(StorageError) { try Files.replace(path, bytes) } catch {
      throw context.failure(error.description, .usage)
    }
    defer { _ = try? Files.remove(path) }
    let root = IndexRoot(
      name: "records of \(context.step.id)", columns: RowColumns(id: "id", text: ["text"]), isTable: true)
    return await indexing.run(reading: path, as: root, replaces: prunes)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    var members: [(String, JSON?)] = [("index", .string(store))]
    switch source {
    case .files(let patterns):
      var texts: [JSON] = []
      for pattern in patterns { texts.append(.string(try context.text(pattern))) }
      members.append(("files", .array(texts)))
    case .records(let records): members.append(("records", try context.json(records)))
    }
    members.append(("by", strategy.map { .string($0.rawValue) }))
    members.append(("size", size.map { .number($0) }))
    members.append(("prune", .bool(prunes)))
    return .object(members)
  }
}
