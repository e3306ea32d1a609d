// Vectors that were paid for once, in the same store as the answers: a text is embedded once with a model, by whatever
// command. A kept value: a byte of version that no answer begins with, then the numbers as little-endian Float32, as the
// provider gave them.

import Storage

/// The vectors of texts, shared by all processes that use the directory. Made by `AnswerCache.vectors`.
struct VectorCache: Sendable {
  private let store: CacheStore
  private let thread: SerialThread
  private static let version: UInt8 = 0xE1

  init(_ store: CacheStore, _ thread: SerialThread) {
    self.store = store
    self.thread = thread
  }

  /// What a vector is kept under: all that it depends on.
  static func key(_ text: String, _ target: Target, _ request: EmbeddingRequest) -> CacheKey {
    let purpose =
      switch request.purpose {
      case .query: "query"
      case .document: "document"
      case .similarity: "similarity"
      case nil: ""
      }
    var bytes = Array("awl vector 1\0".utf8)
    for part in [
      target.provider.embeddings?.rawValue ?? "", target.baseURL, target.model,
      request.dimensions.map(String.init) ?? "",
      purpose,
    ] {
      bytes += part.utf8
      bytes.append(0)
    }
    bytes += text.utf8
    return CacheKey(hashing: bytes)
  }

  /// What is kept under each key; nil where nothing is.
  func vectors(_ keys: [CacheKey]) async -> Result<[[Float]?], StorageError> {
    let store = store
    return await thread.run {
      Result { () throws(StorageError) in
        var vectors: [[Float]?] = []
        for key in keys { vectors.append(try store.get(key).flatMap(VectorCache.decode)) }
        return vectors
      }
    }
  }

  /// Keeps vectors; when this returns they survive the death of the process.
  func keep(_ vectors: [(key: CacheKey, vector: [Float])]) async -> StorageError? {
    let store = store
    return await thread.run {
      do throws(StorageError) {
        for (key, vector) in vectors { try store.put(key, VectorCache.encode(vector)) }
        return nil
      } catch {
        return error
      }
    }
  }

  private static func encode(_ vector: [Float]) -> [UInt8] {
    var bytes: [UInt8] = [version]
    bytes.reserveCapacity(1 + vector.count * 4)
    for number in vector { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  private static func decode(_ bytes: [UInt8]) -> [Float]? {
    guard bytes.first == version, bytes.count > 1, bytes.count % 4 == 1 else { return nil }
    return bytes.withUnsafeBytes { raw in
      stride(from: 1, to: raw.count, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }
}
