// Ollama's embeddings, POST {base}/api/embed. A text that is longer than the model's context is an error here and not
// cut in silence, as the server would by default: a vector of half a text is a wrong one.

import Formats
import Transport

package struct OllamaEmbedding: EmbeddingDialect {
  /// The server names no limit; so many keep a request short enough to be tried again.
  package static let maximumInputs = 256

  let target: Target

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: EmbeddingRequest) throws(ModelError) -> HTTPRequest {
    var body = WireBody()
    body.writer.beginObject()
    body.writer.member("model", target.model)
    body.strings("input", request.inputs)
    body.writer.member("truncate", false)
    if let dimensions = request.dimensions { body.writer.member("dimensions", dimensions) }
    body.writer.endObject()
    return body.request(target, path: target.ollamaPath("embed"), isStreaming: false)
  }

  package func decode(_ body: [UInt8], for request: EmbeddingRequest) throws(ModelError) -> EmbeddingReply {
    let json: JSON
    do { json = try JSON.parse(body) } catch { throw target.unreadable(error) }
    if let words = OllamaErrors.words(json) { throw OllamaErrors.error(words, target: target) }
    let vectors = try target.vectors(json["embeddings"]?.elements.map { $0 } ?? [], for: request)
    return EmbeddingReply(
      vectors: vectors,
      usage: Usage(input: json["prompt_eval_count"]?.int ?? 0, raw: json.detached(except: ["embeddings", "model"])))
  }

  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OllamaErrors.error(status: status, headers: headers, body: body, target: target)
  }
}
