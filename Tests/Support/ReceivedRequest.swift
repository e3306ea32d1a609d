// A request as the scripted server got it, and the matchers a script names requests by.

import Foundation

/// What became of the answer to a request.
package enum AnswerOutcome: Sendable, Equatable {
  /// The answer is still under way (or waits, or stalls).
  case pending
  /// Every byte was handed to the socket.
  case answered
  /// The script cut it.
  case cut
  /// The client went away before the end.
  case clientClosed
}

/// One request, whole.
package struct ReceivedRequest: Sendable {
  package var method: String
  /// As on the request line: path and query, percent-encoded.
  package var target: String
  /// Names as sent, in order.
  package var headers: [(name: String, value: String)]
  /// At most ``ScriptedServer/bodyLimit`` bytes; see `bodySize`.
  package var body: [UInt8] = []
  /// Size of the whole body in bytes.
  package var bodySize = 0
  /// Number of its connection, from 0 in order of acceptance.
  package var connection = 0
  /// Number of the request among all of the server, from 0.
  package var number = 0
  /// Monotonic time of its last byte, in seconds.
  package var time = 0.0
  package var outcome = AnswerOutcome.pending

  package var path: String { String(target.prefix { $0 != "?" }) }
  package var query: String? { target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } }
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as JSON, `nil` where it is none.
  package var json: Any? {
    try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
  }

  /// The body as a JSON object, empty where it is none.
  package var object: [String: Any] { json as? [String: Any] ?? [:] }

  /// The first field of that name, without regard to case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// Which requests an exchange is for; conditions run under the server's lock and must not ask the server.
/// `RequestMatcher.post("/v1/messages").header("x-api-key", "k").json { … }`
package struct RequestMatcher: Sendable, CustomStringConvertible {
  package typealias Condition = @Sendable (ReceivedRequest) -> Bool

  private var conditions: [(name: String, holds: Condition)] = []

  package static let any = RequestMatcher()
  package static func get(_ path: String) -> RequestMatcher { method("GET", path) }
  package static func post(_ path: String) -> RequestMatcher { method("POST", path) }

  /// `path` is compared with the whole target when it has a query, else with the path alone.
  package static func method(_ method: String, _ path: String) -> RequestMatcher {
    any.where("\(method) \(path)") {
      $0.method == method && (path.contains("?") ? $0.target : $0.path) == path
    }
  }

  /// The field is there with exactly this value.
  package func header(_ name: String, _ value: String) -> RequestMatcher {
    self.where("\(name): \(value)") { $0.header(name) == value }
  }

  package func bodyContains(_ text: String) -> RequestMatcher {
    self.where("a body with \(text)") { $0.text.contains(text) }
  }

  /// The body is a JSON object for which `holds` is true.
  package func json(_ name: String = "a matching JSON body", _ holds: @escaping @Sendable ([String: Any]) -> Bool)
    -> RequestMatcher
  {
    self.where(name) { ($0.json as? [String: Any]).map(holds) ?? false }
  }

  /// Any other condition, with words for the report.
  package func `where`(_ name: String, _ holds: @escaping Condition) -> RequestMatcher {
    var copy = self
    copy.conditions.append((name, holds))
    return copy
  }

  package func matches(_ request: ReceivedRequest) -> Bool { conditions.allSatisfy { $0.holds(request) } }

  package var description: String {
    conditions.isEmpty ? "any request" : conditions.map(\.name).joined(separator: ", ")
  }
}
