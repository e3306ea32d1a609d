// The models that a provider says it has: `GET models` of the OpenAI form, Anthropic's, Gemini's and Ollama's, which all
// give a list of objects with a name.

import Formats
import Transport

package enum ModelList {
  /// The ids, as `-m PROVIDER/ID` takes them, in the provider's order. At most one page of a thousand.
  ///
  /// - Throws: what the provider or the network says.
  package static func fetch(
    _ target: Target, _ credentials: Credentials, _ transport: HTTPTransport
  ) async throws(ModelError) -> [String] {
    let (path, list, name): (String, StaticString, StaticString) =
      switch target.provider.dialect {
      case .ollama: ("/api/tags", "models", "name")
      case .gemini: ("/models?pageSize=1000", "models", "name")
      case .anthropic: ("/v1/models?limit=1000", "data", "id")
      case .openaiChat, .openaiResponses, .builtin: ("/models", "data", "id")
      }
    try await credentials.prepare(target)
    var headers = try credentials.headers(for: target)
    if target.provider.dialect == .anthropic { headers.append(HTTPHeader("anthropic-version", "2023-06-01")) }
    var request = HTTPRequest(method: "GET", url: BaseURL.joined(target.baseURL, path), headers: headers)
    request.nameProgram()
    let options = HTTPOptions(totalTimeout: 30, connectTimeout: 3, maximumBodySize: 16 << 20)
    let status: Int
    let body: [UInt8]
    let fields: [HTTPHeader]
    do throws(TransportError) {
      let response = try await transport.send(request, options: options)
      (status, fields) = (response.status, response.headers)
      body = try await response.body.collect(limit: 16 << 20)
    } catch {
      throw ModelError(error)
    }
    guard (200..<300).contains(status) else {
      guard let dialect = Dialects.dialect(target.provider.dialect) else { return [] }
      throw dialect.init(target).error(status: status, headers: fields, body: body)
    }
    guard let json = try? JSON.parse(body), let rows = json[list] ?? (json.kind == .array ? json : nil) else {
      throw ModelError(.invalidOutput, "the server sent no list of models")
    }
    return rows.elements.compactMap { row in
      row[name]?.string.map { $0.hasPrefix("models/") ? String($0.dropFirst(7)) : $0 }
    }
  }
}
