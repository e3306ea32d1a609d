// Embeddings, `POST {base}/embeddings` (openai 3.54, `embedding_create_params.py`). Asks for base64, which is a quarter
// of the bytes and needs no numbers parsed; a server that sends arrays of numbers all the same is read too.

import Formats
import Transport

package struct OpenAIEmbedding: EmbeddingDialect {
  package static let maximumInputs = 2048

  private let target: Target

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: EmbeddingRequest) throws(ModelError) -> HTTPRequest {
    guard !request.inputs.isEmpty else { throw target.badRequest("embeddings: there is no text to embed") }
    guard request.inputs.count <= Self.maximumInputs else {
      throw target.badRequest("embeddings: at most \(Self.maximumInputs) texts go into one request")
    }
    var body = WireBody()
    let quirks = target.provider.quirks
    body.writer.beginObject()
    body.writer.member("model", target.model)
    body.writer.key("input")
    body.writer.beginArray()
    for input in request.inputs { body.writer.string(input) }
    body.writer.endArray()
    if let dimensions = request.dimensions {
      body.writer.member(quirks.contains(.outputDimension) ? "output_dimension" : "dimensions", dimensions)
    }
    body.writer.member("encoding_format", "base64")
    if quirks.contains(.embeddingInputType), let purpose = request.purpose {
      body.writer.member("input_type", purpose == .query ? "query" : "passage")
    }
    body.writer.endObject()
    return body.request(target, path: "/embeddings", isStreaming: false)
  }

  package func decode(_ body: [UInt8], for request: EmbeddingRequest) throws(ModelError) -> EmbeddingReply {
    let json: JSON
    do { json = try JSON.parse(body) } catch {
      throw OpenAIStream.invalid("embeddings: the answer is not JSON: \(excerpt(body))", target)
    }
    if let error = OpenAIError.inAnswer(json, target) { throw error }
    guard let data = json["data"], data.count == request.inputs.count else {
      throw OpenAIStream.invalid(
        "embeddings: \(json["data"]?.count ?? 0) vectors came for \(request.inputs.count) texts", target)
    }
    var vectors = [[Float]](repeating: [], count: data.count)
    for (position, entry) in data.elements.enumerated() {
      let index = entry["index"]?.int ?? position
      guard vectors.indices.contains(index), vectors[index].isEmpty else {
        throw OpenAIStream.invalid("embeddings: the index \(index) is out of range or came twice", target)
      }
      guard let vector = entry["embedding"].flatMap(vector), vector.allSatisfy(\.isFinite), !vector.isEmpty else {
        throw OpenAIStream.invalid("embeddings: vector \(index) cannot be read", target)
      }
      vectors[index] = vector
    }
    let length = request.dimensions ?? vectors[0].count
    if let odd = vectors.first(where: { $0.count != length }) {
      throw OpenAIStream.invalid("embeddings: a vector has \(odd.count) numbers, not \(length)", target)
    }
    return EmbeddingReply(vectors: vectors, usage: json["usage"].map(OpenAIUsage.chat) ?? Usage())
  }

  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OpenAIError.response(target, status: status, headers: headers, body: body)
  }

  /// Little-endian float32 in base64, or an array of numbers.
  private func vector(_ json: JSON) -> [Float]? {
    if json.kind == .array {
      var vector: [Float] = []
      vector.reserveCapacity(json.count)
      for element in json.elements {
        guard let value = element.double else { return nil }
        vector.append(Float(value))
      }
      return vector
    }
    var text: [UInt8] = []
    guard json.appendString(to: &text), let bytes = Base64.decode(text, padding: .optional), bytes.count % 4 == 0
    else { return nil }
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }
}
