// Answers that were paid for once, found again by what was asked. Only whole answers are kept, never errors, and none
// that a secret stands in. A cache that cannot be read or written costs calls and nothing else: its errors are results
// and not thrown, since whoever asks tells of them once and goes on without.
//
// A kept value: a byte of version, the length of the request in four bytes little-endian, the request as canonical JSON
// (abridged where it is long), then the events (EventCodec).

import Formats
import Storage
import Transport

/// The answers to requests, shared by all processes that use the directory.
package final class AnswerCache: Sendable {
  package let store: CacheStore
  private let redactor: Redactor
  /// The disk blocks; the cooperative pool must not.
  private let thread = SerialThread(name: "awl-cache")
  private static let version: UInt8 = 1

  /// - Parameter redactor: knows the secrets that must not be kept.
  package init(directory: String, redactor: Redactor) {
    store = CacheStore(directory: directory)
    self.redactor = redactor
  }

  /// The vectors of texts, kept with the answers.
  var vectors: VectorCache { VectorCache(store, thread) }

  /// Scores of documents, kept with them.
  var scores: ScoreCache { ScoreCache(store, thread) }

  /// The form that the cache knows a request by.
  ///
  /// - Parameter repetition: asks for another answer to the same question, from 0.
  func canonical(
    _ request: HTTPRequest, dialect: String, repetition: Int
  ) async -> Result<CanonicalRequest, StorageError> {
    @Sendable func make() -> Result<CanonicalRequest, StorageError> {
      Result { () throws(StorageError) in try CanonicalRequest(request, dialect: dialect, repetition: repetition) }
    }
    // Only files that are sent along have to be read for it.
    return request.body.splices.isEmpty ? make() : await thread.run { make() }
  }

  /// The events of the answer to this request, as it was when it was whole; nil where none is kept.
  package func answer(to request: CanonicalRequest) async -> Result<[ModelEvent]?, StorageError> {
    await value(of: request.key).map { value in
      value.flatMap { AnswerCache.split($0)?.events }.flatMap(EventCodec.decode)
    }
  }

  /// Keeps an answer, where it is one to be kept.
  ///
  /// - Returns: whether it was kept.
  package func keep(
    _ answer: AnswerRecorder, for request: CanonicalRequest, time: Timestamp = .now()
  ) async -> Result<Bool, StorageError> {
    guard var events = answer.encoded, !redactor.redact(&events) else { return .success(false) }
    var asked = request.kept
    redactor.redact(&asked)
    var value: [UInt8] = [AnswerCache.version]
    value.reserveCapacity(5 + asked.count + events.count)
    withUnsafeBytes(of: UInt32(asked.count).littleEndian) { value.append(contentsOf: $0) }
    value += asked
    value += events
    let (store, key, bytes) = (store, request.key, value)
    return await thread.run {
      Result { () throws(StorageError) in
        try store.put(key, bytes, time: time)
        return true
      }
    }
  }

  /// The request that is kept under a key, to be compared with another.
  package func request(under key: CacheKey) async -> Result<CanonicalRequest?, StorageError> {
    await value(of: key).map { value in
      value.flatMap { AnswerCache.split($0) }.map { CanonicalRequest(canonical: Array($0.request)) }
    }
  }

  private func value(of key: CacheKey) async -> Result<[UInt8]?, StorageError> {
    let store = store
    return await thread.run { Result { () throws(StorageError) in try store.get(key) } }
  }

  private static func split(_ value: [UInt8]) -> (request: ArraySlice<UInt8>, events: ArraySlice<UInt8>)? {
    guard value.count >= 5, value[0] == version else { return nil }
    let length = (1...4).reduce(0) { $0 | Int(value[$1]) << (8 * ($1 - 1)) }
    guard length <= value.count - 5 else { return nil }
    return (value[5..<5 + length], value[(5 + length)...])
  }
}

/// Takes down an answer as it comes.
package struct AnswerRecorder: Sendable {
  /// Bytes beyond which an answer is not kept.
  private static let limit = 64 << 20

  private var encoder = EventEncoder()
  private var finish: FinishReason?
  private var isTooLarge = false

  package init() {}

  package mutating func add(_ events: [ModelEvent]) {
    guard !isTooLarge else { return }
    for event in events { if case .finished(let reason) = event { finish = reason } }
    encoder.add(events)
    if encoder.bytes.count > AnswerRecorder.limit { self = AnswerRecorder(tooLarge: ()) }
  }

  /// The call is made again: what came of the attempt before does not count.
  package mutating func restart() { self = AnswerRecorder() }

  /// The answer's bytes where it is whole: it ended of itself, was neither cut nor refused nor filtered.
  var encoded: [UInt8]? {
    guard let finish, finish.isWhole, !isTooLarge else { return nil }
    var encoder = encoder
    return encoder.finish()
  }

  private init(tooLarge: Void) { isTooLarge = true }
}
