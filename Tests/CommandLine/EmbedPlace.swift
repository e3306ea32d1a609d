// A home with some files, and a server that embeds and counts how often each text was asked for.

import Foundation
import Support
import Synchronization

/// A folder to index, and stores beside it.
struct EmbedPlace: Sendable {
  let home: TemporaryDirectory
  var environment: [String: String] = [:]

  /// - Parameter files: contents by path; three small ones by default.
  init(_ files: [String: String]? = nil) throws {
    home = try TemporaryDirectory("embed")
    let usual = [
      "docs/guide.md": """
      # Guide

      Welcome.

      ## Time-outs

      The idle limit is 300 seconds, since models are silent for minutes.

      """,
      "docs/code/retry.swift": "func retry(times: Int) -> Bool { times > 2 }\n",
      "docs/rows.csv": "id,text,lang,year\na,hello world,en,2020\nb,bonjour le monde,fr,2021\n",
    ]
    for (name, text) in files ?? usual { try home.write(name, text) }
  }

  func run(
    _ words: [String], stdin: ProcessInput = .none, terminal: TerminalEnds = [], environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await runProgram(
      ["embed"] + words, environment: self.environment.merging(environment) { $1 }, stdin: stdin, cwd: home.path,
      home: home, terminal: terminal)
  }

  /// The one JSON object that a command prints.
  func object(_ words: [String], stdin: ProcessInput = .none) async throws -> [String: Any] {
    let result = try await run(words, stdin: stdin)
    guard let object = try? JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any] else {
      throw SupportError("\(words): \(result.exit) \(result.text) \(result.errorText)")
    }
    return object
  }

  /// The ids and scores that a search finds.
  func hits(_ words: [String]) async throws -> [(id: String, score: Double)] {
    let results = try await object(words + ["--json"])["results"] as? [[String: Any]]
    return (results ?? []).map { ($0["id"] as? String ?? "", $0["score"] as? Double ?? -1) }
  }
}

let hash = ["-m", "builtin/hash-64"]

/// Embeds by the letters of a text, in 32 dimensions.
final class EmbeddingServer: Sendable {
  let server: ScriptedServer
  private let counts: Counts

  final class Counts: Sendable {
    let texts = Mutex<[String: Int]>([:])
    let largest = Mutex(0)
  }

  /// - Parameters:
  ///   - before: actions before each answer.
  ///   - change: what the server gives instead of the right vectors.
  init(
    before: [ServerAction] = [], change: @escaping @Sendable ([[Float]]) -> [[Float]] = { $0 }
  ) throws {
    let counts = Counts()
    self.counts = counts
    server = try ScriptedServer { request in
      let inputs = request.object["input"] as? [String] ?? []
      counts.texts.withLock { texts in for input in inputs { texts[input, default: 0] += 1 } }
      counts.largest.withLock { $0 = max($0, inputs.count) }
      return before + OpenAIChat.embeddings(change(inputs.map(EmbeddingServer.vector)), base64: true)
    }
  }

  static func vector(_ text: String) -> [Float] {
    var vector = [Float](repeating: 0.01, count: 32)
    for byte in text.utf8 { vector[Int(byte) % 32] += 1 }
    return vector
  }

  /// How often each text was asked for.
  var texts: [String: Int] { counts.texts.withLock { $0 } }
  var calls: Int { server.requests.count }
  /// Texts of the largest request.
  var largest: Int { counts.largest.withLock { $0 } }

  var environment: [String: String] {
    ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": server.url("/v1")]
  }
}
