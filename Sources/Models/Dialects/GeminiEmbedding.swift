// Gemini's embeddings, POST {base}/models/{model}:batchEmbedContents, the form that the SDK uses for one text too
// (google-genai 3.4: models.py). At most 100 texts a request.

import Formats
import Transport

package struct GeminiEmbedding: EmbeddingDialect {
  package static let maximumInputs = 100

  let target: Target

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: EmbeddingRequest) throws(ModelError) -> HTTPRequest {
    var body = WireBody()
    body.writer.beginObject()
    body.writer.key("requests")
    body.writer.beginArray()
    for text in request.inputs {
      body.writer.beginObject()
      body.writer.member("model", target.geminiResource)
      body.writer.key("content")
      body.writer.beginObject()
      body.writer.key("parts")
      body.writer.beginArray()
      body.writer.beginObject()
      body.writer.member("text", text)
      body.writer.endObject()
      body.writer.endArray()
      body.writer.endObject()
      if let purpose = request.purpose { body.writer.member("taskType", Self.taskType(purpose)) }
      if let dimensions = request.dimensions { body.writer.member("outputDimensionality", dimensions) }
      body.writer.endObject()
    }
    body.writer.endArray()
    body.writer.endObject()
    return body.request(target, path: try target.geminiPath("batchEmbedContents"), isStreaming: false)
  }

  package func decode(_ body: [UInt8], for request: EmbeddingRequest) throws(ModelError) -> EmbeddingReply {
    let json: JSON
    do { json = try JSON.parse(body) } catch { throw target.unreadable(error) }
    if let error = GeminiErrors.errorObject(json) { throw GeminiErrors.error(error, target: target) }
    let lists = json["embeddings"]?.elements.map { $0["values"] } ?? []
    let vectors = try target.vectors(lists, for: request)
    let usage = json["usageMetadata"]
    return EmbeddingReply(
      vectors: vectors, usage: Usage(input: usage?["promptTokenCount"]?.int ?? 0, raw: usage?.detached()))
  }

  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    GeminiErrors.error(status: status, headers: headers, body: body, target: target)
  }

  private static func taskType(_ purpose: EmbeddingRequest.Purpose) -> String {
    switch purpose {
    case .query: "RETRIEVAL_QUERY"
    case .document: "RETRIEVAL_DOCUMENT"
    case .similarity: "SEMANTIC_SIMILARITY"
    }
  }
}

extension Target {
  /// Vectors of JSON's arrays of numbers; throws `invalidOutput` where they are not as many or not as long as asked.
  func vectors(_ lists: [JSON?], for request: EmbeddingRequest) throws(ModelError) -> [[Float]] {
    guard lists.count == request.inputs.count else {
      throw error(.invalidOutput, "\(lists.count) vectors came for \(request.inputs.count) texts")
    }
    var vectors: [[Float]] = []
    vectors.reserveCapacity(lists.count)
    for list in lists {
      var vector: [Float] = []
      vector.reserveCapacity(list?.count ?? 0)
      for number in list?.elements.map({ $0 }) ?? [] {
        guard let value = number.double, Float(value).isFinite else {
          throw error(.invalidOutput, "a vector holds what is no number")
        }
        vector.append(Float(value))
      }
      let length = request.dimensions ?? vectors.first?.count ?? vector.count
      guard !vector.isEmpty, vector.count == length else {
        throw error(.invalidOutput, "a vector of length \(vector.count) came, not of \(length)")
      }
      vectors.append(vector)
    }
    return vectors
  }
}
