// Scores of documents for a question that were paid for once, in the same store as the answers. A kept value: a byte of
// version that no other kept value begins with, then the scores as little-endian Float64. The whole list is kept under
// one key: some models score a document by what stands beside it.

import Storage

/// Scores, shared by all processes that use the directory. Made by `AnswerCache.scores`.
struct ScoreCache: Sendable {
  private let store: CacheStore
  private let thread: SerialThread
  private static let version: UInt8 = 0xE2

  init(_ store: CacheStore, _ thread: SerialThread) {
    self.store = store
    self.thread = thread
  }

  static func key(_ request: RerankRequest, _ target: Target, _ format: RerankFormat) -> CacheKey {
    var bytes = Array("awl scores 1\0".utf8)
    for part in [format.rawValue, target.baseURL, target.model, request.query] + request.documents {
      // With its length, so that two texts are not the same as one.
      bytes += "\(part.utf8.count):".utf8
      bytes += part.utf8
    }
    return CacheKey(hashing: bytes)
  }

  /// What is kept under a key; nil where nothing is.
  func scores(_ key: CacheKey, count: Int) async -> Result<[Double]?, StorageError> {
    let store = store
    return await thread.run {
      Result { () throws(StorageError) in
        try store.get(key).flatMap { bytes in
          guard bytes.first == ScoreCache.version, bytes.count == 1 + count * 8 else { return nil }
          let scores = bytes.withUnsafeBytes { raw in
            (0..<count).map {
              Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 1 + $0 * 8, as: UInt64.self)))
            }
          }
          return scores.allSatisfy(\.isFinite) ? scores : nil
        }
      }
    }
  }

  /// Keeps scores; when this returns they survive the death of the process.
  func keep(_ scores: [Double], _ key: CacheKey) async -> StorageError? {
    var bytes: [UInt8] = [ScoreCache.version]
    for score in scores {
      withUnsafeBytes(of: score.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    let (store, value) = (store, bytes)
    return await thread.run {
      do throws(StorageError) {
        try store.put(key, value)
        return nil
      } catch {
        return error
      }
    }
  }
}
