// Options that slow a builtin model down, make it fail or cut it short, so that retries, timeouts and budgets can be
// tried out without a provider.

import Formats
import Synchronization

/// `--option`s of the builtin models as one call gives them.
struct BuiltinOptions: Sendable {
  /// Seconds before each piece.
  var latency: Double?
  /// Seconds before the first piece, instead of `latency`.
  var firstTokenDelay: Double?
  var failure: ModelError?
  /// Attempts of the same request that fail; nil: all.
  var failTimes: Int?
  var finish: FinishReason?
  /// Words of a piece.
  var words: Int?

  static let specifications: [OptionSpecification] = [
    OptionSpecification("latency_ms", .number, help: "milliseconds before each piece of the answer"),
    OptionSpecification("first_token_ms", .number, help: "milliseconds before the first piece"),
    OptionSpecification("fail", .oneOf(failures.map(\.name)), help: "fail with an error of this kind"),
    OptionSpecification(
      "fail_times", .integer, help: "let only the first N attempts of the same request fail, then answer"),
    OptionSpecification(
      "finish", .oneOf(["length", "refusal", "content_filter"]), help: "end as if cut, refused or filtered"),
    OptionSpecification(
      "words", .integer,
      help: "words in a piece, 4 by default (seed and temperature change nothing: the answer is always the same)"),
  ]

  /// Kinds of failures by name, with the HTTP status that providers send for them.
  static let failures: [(name: String, kind: ModelError.Kind, status: Int?)] = [
    ("authentication", .authentication, 401), ("permission", .permission, 403), ("not_found", .notFound, 404),
    ("bad_request", .badRequest, 400), ("context_length", .contextLength, 400),
    ("rate_limit", .rateLimit(retryAfter: nil), 429), ("quota", .quota, 429),
    ("overloaded", .overloaded(retryAfter: nil), 503), ("server", .server(retryAfter: nil), 500),
    ("network", .network, nil), ("timeout", .timeout, nil), ("truncated", .truncated, nil),
    ("invalid_output", .invalidOutput, nil),
  ]

  static let finishes: [(name: String, reason: FinishReason)] = [
    ("stop", .stop), ("length", .length), ("tool_calls", .toolCalls), ("refusal", .refusal),
    ("content_filter", .contentFilter),
  ]

  init() {}

  init(_ fields: [BodyField]) throws(ModelError) {
    for field in fields {
      let name = field.path.joined(separator: ".")
      let value = field.value
      switch name {
      case "latency_ms": latency = try Self.number(value, name, 0...3_600_000) / 1000
      case "first_token_ms": firstTokenDelay = try Self.number(value, name, 0...3_600_000) / 1000
      case "fail_times": failTimes = Int(try Self.number(value, name, 0...1_000_000))
      case "words": words = Int(try Self.number(value, name, 1...1_000_000))
      case "fail":
        guard let row = Self.failures.first(where: { $0.name == value.string }) else {
          throw Self.unknown(value, name, Self.failures.map(\.name))
        }
        failure = ModelError(
          row.kind, "made to fail by the option fail=\(row.name)", hint: "leave the option out", status: row.status)
      case "finish":
        guard let row = Self.finishes.first(where: { $0.name == value.string }) else {
          throw Self.unknown(value, name, Self.finishes.map(\.name))
        }
        finish = row.reason
      default:
        let near = EditDistance.suggestion(for: name, among: Self.specifications.map(\.name))
        throw ModelError(
          .badRequest, "builtin models have no option '\(name)'", hint: near.map { "did you mean '\($0)'?" },
          attempts: 0)
      }
    }
  }

  /// The failure of this attempt. Counts the attempt where only the first ones are to fail.
  func failure(for request: ModelRequest, model: String) -> ModelError? {
    guard let failure, let failTimes else { return failure }
    let key = request.fingerprint(model: model)
    return Self.attempts.withLock { attempts in
      // Bounded: beyond this many different requests all counts begin again.
      if attempts.count >= 65_536, attempts[key] == nil { attempts.removeAll() }
      let done = attempts[key, default: 0]
      guard done < failTimes else { return nil }
      attempts[key] = done + 1
      return failure
    }
  }

  /// Failed attempts by request; what `fail_times` counts is the process's.
  private static let attempts = Mutex<[UInt64: Int]>([:])

  private static func number(
    _ value: JSON, _ name: String, _ range: ClosedRange<Double>
  ) throws(ModelError) -> Double {
    guard let number = value.double, range.contains(number) else {
      let ends = "\(Int(range.lowerBound)) to \(Int(range.upperBound))"
      throw ModelError(.badRequest, "the option '\(name)' takes a number from \(ends)", attempts: 0)
    }
    return number
  }

  private static func unknown(_ value: JSON, _ name: String, _ known: [String]) -> ModelError {
    let near = value.string.flatMap { EditDistance.suggestion(for: $0, among: known) }
    return ModelError(
      .badRequest, "the option '\(name)' takes one of \(known.joined(separator: ", "))",
      hint: near.map { "did you mean '\($0)'?" }, attempts: 0)
  }
}

extension ModelRequest {
  /// A hash of what is asked: the same for a second attempt.
  func fingerprint(model: String) -> UInt64 {
    var hash = FNV1a()
    hash.add(model)
    hash.add(system ?? "")
    for message in messages {
      hash.add(message.role.rawValue)
      hash.add(message.text)
    }
    for tool in tools { hash.add(tool.name) }
    if let schema { hash.add(schema.name) }
    return hash.value
  }
}
