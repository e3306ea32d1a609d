// `awl embed search`: the parts of a store, or of a folder, that answer a question. What needs no network runs on this
// thread alone, so that the search is not much more than the search.

import Formats
import Models
import Prompts
import Retrieval
import Storage

struct EmbedSearchCommand: Command {
  static let name = "embed search"
  static let summary = "find the parts of a store, or of a folder, that are nearest to a question"
  static let usage = "STORE|FOLDER QUERY… [-k N] [OPTIONS]"
  static let notes = [
    "By default the ranks by vector and by keywords are joined. A folder is indexed at its first search (in .awl/stores).",
    "With --each or several vectors in FILE, one JSON object a line for each question.",
  ]
  static let groups = [
    FlagGroup("What is found", EmbedSearchFlags.flags),
    FlagGroup(
      "How",
      [
        Flag("mode", value: "MODE", "hybrid, vector or keyword"),
        Flag("alpha", value: "N", "join by scores, vectors counting so much (0 to 1), instead of by ranks"),
        Flag("rerank", value: "MODEL", "put the best hits in order: a reranker (cohere/…, voyage/…), or a chat model"),
        Flag("rerank-from", value: "N", "of how many hits (50; 20 for a chat model)"),
        Flag("vector", value: "FILE", "the question as a vector: .npy, a JSON array, or float32"),
        Flag("each", value: "ROWS", "questions from a .jsonl, .csv or .tsv: query or text, id, vector"),
        Flag("yes", "index a folder of any size and price without asking"),
        Flag("no-sync", "search a folder as it was when it was last indexed"),
        Flag("rebuild", "index a folder anew"),
      ]),
    EmbedFlags.group,
  ]
  static let examples = [
    ("awl embed search ./docs \"how are time-outs set?\"", "a folder that was never indexed"),
    ("awl embed search notes.store \"error 1204\" --mode keyword -k 3", "by keywords"),
    ("awl embed search big.store --vector q.npy --fast --json", "a vector, and JSON"),
  ].map { (command: $0.0, purpose: $0.1) }

  let store: String
  let text: String
  let search: EmbedSearchFlags
  let mode: RetrievalQuery.Mode?
  let alpha: Double?
  let reranking: (model: String, depth: Int?)?
  let vectorFile: String?
  let table: String?
  let folder: FolderStore.Flags
  let flags: EmbedFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedSearchCommand {
    guard let store = arguments.words.first else {
      throw UsageError("no store is named", hint: "awl embed search STORE QUERY")
    }
    let text = arguments.words.dropFirst().joined(separator: " ")
    let given = [!text.isEmpty, arguments.has("vector"), arguments.has("each")].filter { $0 }.count
    if given == 0 {
      throw UsageError("the question is missing", hint: "awl embed search \(store) QUERY, --vector FILE or --each ROWS")
    }
    if arguments.has("each"), given > 1 { throw UsageError("--each brings all questions with it") }
    if given == 1, !text.isEmpty, !text.utf8.contains(where: { $0 > 0x20 }) {
      throw UsageError("the question is empty")
    }
    let search = try EmbedSearchFlags(arguments)
    var mode: RetrievalQuery.Mode?
    if let name = arguments.string("mode") {
      mode = RetrievalQuery.Mode(rawValue: name)
      if mode == nil {
        let names = RetrievalQuery.Mode.allCases.map(\.rawValue)
        throw .unknown("mode", name, among: names, hint: names.joined(separator: ", "))
      }
    }
    let alpha = try arguments.double("alpha", in: 0...1)
    if alpha != nil, let mode, mode != .hybrid { throw UsageError("--alpha is for --mode hybrid") }
    if mode == .keyword {
      for flag in ["mmr", "fast", "vector"] where arguments.has(flag) {
        throw UsageError("--\(flag) compares vectors, and --mode keyword does not")
      }
    }
    if arguments.has("vector"), text.isEmpty, let mode, mode != .vector {
      throw UsageError("--mode \(mode.rawValue) needs the words of the question beside --vector")
    }
    let depth = try arguments.int("rerank-from", in: 1...1000)
    if depth != nil, !arguments.has("rerank") { throw UsageError("--rerank-from is for --rerank MODEL") }
    if arguments.has("rerank") {
      if arguments.has("mmr") {
        throw UsageError("--rerank and --mmr exclude each other: each makes an order of its own")
      }
      if arguments.has("vector"), text.isEmpty {
        throw UsageError("--rerank needs the words of the question beside --vector")
      }
    }
    return EmbedSearchCommand(
      store: store, text: text, search: search, mode: mode, alpha: alpha,
      reranking: arguments.string("rerank").map { ($0, depth) }, vectorFile: arguments.string("vector"),
      table: arguments.string("each"),
      folder: FolderStore.Flags(
        isSure: arguments.has("yes"), isSynced: !arguments.has("no-sync"), rebuilds: arguments.has("rebuild")),
      flags: try EmbedFlags(arguments))
  }

  func launch(_ program: Program) -> ExitCode {
    do throws(Failure) {
      if table == nil, reranking == nil, let reader = try IndexRun.existing(searched: store), !needsModel(reader) {
        return try show(reader, program)
      }
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
    return Launcher.run(self, program)
  }

  /// Whether the question must be embedded first.
  private func needsModel(_ reader: StoreReader) -> Bool {
    vectorFile == nil && effectiveMode(reader) != .keyword
  }

  /// A store without vectors is searched by keywords; a vector alone by vectors.
  private func effectiveMode(_ reader: StoreReader) -> RetrievalQuery.Mode {
    if let mode { return mode }
    if reader.dimension == 0 { return .keyword }
    return vectorFile != nil && text.isEmpty ? .vector : .hybrid
  }

  private func query(_ reader: StoreReader, _ program: Program) throws(Failure) -> RetrievalQuery {
    var query = try search.query(program)
    query.mode = effectiveMode(reader)
    query.text = text
    query.alpha = alpha
    if query.mode != .keyword, reader.dimension == 0 {
      throw Failure("\(store): has no vectors (--mode keyword)", .usage)
    }
    if query.mode == .keyword, query.diversity != nil || search.isFast {
      throw Failure("\(store): has no vectors, which --mmr and --fast compare", .usage)
    }
    if query.mode == .keyword, table == nil, !EmbeddableText.hasWords(text) {
      throw Failure("the question has no word to look for", .usage)
    }
    return query
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let display = ProgressDisplay(program.errors)
    var directory = store
    var session: EmbedSession?
    if try IndexRun.existing(searched: store) == nil {
      let opened = try EmbedSession(program, flags, display: display)
      directory = try await FolderStore(folder: store, flags: folder).prepared(opened, display)
      session = opened
    }
    let reader: StoreReader
    do throws(StoreError) { reader = try StoreReader.open(directory) } catch { throw error.failure }
    if let table { return try await runTable(table, reader, program, session, display) }
    guard needsModel(reader) || reranking != nil else { return try show(reader, program) }
    var query = try query(reader, program)
    guard EmbeddableText.hasWords(text) else { throw Failure("the question has no word to look for", .usage) }
    let asked = if let session { session } else { try EmbedSession(program, flags, display: display) }
    if needsModel(reader) {
      let embedder = try await asked.embedder(for: reader)
      query.vector = try await asked.queryVectors([text], embedder).first
    } else if let vectorFile {
      let vectors = try vectors(vectorFile, reader)
      guard vectors.count == 1 else {
        throw Failure(
          "\(vectorFile): holds \(vectors.count) vectors, and --rerank has the words of one question", .usage)
      }
      query.vector = vectors[0]
    }
    let reranker = try await reranker(asked)
    try print([query], [nil], try await found([query], reader, reranker, asked), reader, program)
    asked.tellOvershoot()
    return .done
  }

  /// Answers what is known without a model.
  private func show(_ reader: StoreReader, _ program: Program) throws(Failure) -> ExitCode {
    let query = try query(reader, program)
    guard let vectorFile else {
      try print([query], [nil], try found([query], reader), reader, program)
      return .done
    }
    let queries = try vectors(vectorFile, reader).map { vector in
      var query = query
      query.vector = vector
      if text.isEmpty { query.dropsRepeats = false }
      return query
    }
    if queries.count == 1 {
      try print(queries, [nil], try found(queries, reader), reader, program)
      return .done
    }
    for first in stride(from: 0, to: queries.count, by: 64) {
      let some = Array(queries[first..<min(first + 64, queries.count)])
      try print(
        some, some.indices.map { .number(first + $0) }, try found(some, reader), reader, program, asLines: true)
    }
    return .done
  }

  private func vectors(_ file: String, _ reader: StoreReader) throws(Failure) -> [[Float]] {
    let vectors: [[Float]]
    do throws(ReadingError) {
      vectors = try VectorFile.read(file, dimension: reader.dimension)
    } catch {
      throw Failure(error.description, .usage)
    }
    if let odd = vectors.first(where: { $0.count != reader.dimension }) {
      let kind = StoreError.Kind.dimension(stored: reader.dimension, given: odd.count)
      throw Failure("\(file): " + StoreError(path: store, kind: kind).description, .usage)
    }
    return vectors
  }

  private func found(_ queries: [RetrievalQuery], _ reader: StoreReader) throws(Failure) -> [[RetrievalHit]] {
    do throws(StoreError) { return try Retriever(reader).search(queries) } catch { throw error.failure }
  }

  /// What puts the hits in order; nil where the search alone does.
  func reranker(_ session: EmbedSession) async throws(Failure) -> Reranker? {
    guard let reranking else { return nil }
    return try await session.reranker(reranking.model, depth: reranking.depth)
  }

  func found(
    _ queries: [RetrievalQuery], _ reader: StoreReader, _ reranker: Reranker?, _ session: EmbedSession?
  ) async throws(Failure) -> [[RetrievalHit]] {
    guard let reranker, let session else { return try found(queries, reader) }
    return try await session.reranked(try found(queries.map(reranker.pool), reader), queries, reranker, reader)
  }

  func print(
    _ queries: [RetrievalQuery], _ ids: [JSON?], _ lists: [[RetrievalHit]], _ reader: StoreReader, _ program: Program,
    asLines: Bool = false
  ) throws(Failure) {
    let printer = HitPrinter(program: program, names: SourceNames(store: reader.directory))
    for (index, hits) in lists.enumerated() {
      if asLines || search.isJSON {
        let object = printer.object(queries[index], hits, reader, id: ids[index])
        program.output.write((asLines ? object.text : object.prettyText) + "\n")
      } else {
        for hit in hits { printer.show(hit, query: queries[index].text) }
        if hits.isEmpty { program.note("nothing was found") }
      }
    }
    program.output.flush()
  }
}

extension IndexRun {
  /// The store that a search names; nil for a folder that is none.
  static func existing(searched path: String) throws(Failure) -> StoreReader? {
    if !path.isEmpty, Files.exists(Paths.join(path, "manifest.json")) {
      do throws(StoreError) {
        return try StoreReader.open(path)
      } catch {
        // A web page's manifest.json and the like: a folder all the same.
        if StoreReader.isStore(path) { throw error.failure }
        return nil
      }
    }
    guard Files.exists(path) else { throw StoreError(path: path, kind: .notFound).failure }
    return nil
  }
}
