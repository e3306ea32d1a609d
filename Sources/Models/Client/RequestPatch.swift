// A user's change to the requests of some models, so that a provider's new habit can be met without a new release. It is
// applied last, to the request as it would be sent, and a dry run shows what came of it.

import Formats
import Transport

/// Fields, headers and the URL of a request, changed.
package struct RequestPatch: Sendable {
  /// Found in `PROVIDER/MODEL`.
  package var model: RegularExpression
  package var renamed: [Renaming] = []
  package var removed: [[String]] = []
  package var set: [BodyField] = []
  package var headers: [Header] = []
  package var url: URLChange?

  package init(model: RegularExpression) { self.model = model }

  /// A field that moves, with its value, to another path.
  package struct Renaming: Sendable {
    package var from: [String]
    package var to: [String]

    package init(from: [String], to: [String]) {
      self.from = from
      self.to = to
    }
  }

  package struct Header: Sendable {
    package var name: String
    /// `nil` removes it.
    package var value: String?

    package init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  package struct URLChange: Sendable {
    package var pattern: RegularExpression
    /// See `RegularExpression.replace`.
    package var replacement: String

    package init(pattern: RegularExpression, replacement: String) {
      self.pattern = pattern
      self.replacement = replacement
    }
  }

  /// Changes a request: names first, then what is left out, then what is set.
  /// - Throws: `badRequest` where a path leads through something that is no object, or the pattern takes too long.
  package func apply(to request: inout HTTPRequest) throws(ModelError) {
    if !renamed.isEmpty || !removed.isEmpty || !set.isEmpty {
      request.body = try request.body.changed(renaming: renamed, removing: removed, setting: set)
    }
    for header in headers {
      request.headers.removeAll { $0.isNamed(header.name) }
      if let value = header.value { request.headers.append(HTTPHeader(header.name, value)) }
    }
    if let url {
      do throws(RegularExpressionError) {
        request.url = try url.pattern.replace(in: request.url, with: url.replacement)
      } catch {
        throw ModelError(.badRequest, "the patch of the URL: \(error)", attempts: 0)
      }
    }
  }
}
