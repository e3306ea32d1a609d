// `http`: one request to a server that the policy names. The host's addresses are looked up first and looked at, and the
// connection goes to those and no others, so that no name can lead into the private network behind the policy's back;
// the same for each address that a server redirects to.

import Formats
import Models
import Transport

struct HTTPStep: StepKind {
  static let keys = ["http"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("method", .choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])),
      Shape.Field("url", .template, required: true), Shape.Field("headers", .map(.template)), Shape.Field("json", .any),
      Shape.Field("body", .template), Shape.Field("form", .map(.template)),
      Shape.Field("ok", .list(.integer(100...599), least: 1)),
    ])
  ]
  /// Largest answer, in bytes, and longest time, in seconds, where the step says nothing.
  private static let largest = 16 << 20
  private static let longest = 120.0
  private static let mostRedirects = 5

  private enum Body: Sendable {
    case none
    case json(ChainValue)
    case text(ChainTemplate)
    case form([(key: String, value: ChainTemplate)])
  }

  private let method: String
  private let url: ChainTemplate
  private let headers: [(key: String, value: ChainTemplate)]
  private let body: Body
  private let accepted: [Int]?

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["http"], let url = json["url"].flatMap(reader.template) else { return nil }
    func templates(_ json: JSON?) -> [(key: String, value: ChainTemplate)] {
      (json?.members).map { members in
        members.compactMap { member in reader.template(member.value).map { (member.key, $0) } }
      } ?? []
    }
    self.url = url
    reader.allowsSecrets = true
    headers = templates(json["headers"])
    reader.allowsSecrets = false
    let bodies = ["json", "body", "form"].filter { json[$0] != nil }
    if bodies.count > 1 {
      reader.report("'\(bodies[0])' and '\(bodies[1])' exclude each other", at: json[bodies[1]]?.ownKeyOffset ?? 0)
    }
    if let value = json["json"] {
      body = .json(reader.value(value))
    } else if let text = json["body"] {
      guard let template = reader.template(text) else { return nil }
      body = .text(template)
    } else if json["form"] != nil {
      body = .form(templates(json["form"]))
    } else {
      body = .none
    }
    method = json["method"]?.string ?? (bodies.isEmpty ? "GET" : "POST")
    if method == "GET" || method == "HEAD", let name = bodies.first {
      reader.report("a \(method) has no body", at: json[name]?.ownKeyOffset ?? json.sourceOffset)
    }
    accepted = json["ok"]?.elements.compactMap(\.int)
    if let host = Self.fixedHost(url.text), !reader.policy.mayReach(host: host) {
      reader.report(
        "the policy does not let it reach \(host)", hint: "policy: {net: [\(JSON.string(host).text)]}", at: url.offset)
    }
  }

  /// The host of an address where it is written down in front of the first template.
  private static func fixedHost(_ text: String) -> String? {
    let lower = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { !"/?#{".contains($0) }
    guard authority.endIndex == rest.endIndex || rest[authority.endIndex] != "{" else { return nil }
    let host = authority.split(separator: "@").last.map(String.init) ?? ""
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return String(host.prefix { $0 != ":" }).lowercased()
  }

  var effect: Effect { method == "GET" || method == "HEAD" ? .looks : .changes }
  var isOutside: Bool { true }
  var members: [String]? { ["status", "headers", "text", "json"] }

  private func request(_ context: StepContext) throws(StepFailure) -> HTTPRequest {
    let address = try context.text(url)
    if Self.fixedHost(url.text) == nil, context.isTainted(url.uses) {
      throw context.failure("the host of an address comes from outside", .needsPerson, at: url.offset)
    }
    var fields: [HTTPHeader] = [HTTPHeader("User-Agent", "awl/\(Version.number)")]
    for (name, value) in headers {
      let text = try context.text(value, secrets: true)
      fields.removeAll { $0.isNamed(name) }
      fields.append(HTTPHeader(name, text, isSecret: true))
    }
    func type(_ value: String) {
      if !fields.contains(where: { $0.isNamed("Content-Type") }) { fields.append(HTTPHeader("Content-Type", value)) }
    }
    var bytes: [UInt8] = []
    switch body {
    case .none: break
    case .json(let value):
      bytes = try context.json(value).utf8
      type("application/json")
    case .text(let template): bytes = Array(try context.text(template).utf8)
    case .form(let members):
      var pairs: [String] = []
      for (name, value) in members {
        pairs.append(URLText.encoded(name) + "=" + URLText.encoded(try context.text(value)))
      }
      bytes = Array(pairs.joined(separator: "&").utf8)
      type("application/x-www-form-urlencoded")
    }
    return HTTPRequest(method: method, url: address, headers: fields, body: bytes.isEmpty ? .empty : HTTPBody(bytes))
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    var request = try request(context)
    var redirects = 0
    while true {
      let response = try await send(request, context)
      guard method == "GET" || method == "HEAD", [301, 302, 303, 307, 308].contains(response.status),
        let place = response.header("location")
      else { return try await outcome(response, context) }
      redirects += 1
      guard redirects <= Self.mostRedirects else {
        throw context.failure("more than \(Self.mostRedirects) redirects", .unreachable)
      }
      do throws(TransportError) {
        let next = try HTTPURL.join(request.url, place)
        let (from, to) = (try HTTPURL.parse(request.url), try HTTPURL.parse(next))
        // What was meant for one server is not told to another.
        if from.authority != to.authority || from.scheme != to.scheme { request.headers.removeAll { $0.isSecret } }
        request.url = next
      } catch {
        throw context.failure(error.message, .unreachable)
      }
    }
  }

  /// Sends to a host that is allowed, at addresses that are.
  private func send(_ request: HTTPRequest, _ context: StepContext) async throws(StepFailure) -> HTTPResponse {
    guard let transport = context.run.world.transport else {
      throw context.failure("nothing is sent here", .unreachable)
    }
    let url: HTTPURL
    do throws(TransportError) { url = try HTTPURL.parse(request.url) } catch { throw Self.failure(error, context) }
    let host = url.host.lowercased()
    for (policy, _) in context.run.allPolicies where !policy.mayReach(host: host) {
      throw context.failure(
        "the policy does not let it reach \(host)", hint: "policy: {net: [\(JSON.string(host).text)]}", .needsPerson,
        at: self.url.offset)
    }
    let isListed = context.run.allPolicies.allSatisfy { $0.policy.net.contains { $0.lowercased() == host } }
    var options = HTTPOptions(
      totalTimeout: context.step.modifiers.timeout ?? Self.longest, maximumBodySize: Self.largest)
    switch await HostAddresses.find(url.host) {
    case .failure(let error): throw Self.failure(error, context)
    case .success(let found):
      if let hidden = found.first(where: \.isPrivate), !isListed {
        throw context.failure(
          "\(host) is at \(hidden.text), in the private network",
          hint: "list the host itself under policy: {net: …}", .needsPerson, at: self.url.offset)
      }
      options.addresses = found.map(\.text)
    }
    do throws(TransportError) {
      return try await transport.send(request, options: options)
    } catch {
      throw Self.failure(error, context)
    }
  }

  private static func failure(_ error: TransportError, _ context: StepContext) -> StepFailure {
    if error.kind == .cancelled { return .interrupted }
    let isTimeout = if case .timeout = error.kind { true } else { false }
    return context.failure(error.message, .unreachable, kind: .passing(isTimeout ? "timeout" : "network"))
  }

  private func outcome(_ response: HTTPResponse, _ context: StepContext) async throws(StepFailure) -> StepOutcome {
    let bytes: [UInt8]
    do throws(TransportError) {
      bytes = try await response.body.collect(limit: Self.largest)
    } catch {
      throw Self.failure(error, context)
    }
    let isAccepted = accepted?.contains(response.status) ?? (200..<300).contains(response.status)
    guard isAccepted else {
      let reason = response.status == 429 ? "rate_limit" : response.status >= 500 ? "server" : nil
      let words = String(decoding: bytes.prefix(200), as: UTF8.self).split(whereSeparator: \.isWhitespace)
      throw context.failure(
        "the server answered \(response.status)\(words.isEmpty ? "" : ": \(words.joined(separator: " "))")",
        .unreachable,
        kind: reason.map { .passing($0) } ?? .other)
    }
    var fields: [(String, JSON?)] = []
    for header in response.headers where !fields.contains(where: { $0.0 == header.name.lowercased() }) {
      fields.append((header.name.lowercased(), .string(header.value)))
    }
    let value = JSON.object([
      ("status", .number(response.status)), ("headers", .object(fields)),
      ("text", .string(String(decoding: bytes, as: UTF8.self))), ("json", (try? JSON.parse(bytes)) ?? .null),
    ])
    return StepOutcome(value, isTainted: true, note: "\(response.status), \(bytes.count) bytes")
  }

  func approval(_ context: StepContext) throws(StepFailure) -> ApprovalRequest? {
    guard effect == .changes, context.run.asks(about: "http") else { return nil }
    let request = try request(context)
    let body = String(decoding: request.body.bytes, as: UTF8.self)
    return ApprovalRequest(
      tool: "http", what: "\(request.method) \(request.url) \(body)", prefix: [request.method, request.url, body])
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    let request = try request(context)
    return .object([
      ("http", .string("\(request.method) \(request.url)")),
      ("headers", .array(request.headers.map { .string($0.name) })),
      ("body", .string(String(decoding: request.body.bytes, as: UTF8.self))),
    ])
  }
}
