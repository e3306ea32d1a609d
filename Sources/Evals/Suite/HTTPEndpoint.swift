// An endpoint of the user's own as a provider: a URL, headers and a body with the prompt and the variables put in, and where
// in the reply the answer stands. promptfoo's `http` provider in its declarative forms.

import Formats
import Transport

/// An HTTP endpoint that answers.
package struct HTTPEndpoint: Sendable {
  package var url: String
  package var method: String
  package var headers: [(name: String, value: String)]
  package var body: JSON?
  package var query: JSON?
  /// A path in the reply; nil for all of it.
  var path: [String]?
  /// Code over `json` and `text`, where no path says it.
  var transform: String?

  static let keys = [
    "url", "method", "headers", "body", "queryParams", "transformResponse", "responseParser", "timeoutMs",
  ]

  /// - Parameter name: the provider's id: `http`, or the URL.
  init?(
    _ name: String, _ config: JSON, at place: JSON, _ file: SuiteFile, _ problems: inout SuiteProblems,
    _ needs: inout [Suite.TrustNeed]
  ) {
    file.checkKeys(config, known: HTTPEndpoint.keys, of: "an http provider", &problems)
    guard let url = config["url"]?.string ?? (name.contains("://") ? name : nil) else {
      problems.add(file.problem("an http provider needs a 'url'", at: place, isError: true))
      return nil
    }
    self.url = url
    body = config["body"]
    query = config["queryParams"]
    method = config["method"]?.string?.uppercased() ?? (body == nil ? "GET" : "POST")
    headers = config["headers"]?.members.compactMap { name, value in value.string.map { (name, $0) } } ?? []
    needs.append(
      Suite.TrustNeed(
        kind: .address, file: file.name, line: place.position.line, what: "the provider sends prompts to \(url)"))
    guard let text = (config["transformResponse"] ?? config["responseParser"])?.string else { return }
    path = HTTPEndpoint.path(of: text)
    guard path == nil else { return }
    transform = text
    needs.append(
      Suite.TrustNeed(
        kind: .code, file: file.name, line: place.position.line, what: "the provider's 'transformResponse' runs code"))
  }

  /// The keys of `json.choices[0].message`; of `text` none. Nil for what is more than a path.
  static func path(of text: String) -> [String]? {
    var rest = Substring(text.trimmedOfSpace)
    if rest == "text" { return ["text"] }
    guard rest.hasPrefix("json") else { return nil }
    rest = rest.dropFirst(4)
    var keys = ["json"]
    while !rest.isEmpty {
      if rest.hasPrefix("?.") { rest = rest.dropFirst(rest.dropFirst(2).first == "[" ? 2 : 1) }
      if rest.first == "." {
        let name = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
        guard !name.isEmpty else { return nil }
        keys.append(String(name))
        rest = rest.dropFirst(name.count + 1)
      } else if rest.first == "[", let end = rest.firstIndex(of: "]") {
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        let isQuoted = inside.count > 2 && (inside.first == "'" || inside.first == "\"") && inside.first == inside.last
        guard isQuoted || Int(inside) != nil else { return nil }
        keys.append(String(isQuoted ? inside.dropFirst().dropLast() : inside))
        rest = rest[rest.index(after: end)...]
      } else {
        return nil
      }
    }
    return keys
  }

  // MARK: Asking

  func request(_ scope: CaseScope) throws(CellFault) -> HTTPRequest {
    var address = try PromptTemplateText.render(url, scope)
    if let query {
      let rendered = try PromptTemplateText.render(query, scope)
      for (name, value) in rendered.members {
        address += address.contains("?") ? "&" : "?"
        address += HTTPEndpoint.encoded(name) + "=" + HTTPEndpoint.encoded(value.string ?? value.text)
      }
    }
    var fields: [HTTPHeader] = []
    for (name, value) in headers { fields.append(HTTPHeader(name, try PromptTemplateText.render(value, scope))) }
    var bytes: [UInt8] = []
    if let body {
      // A text that is JSON is rendered leaf by leaf, so that a quotation mark in a prompt breaks nothing.
      let tree = body.string.flatMap { try? JSON.parse($0) } ?? body
      if let text = tree.string {
        bytes = Array(try PromptTemplateText.render(text, scope).utf8)
      } else {
        bytes = try PromptTemplateText.render(tree, scope).utf8
        if !fields.contains(where: { $0.isNamed("Content-Type") }) {
          fields.append(HTTPHeader("Content-Type", "application/json"))
        }
      }
    }
    return HTTPRequest(method: method, url: address, headers: fields, body: HTTPBody(bytes))
  }

  /// Percent-encoding of all but RFC 3986's unreserved characters.
  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let isPlain =
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
        || byte == 0x5F || byte == 0x7E
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }

  /// The answer in a reply.
  func output(of bytes: [UInt8], _ world: EvalWorld, at place: String) async throws(CellFault) -> JSON {
    let text = String(decoding: bytes, as: UTF8.self)
    let json = try? JSON.parse(bytes)
    if let transform {
      let given = JSON.object([("json", json ?? .null), ("text", .string(text))])
      return try await world.code.run(
        CodeCall(
          code:
            "((json, text) => { const f = (\(transform)); return typeof f === 'function' ? f(json, text) : f })(output.json, output.text)",
          kind: .transform, output: given, context: .object([])), at: place)
    }
    guard let path else { return json ?? .string(text) }
    if path == ["text"] { return .string(text) }
    guard var value = json else {
      throw CellFault("invalid_output", "\(url): the reply is no JSON: \(quoted(text))", 7)
    }
    for key in path.dropFirst() {
      guard let next = value[key] ?? Int(key).flatMap({ value[$0] }) else {
        throw CellFault("invalid_output", "\(url): the reply has no \(path.joined(separator: ".")): \(quoted(text))", 7)
      }
      value = next
    }
    return value
  }
}
