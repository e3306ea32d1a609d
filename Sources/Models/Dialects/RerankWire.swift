// Reranking, one request for a question and its documents. The formats differ in names alone, so one file reads and writes
// all of them (cohere 7.3 `v2/raw_client.py`, voyageai 0.5 `client.py`, the documentation of Jina, vLLM, llama.cpp and
// text-embeddings-inference). All scores are asked for, never the best few: one that is missing is noticed, and what is
// kept serves every number of hits. Servers do not all sort them (LocalAI #7189), so places count and not the order.

import Formats
import Transport

/// Wire formats of reranking, by name; the path goes with the format.
package enum RerankFormat: String, Sendable, Hashable, CaseIterable {
  /// `POST {base}/rerank` with `documents`; `results` of `index` and `relevance_score`. Jina's, which vLLM, llama.cpp,
  /// LocalAI, LiteLLM and Together took over.
  case jina
  /// `POST https://api.cohere.com/v2/rerank`, beside the base of Cohere's chat.
  case cohere
  /// `POST {base}/rerank`; `data` of `index` and `relevance_score`.
  case voyage
  /// text-embeddings-inference: `POST /rerank` with `texts`; a bare array of `index` and `score`.
  case tei

  /// Most documents of one request. TEI's `--max-client-batch-size` is 32 unless told otherwise.
  package var maximumDocuments: Int { self == .tei ? 32 : 1000 }
}

/// A question and the texts to be scored for it.
package struct RerankRequest: Sendable {
  package var query: String
  package var documents: [String]

  package init(query: String, documents: [String]) {
    self.query = query
    self.documents = documents
  }
}

package struct RerankReply: Sendable {
  /// How well each document answers the question, in the order of the documents; comparable among them alone.
  package var scores: [Double]
  package var usage: Usage

  package init(scores: [Double], usage: Usage = Usage()) {
    self.scores = scores
    self.usage = usage
  }
}

/// One format at one target.
struct RerankWire: Sendable {
  let format: RerankFormat
  let target: Target

  func encode(_ request: RerankRequest) throws(ModelError) -> HTTPRequest {
    guard !request.documents.isEmpty else { throw target.badRequest("rerank: there is no document") }
    guard request.documents.count <= format.maximumDocuments else {
      throw target.badRequest("rerank: at most \(format.maximumDocuments) documents go into one request")
    }
    var body = WireBody()
    body.writer.beginObject()
    if format != .tei { body.writer.member("model", target.model) }
    body.writer.member("query", request.query)
    body.writer.key(format == .tei ? "texts" : "documents")
    body.writer.beginArray()
    for document in request.documents { body.writer.string(document) }
    body.writer.endArray()
    switch format {
    // The head of a long text is enough to rank it by; without this the server refuses it.
    case .tei: body.writer.member("truncate", true)
    case .jina: body.writer.member("return_documents", false)
    case .cohere, .voyage: break
    }
    body.writer.endObject()
    var request = body.request(target, path: "/rerank", isStreaming: false)
    request.url = BaseURL.joined(base, "/rerank")
    return request
  }

  /// Where the format's path begins, which is not always where chat's does.
  private var base: String {
    let url = target.baseURL
    func without(_ suffix: String) -> String { url.hasSuffix(suffix) ? String(url.dropLast(suffix.count)) : url }
    switch format {
    case .jina, .voyage: return url
    case .cohere: return url.hasSuffix("/v2") ? url : without("/compatibility/v1") + "/v2"
    case .tei: return without("/v1")
    }
  }

  /// - Throws: `invalidOutput` where a document has no score, two, or one that is no number.
  func decode(_ body: [UInt8], for request: RerankRequest) throws(ModelError) -> RerankReply {
    let json: JSON
    do { json = try JSON.parse(body) } catch { throw invalid("the answer is not JSON: \(excerpt(body))") }
    if json.kind == .object, let error = OpenAIError.inAnswer(json, target) { throw error }
    guard let results = json.kind == .array ? json : json["results"] ?? json["data"], results.kind == .array else {
      throw invalid("the answer has no results: \(excerpt(body))")
    }
    guard results.count == request.documents.count else {
      throw invalid("\(results.count) scores came for \(request.documents.count) documents")
    }
    var scores = [Double?](repeating: nil, count: request.documents.count)
    for result in results.elements {
      guard let index = result["index"]?.int else { throw invalid("a result has no index") }
      guard scores.indices.contains(index), scores[index] == nil else {
        throw invalid("the index \(index) is out of range or came twice")
      }
      guard let score = (result["relevance_score"] ?? result["score"])?.double, score.isFinite else {
        throw invalid("the score of document \(index) is no number")
      }
      scores[index] = score
    }
    return RerankReply(scores: scores.compactMap { $0 }, usage: usage(json))
  }

  /// Cohere bills searches and tells tokens only at times; TEI tells nothing.
  private func usage(_ json: JSON) -> Usage {
    guard json.kind == .object else { return Usage() }
    let counted = json["usage"] ?? json["meta"]?["tokens"] ?? json["meta"]?["billed_units"]
    let tokens = counted?["total_tokens"] ?? counted?["prompt_tokens"] ?? counted?["input_tokens"]
    let input = tokens?.double.flatMap { $0 >= 0 && $0 < 1e15 ? Int($0) : nil }
    return Usage(input: input ?? 0, raw: (json["usage"] ?? json["meta"])?.detached())
  }

  func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OpenAIError.response(target, status: status, headers: headers, body: body)
  }

  private func invalid(_ words: String) -> ModelError { OpenAIStream.invalid("rerank: " + words, target) }
}

extension Target {
  /// The format in which this model scores documents; nil where it has to be asked in words. Servers offer rerankers and
  /// chat models side by side, so there the name tells: every reranker in wide use says what it is.
  package var reranking: RerankFormat? {
    guard let format = provider.reranking else { return nil }
    if provider.quirks.contains(.noChat) { return format }
    let name = model.lowercased().utf8
    return ["rerank", "cross-encoder"].contains { name.hasPart($0.utf8) } ? format : nil
  }
}

extension String.UTF8View {
  fileprivate func hasPart(_ part: String.UTF8View) -> Bool {
    indices.contains { self[$0...].starts(with: part) }
  }
}
