// `awl embed search --each`: many questions, 64 at a time: embedded in one request, and their vectors pass through the
// store together.

import Formats
import Models
import Prompts
import Retrieval

extension EmbedSearchCommand {
  private static let batch = 64
  private static let textNames = ["query", "question", "text"]

  /// A question of the table.
  private struct Asked {
    var id: JSON
    var text: String
    var vector: [Float]?
  }

  func runTable(
    _ table: String, _ reader: StoreReader, _ program: Program, _ session: EmbedSession?, _ display: ProgressDisplay
  ) async throws(Failure) -> ExitCode {
    let source = RowSource(path: table == "-" ? nil : table)
    var session = session
    var embedder: Embedder?
    var reranker: Reranker?
    if reranking != nil {
      let opened = if let session { session } else { try EmbedSession(program, flags, display: display) }
      (session, reranker) = (opened, try await self.reranker(opened))
    }
    var done = 0
    var template = try search.query(program)
    template.mode = mode ?? (reader.dimension == 0 ? .keyword : .hybrid)
    template.alpha = alpha
    if template.mode != .keyword, reader.dimension == 0 {
      throw Failure("\(store): has no vectors (--mode keyword)", .usage)
    }
    while true {
      let rows: [Row]
      switch await source.next() {
      case .failure(let error): throw Failure(error.text, .usage)
      case .success(nil):
        display.clear()
        return .done
      case .success(let found?): rows = found
      }
      for first in stride(from: 0, to: rows.count, by: EmbedSearchCommand.batch) {
        let some = rows[first..<min(first + EmbedSearchCommand.batch, rows.count)]
        var asked: [Asked] = []
        for row in some {
          let question = try EmbedSearchCommand.asked(row, table)
          if reranker != nil, question.text.isEmpty {
            throw Failure("\(table):\(row.position.line): --rerank needs the words of the question", .usage)
          }
          asked.append(question)
        }
        if template.mode != .keyword {
          let missing = asked.indices.filter { asked[$0].vector == nil }
          if !missing.isEmpty {
            let opened = if let session { session } else { try EmbedSession(program, flags, display: display) }
            let ready = if let embedder { embedder } else { try await opened.embedder(for: reader) }
            (session, embedder) = (opened, ready)
            let vectors = try await opened.queryVectors(missing.map { asked[$0].text }, ready)
            for (place, vector) in zip(missing, vectors) { asked[place].vector = vector }
          }
        }
        let queries = asked.map { question in
          var query = template
          query.text = question.text
          query.vector = question.vector
          return query
        }
        let lists = try await found(queries, reader, reranker, session)
        try print(queries, asked.map(\.id), lists, reader, program, asLines: true)
        if program.output.isClosed { return .done }
        done += asked.count
        display.update(ProgressLine.State(done: done))
        if Task.isCancelled { throw Failure("interrupted", .interrupted) }
      }
    }
  }

  private static func asked(_ row: Row, _ table: String) throws(Failure) -> Asked {
    func find(_ names: [String]) -> JSON? {
      for name in names { if let value = row.values[name] { return value } }
      return nil
    }
    let place = "\(table == "-" ? "stdin" : table):\(row.position.line)"
    let vector = find(["vector", "embedding"]).map { list in list.elements.compactMap { $0.double.map { Float($0) } } }
    let text = find(textNames).flatMap { $0.string ?? $0.text } ?? ""
    guard EmbeddableText.hasWords(text) || vector != nil else {
      throw Failure("\(place): there is no question (a column query or text)", .usage)
    }
    return Asked(id: find(["id", "_id"]) ?? .number(row.number), text: text, vector: vector)
  }
}
