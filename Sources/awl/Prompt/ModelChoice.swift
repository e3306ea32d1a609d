// Which model answers: -m, else the conversation's, else AWL_MODEL, else the alias `fast`. Without any key a local Ollama
// is asked what it has.

import Formats
import Models
import Transport

struct ModelChoice: Sendable {
  let program: Program
  let transport: HTTPTransport

  func target(_ name: String, baseURL: String?) async throws(Failure) -> Target {
    let resolution: ModelNames.Resolution
    do throws(ModelNameError) {
      resolution = try program.names.resolve(name, baseURL: baseURL)
    } catch {
      throw Failure(error.text, .usage)
    }
    switch resolution {
    case .target(let target):
      warnOfShutdown(target)
      return target
    case .local(let alias): return try await local(alias)
    }
  }

  private func local(_ alias: String) async throws(Failure) -> Target {
    if let target = await localModel({ !$0.contains("embed") }) {
      program.note("no key is set: using \(target.name) of the local Ollama")
      return target
    }
    throw Failure(
      "no model for '\(alias)': set a key (export OPENAI_API_KEY=…, see awl help environment), start Ollama, "
        + "or name a model that needs neither: -m builtin/extract", .refusedByProvider)
  }

  /// The first model of those that a local Ollama has; `nil` where it has none or does not answer at once.
  func localModel(_ isWanted: (String) -> Bool) async -> Target? {
    guard let ollama = program.names.providerRow(named: "ollama"),
      let base = try? program.names.target(ollama, "none", nil).baseURL,
      let model = await models(at: base).first(where: isWanted)
    else { return nil }
    return try? program.names.target(ollama, model, nil)
  }

  /// The models that a local Ollama has (`GET /api/tags`).
  private func models(at base: String) async -> [String] {
    let request = HTTPRequest(method: "GET", url: BaseURL.joined(base, "/api/tags"))
    let options = HTTPOptions(totalTimeout: 2, connectTimeout: 0.5, maximumBodySize: 4 << 20)
    guard let response = try? await transport.send(request, options: options), response.status == 200,
      let body = try? await response.body.collect(limit: 4 << 20), let json = try? JSON.parse(body)
    else { return [] }
    return json["models"]?.elements.compactMap { $0["name"]?.string } ?? []
  }

  private func warnOfShutdown(_ target: Target) {
    guard let day = target.row?.shutdown else { return }
    let today = program.today
    if day <= today {
      program.note("warning: \(target.name) was shut down on \(day), says its provider")
    } else if daysAreFew(today, day) {
      program.note("warning: \(target.name) will be shut down on \(day)")
    }
  }

  /// Whether `day` is less than about two months after `today`; both as `YYYY-MM-DD`.
  private func daysAreFew(_ today: String, _ day: String) -> Bool {
    func number(_ text: String) -> Int {
      let fields = text.split(separator: "-").compactMap { Int($0) }
      return fields.count == 3 ? fields[0] * 372 + fields[1] * 31 + fields[2] : 0
    }
    return number(day) - number(today) <= 62
  }
}
