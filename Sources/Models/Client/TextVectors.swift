// The vectors of any number of texts: kept ones from the cache, the others asked for in requests as large as the provider
// takes. What was paid for is in the cache before it is used, so that a run that dies pays for nothing twice.

import Formats
import Storage
import Transport

/// How texts are embedded.
package struct EmbeddingCall: Sendable {
  package var target: Target
  /// Numbers of a vector, where the model is to give another count than its own.
  package var dimensions: Int?
  package var cache = CacheMode.on
  package var options = HTTPOptions()
  package var retries = RetryPolicy()
  package var budget: Budget?

  package init(_ target: Target, dimensions: Int? = nil) {
    self.target = target
    self.dimensions = dimensions
  }
}

/// Vectors, and what they took.
package struct TextVectors: Sendable {
  /// `[texts × dimension]`, as the provider gave them (not normalised).
  package var vectors: [[Float]]
  /// Of the texts that were asked for, the kept ones take nothing.
  package var usage = Usage()
  /// Texts that were asked for.
  package var asked = 0
}

extension ModelClient {
  /// Most tokens of all texts of one request. OpenAI takes 300,000; a smaller one fails and is repeated more cheaply.
  private static let requestTokens = 64_000

  /// The vectors of texts in their order. Equal texts are embedded once.
  ///
  /// - Throws: what a call throws; `offline` where only kept vectors are allowed and one is missing.
  package func vectors(
    of texts: [String], purpose: EmbeddingRequest.Purpose?, _ call: EmbeddingCall
  ) async throws(ModelError) -> TextVectors {
    let request = EmbeddingRequest(inputs: [], dimensions: call.dimensions, purpose: purpose)
    var places: [String: Int] = [:]
    var distinct: [String] = []
    for text in texts where places[text] == nil {
      places[text] = distinct.count
      distinct.append(text)
    }
    let isBuiltin = call.target.provider.dialect == .builtin
    let cache = isBuiltin || call.cache == .off ? nil : self.cache?.vectors
    let keys = cache == nil ? [] : distinct.map { VectorCache.key($0, call.target, request) }
    var found = [[Float]?](repeating: nil, count: distinct.count)
    if let cache, call.cache.reads {
      switch await cache.vectors(keys) {
      case .success(let vectors): found = vectors
      case .failure(let error): tellOfCache(error.description)
      }
    }
    let missing = distinct.indices.filter { found[$0] == nil }
    if call.cache == .only, !isBuiltin, let first = missing.first {
      let start = String(distinct[first].prefix(40))
      throw ModelError(
        .offline, "no vector is kept of '\(start)' and \(missing.count - 1) other texts",
        hint: "without --offline they are embedded", provider: call.target.provider.name, model: call.target.model,
        attempts: 0)
    }
    var result = TextVectors(vectors: [], asked: missing.count)
    for places in ModelClient.requests(missing, distinct, call.target) {
      var request = request
      request.inputs = places.map { distinct[$0] }
      let reply = try await embed(
        request, call.target, options: call.options, retries: call.retries, budget: call.budget)
      guard reply.vectors.count == places.count else {
        throw ModelError(
          .invalidOutput, "\(reply.vectors.count) vectors came for \(places.count) texts",
          provider: call.target.provider.name, model: call.target.model, attempts: 1)
      }
      result.usage.input += reply.usage.totalInput
      if let cache, call.cache.writes {
        let kept = zip(places, reply.vectors).map { (key: keys[$0], vector: $1) }
        if let error = await cache.keep(kept) { tellOfCache(error.description) }
      }
      for (place, vector) in zip(places, reply.vectors) { found[place] = vector }
    }
    result.vectors = texts.compactMap { places[$0].flatMap { found[$0] } }
    return result
  }

  /// Numbers of texts, by request.
  private static func requests(_ missing: [Int], _ texts: [String], _ target: Target) -> [[Int]] {
    let most = target.provider.embeddings.flatMap(Dialects.embeddings)?.maximumInputs ?? 1024
    var requests: [[Int]] = []
    var tokens = 0
    for place in missing {
      let size = TokenEstimate.count(texts[place])
      if let last = requests.last, last.count < most, tokens + size <= requestTokens {
        requests[requests.count - 1].append(place)
        tokens += size
      } else {
        requests.append([place])
        tokens = size
      }
    }
    return requests
  }
}

/// What a text must have to be embedded at all.
package enum EmbeddableText {
  /// Whether a text has a letter or a digit of any script.
  package static func hasWords(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          return true
        default: continue
        }
      }
      var hasWord = false
      WordScanner.scan(Array(bytes), 0..<bytes.count) { _ in hasWord = true }
      return hasWord
    }
  }
}
