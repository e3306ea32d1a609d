// What the tests of all dialects need: targets, bodies as JSON, and streams pushed through the framing cut anywhere.

import Formats
import Models
import Testing
import Transport

enum DialectSupport {
  /// A model of the catalogue, or one that it does not know.
  static func target(_ provider: String, _ model: String, baseURL: String? = nil) throws -> Target {
    let row = try #require(ProviderRow.named(provider))
    return Target(
      provider: row, model: model, row: ModelCatalogue.row(provider: provider, id: model),
      baseURL: baseURL ?? row.baseURL)
  }

  static func body(_ request: HTTPRequest) throws -> JSON { try JSON.parse(request.body.bytes) }

  static func header(_ name: String, _ request: HTTPRequest) -> String? {
    request.headers.first { $0.isNamed(name) }?.value
  }

  /// The events of a stream whose bytes come in two pieces, cut at `cut`, and the error that ended it.
  static func events<D: Dialect>(
    _ type: D.Type, _ target: Target, _ text: String, cut: Int = 0
  ) -> ([ModelEvent], ModelError?) {
    var dialect = D(target)
    var parser = D.framing.parser()
    var events: [ModelEvent] = []
    let bytes = Array(text.utf8)
    do {
      for piece in [bytes[..<cut], bytes[cut...]] {
        try parser.push(Array(piece)) { frame in try dialect.decode(frame, into: &events) }
      }
      try parser.finish { frame in try dialect.decode(frame, into: &events) }
      try dialect.end(into: &events)
      return (events, nil)
    } catch {
      return (events, error as? ModelError)
    }
  }

  /// The events of a stream, the same wherever it is cut.
  static func wherever<D: Dialect>(
    _ type: D.Type, _ target: Target, _ text: String
  ) -> ([ModelEvent], ModelError?) {
    let whole = events(type, target, text)
    for cut in 1..<text.utf8.count {
      let pieces = events(type, target, text, cut: cut)
      if pieces != whole {
        Issue.record("cut at byte \(cut): \(pieces)")
        return pieces
      }
    }
    return whole
  }

  static func whole<D: Dialect>(_ type: D.Type, _ target: Target, _ text: String) throws -> [ModelEvent] {
    var dialect = D(target)
    var events: [ModelEvent] = []
    try dialect.decodeWhole(Array(text.utf8), into: &events)
    return events
  }

  static func reply(_ events: [ModelEvent]) -> Reply {
    events.reduce(into: Reply()) { $0.add($1) }
  }

  /// Events as server-sent ones, each data a line of `lines`.
  static func sse(_ lines: String) -> String {
    lines.split(separator: "\n").map { "data: \($0)\n\n" }.joined()
  }

  /// The parts of a kind of event, without counts.
  static func withoutUsage(_ events: [ModelEvent]) -> [ModelEvent] {
    events.filter { if case .usage = $0 { false } else { true } }
  }

  static func usage(_ events: [ModelEvent]) -> Usage? {
    events.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }.last
  }
}
