// The cache's part in one call: what is looked for before it, and what is kept after it. Where nothing is looked for, the
// key is worked out while the model thinks. What goes wrong with the cache is told and costs nothing else.

import Formats
import Storage
import Transport

/// One call's use of the cache.
struct CacheUse: Sendable {
  let mode: CacheMode
  private let cache: AnswerCache
  private let dialect: String
  private let repetition: Int
  private var canonical: Task<Result<CanonicalRequest, StorageError>, Never>?
  private var recorder = AnswerRecorder()

  /// Nil where the cache has no part in the call.
  init?(_ call: Call, _ cache: AnswerCache?) {
    guard let cache, call.cache != .off, call.target.provider.dialect != .builtin else { return nil }
    self.cache = cache
    mode = call.cache
    dialect = call.target.provider.dialect.rawValue
    repetition = call.repetition
  }

  /// The request as it will be, or was, sent. Only the first counts: what continues an answer belongs to it.
  mutating func note(_ request: HTTPRequest) {
    guard canonical == nil else { return }
    let (cache, dialect, repetition) = (cache, dialect, repetition)
    canonical = Task.detached { await cache.canonical(request, dialect: dialect, repetition: repetition) }
  }

  /// The kept answer to the request that was noted.
  func answer() async -> Result<[ModelEvent]?, StorageError> {
    guard let canonical else { return .success(nil) }
    switch await canonical.value {
    case .success(let request): return await cache.answer(to: request)
    case .failure(let error): return .failure(error)
    }
  }

  /// The key of the request that was noted.
  var key: String? {
    get async { try? await canonical?.value.get().key.hex }
  }

  /// That request with its long texts cut.
  var abridged: JSON? {
    get async { try? await canonical?.value.get().abridged }
  }

  /// Takes down what comes.
  mutating func add(_ events: [ModelEvent]) { if mode.writes { recorder.add(events) } }

  /// The request is made again: what came before does not count.
  mutating func restart() { recorder.restart() }

  /// Keeps the answer, where it is one to be kept. Gives what went wrong with the disk, if anything.
  func keep() async -> String? {
    guard mode.writes, let canonical else { return nil }
    switch await canonical.value {
    case .success(let request):
      guard case .failure(let error) = await cache.keep(recorder, for: request) else { return nil }
      return error.description
    case .failure(let error): return error.description
    }
  }
}
