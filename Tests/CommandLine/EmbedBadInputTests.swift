// What people and providers do wrong with `awl embed`, and what becomes of the store.

import Foundation
import Support
import Testing

@Suite("awl embed and bad input") struct EmbedBadInputTests {
  @Test("another model or dimension is refused, and --rebuild makes the store anew") func mismatch() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    for words in [
      ["add", "s", "docs", "-m", "builtin/hash-32"], ["sync", "s", "-m", "builtin/hash-32"],
      ["search", "s", "words", "-m", "builtin/hash-32"], ["add", "s", "docs", "-m", "none"],
    ] {
      let result = try await place.run(words)
      #expect(
        result.exit == .code(2) && result.errorText.contains("was made with the model builtin/hash-64"), "\(words)")
    }
    let shorter = try await place.run(["add", "s", "docs", "--dimensions", "32"])
    #expect(shorter.exit == .code(2) && shorter.errorText.contains("holds vectors of 64 numbers"))
    try place.home.write("q.json", "[1, 0, 0]")
    let query = try await place.run(["search", "s", "--vector", "q.json"])
    #expect(query.exit == .code(2) && query.errorText.contains("holds vectors of 64 numbers, this one has 3"))
    let rebuilt = try await place.object(["sync", "s", "--rebuild", "-m", "builtin/hash-32", "--json"])
    #expect(rebuilt["added"] as? Int == 3)
    let info = try await place.object(["info", "s", "--json"])
    #expect(info["dimension"] as? Int == 32 && info["rows"] as? Int == 4 && info["segments"] as? Int == 1)
  }

  @Test("two writers do not meet: the second is told") func writers() async throws {
    let gate = Gate("answer")
    let server = try EmbeddingServer(before: [.wait(gate)])
    var place = try EmbedPlace()
    place.environment = server.environment
    gate.open()
    _ = try await place.run(["add", "s", "docs/guide.md"])
    let slow = Gate("slow")
    let second = try EmbeddingServer(before: [.wait(slow)])
    place.environment = second.environment
    let home = place.home
    let running = try RunningProcess.start(
      ["embed", "add", "s", "docs", "-m", "openai/text-embedding-3-small"], environment: second.environment,
      cwd: home.path, home: home)
    try await second.server.waitForRequests(1)
    let other = try await place.run(["add", "s", "docs/rows.csv"])
    #expect(other.exit == .code(2) && other.errorText.contains("another process is writing to this store"))
    // Readers do not wait.
    #expect(try await place.run(["list", "s"]).text.split(separator: "\n").count == 1)
    slow.open()
    #expect(try await running.wait().exit == .code(0))
    #expect(try await place.object(["info", "s", "--json"])["rows"] as? Int == 4)
  }

  @Test(
    "wrong numbers, modes, filters and questions are told",
    arguments: [
      (["search", "s", "x", "-k", "0"], "-k: 0 is out of range (1 to 1000000)"),
      (["search", "s", "x", "-k", "-1"], "-k: -1 is out of range"),
      (["search", "s", "x", "--count", "0"], "--count: 0 is out of range"),
      (["search", "s", "x", "--rerank-from", "5"], "--rerank-from is for --rerank"),
      (["search", "s", "x", "--rerank", "voyage/rerank-2.5", "--mmr", "0.5"], "exclude each other"),
      (["search", "s", "--vector", "q", "--rerank", "voyage/rerank-2.5"], "needs the words of the question"),
      (["search", "s", "x", "--rerank", "openai/text-embedding-3-small"], "embeds texts and orders none"),
      (["search", "s", "x", "--mode", "vektor"], "did you mean 'vector'?"),
      (["search", "s", " "], "the question is empty"),
      (["search", "s", "?!"], "no word to look for"),
      (["search", "s", "?!", "--mode", "keyword"], "no word to look for"),
      (["search", "s"], "the question is missing"), (["search", "s", "x", "--mmr", "2"], "out of range"),
      (["search", "s", "x", "--where", "{\"a\": {\"$near\": 1}}"], "$near"),
      (["search", "s", "x", "--where", "{\"a\":"], "--where:1:"),
      (["search", "s", "x", "--where", "[]"], "must be an object"),
      (["search", "s", "x", "--mode", "keyword", "--mmr", "0.5"], "--mode keyword does not"),
      (["search", "none", "x"], "no store here"), (["info", "docs"], "is a directory but not a store"),
      (["add", "docs", "docs"], "is a directory but not a store"), (["add", "s"], "nothing is named"),
      (["add", "s", "nowhere"], "no such file"), (["sync", "none"], "no store here"),
      (["show", "s", "x"], "is in no row"),
      (["add", "s", "docs", "--chunk", "pages"], "unknown way to cut"), (["rm", "s"], "name what to take out"),
      (["add", "s", "docs", "--chunk-size", "20", "--overlap", "20"], "is not less than"),
      (["add", "s", "docs", "-m", "openai/gpt-6-luna", "--rebuild"], "OPENAI_API_KEY"),
      (["add", "t", "docs", "-m", "anthropic/claude-sonnet-5-5"], "has no embeddings"),
      (["add", "s", "--each", "docs/rows.csv", "--text", "txet"], "no column 'txet' (did you mean 'text'?)"),
      (["import", "t", "docs/guide.md"], "docs/guide.md:1"),
      (["verify", "s", "--queries", "3"], "--queries is for --recall"),
      (["similar", "s", "x"], "is in no row"),
      (["search", "s", "x", "--vector", "docs/guide.md"], "is no vector of 64 numbers"),
    ]) func told(words: [String], text: String) async throws
  {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let result = try await place.run(words)
    #expect(
      result.exit == .code(words.contains("openai/gpt-6-luna") ? 4 : 2) && result.errorText.contains(text),
      "\(result.exit) \(result.errorText)")
    #expect(result.text.isEmpty)
  }

  @Test("a filter of 10,000 values finds what they name") func filter() async throws {
    let rows = (0..<200).map { #"{"id":"r\#($0)","text":"entry \#($0)","n":\#($0)}"# }.joined(separator: "\n")
    let place = try EmbedPlace(["rows.jsonl": rows])
    _ = try await place.run(["add", "s", "--each", "rows.jsonl"] + hash)
    let values = (0..<10_000).map { String($0 * 2 + 100) }.joined(separator: ",")
    try place.home.write("f.json", #"{"n": {"$in": [\#(values)]}}"#)
    let hits = try await place.hits(["search", "s", "entry", "--where", "@f.json", "-k", "100"])
    #expect(hits.count == 50 && hits.allSatisfy { (Int($0.id.dropFirst()) ?? 1) % 2 == 0 })
  }

  @Test(
    "vectors that cannot be right are refused, and the store stays as it was",
    arguments: [
      "nan", "zero", "fewer", "shorter",
    ]) func vectors(kind: String) async throws
  {
    let good = try EmbeddingServer()
    let bad = try EmbeddingServer { vectors in
      switch kind {
      case "nan": vectors.map { [.nan] + $0.dropFirst() }
      case "zero": vectors.map { $0.map { _ in 0 } }
      case "fewer": Array(vectors.dropLast())
      default: vectors.enumerated().map { $0 == 0 ? Array($1.dropLast()) : $1 }
      }
    }
    var place = try EmbedPlace()
    place.environment = good.environment
    _ = try await place.run(["add", "s", "docs/rows.csv"])
    let before = try await place.run(["list", "s"]).text
    place.environment = bad.environment
    let result = try await place.run(["add", "s", "docs", "--retries", "0"])
    #expect(result.exit == .code(kind == "zero" ? 2 : 7), "\(result.errorText)")
    if kind == "zero" { #expect(result.errorText.contains("docs/code/retry.swift#1: the vector consists of zeros")) }
    #expect(try await place.run(["list", "s"]).text == before)
    #expect(try await place.run(["verify", "s"]).exit == .code(0))
  }

  @Test("a server that fails in the middle costs what is in flight; the same command goes on") func failure()
    async throws
  {
    let place = try EmbedPlace(
      Dictionary(uniqueKeysWithValues: (0..<300).map { ("docs/\($0).txt", "Text number \($0).") }))
    let broken = try ScriptedServer { request in
      let inputs = request.object["input"] as? [String] ?? []
      if request.number == 2 {
        return .answer(400, OpenAIChat.errorBody("no", type: "invalid", code: nil, status: 400))
      }
      return OpenAIChat.embeddings(inputs.map(EmbeddingServer.vector), base64: true)
    }
    let environment = ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": broken.url("/v1")]
    let stopped = try await place.run(["add", "s", "docs", "-j", "1"], environment: environment)
    #expect(
      stopped.exit == .code(4) && stopped.errorText.contains("what was finished is in the store"),
      "\(stopped.errorText)")
    let kept = try await place.object(["info", "s", "--json"])["rows"] as? Int ?? 0
    #expect(kept > 0 && kept < 300)
    let server = try EmbeddingServer()
    // The cache knows an address by its name, so the rest alone is asked for.
    let rest = try await place.run(["add", "s", "docs"], environment: server.environment)
    #expect(rest.exit == .code(0) && server.texts.count == 300 - kept, "\(server.texts.count) \(kept)")
    #expect(try await place.object(["info", "s", "--json"])["rows"] as? Int == 300)
  }

  @Test(
    "kill -9 at any moment leaves a whole store, and no vector that was kept is paid for again",
    arguments: [1, 2, 4, 6])
  func killed(requests: Int) async throws {
    let server = try EmbeddingServer(before: [.delay(milliseconds: 5)])
    let files = Dictionary(
      uniqueKeysWithValues: (0..<700).map { ("docs/\($0).txt", "Text number \($0), which is short.") })
    var place = try EmbedPlace(files)
    place.environment = server.environment
    let add = ["embed", "add", "s", "docs", "-j", "1"]
    for round in 0..<3 {
      let process = try RunningProcess.start(
        add, environment: server.environment, cwd: place.home.path, home: place.home)
      try await server.server.waitForRequests(min(7, requests + round))
      process.send(SIGKILL)
      _ = try await process.wait()
      let listed = try await place.run(["verify", "s"])
      #expect(listed.exit == .code(0) || listed.errorText.contains("no store here"), "\(listed.errorText)")
    }
    let end = try await place.object(["add", "s", "docs", "-j", "1", "--json"])
    #expect(end["stopped"] == nil && end["failed"] as? Int == 0)
    #expect(try await place.object(["info", "s", "--json"])["rows"] as? Int == 700)
    #expect(try await place.run(["verify", "s"]).exit == .code(0))
    // Each death costs one request at most, the one in flight.
    let texts = server.texts
    let twice = texts.values.reduce(0) { $0 + $1 - 1 }
    #expect(texts.count == 700 && twice <= 3 * server.largest, "\(twice)")
  }

  @Test("kill -9 at random moments of an indexing without a network leaves a whole store", arguments: 0..<4)
  func killedInside(round: Int) async throws {
    let files = Dictionary(
      uniqueKeysWithValues: (0..<60).map { file in
        ("docs/\(file).txt", (0..<60).map { "Sentence \($0) of file \(file) says nothing much.\n\n" }.joined())
      })
    let place = try EmbedPlace(files)
    _ = try await place.run(["add", "s", "docs/0.txt"] + hash)
    let process = try RunningProcess.start(["embed", "add", "s", "docs"], cwd: place.home.path, home: place.home)
    try await Task.sleep(for: .milliseconds(20 + 60 * round))
    process.send(SIGKILL)
    _ = try await process.wait()
    #expect(try await place.run(["verify", "s"]).exit == .code(0))
    #expect(try await place.run(["search", "s", "sentence"]).exit == .code(0))
    let end = try await place.object(["add", "s", "docs", "--json"])
    #expect(((end["added"] as? Int) ?? 0) + ((end["unchanged"] as? Int) ?? 0) == 60)
    #expect(try await place.run(["verify", "s"]).exit == .code(0))
  }

  @Test("a damaged store is told by its file and made anew by --rebuild") func damage() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let folder = place.home.file("s")
    let segment = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".seg") })
    let handle = try #require(FileHandle(forUpdatingAtPath: folder + "/" + segment))
    try handle.truncate(atOffset: 5000)
    try handle.close()
    let search = try await place.run(["search", "s", "idle"])
    #expect(search.exit == .code(2) && search.errorText.contains(segment), "\(search.errorText)")
    let rebuilt = try await place.run(["add", "s", "docs", "--rebuild"] + hash)
    #expect(rebuilt.exit == .code(0), "\(rebuilt.errorText)")
    #expect(try await place.run(["search", "s", "idle", "-k", "1"]).text.contains("guide.md"))
    try place.home.write("s/manifest.json", "{\"kind\":\"store\",\"awl\":99}\n")
    let newer = try await place.run(["search", "s", "idle"])
    #expect(newer.exit == .code(2) && newer.errorText.contains("version 99"))
  }

  @Test("the store's own files are not indexed, nor those of others") func own() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    _ = try await place.run(["add", "all", "."] + hash)
    let again = try await place.object(["sync", "all", "--json"])
    #expect(again["added"] as? Int == 0 && again["changed"] as? Int == 0)
    #expect(try await place.run(["list", "all", "--sources"]).text.split(separator: "\n").count == 3)
  }

  @Test("an unknown kernel is told, and each known one gives the same bytes") func kernels() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let scalar = try await place.run(["search", "s", "idle", "--json"], environment: ["AWL_KERNEL": "scalar"])
    let best = try await place.run(["search", "s", "idle", "--json"])
    #expect(scalar.exit == .code(0) && scalar.stdout == best.stdout)
    let unknown = try await place.run(["search", "s", "idle"], environment: ["AWL_KERNEL": "mmx"])
    #expect(unknown.exit == .code(2) && unknown.errorText.contains("AWL_KERNEL"))
  }
}

@Suite("awl embed on a full disk", .enabled(if: Mount.isPermitted, "mounting is not permitted here"), .serialized)
struct EmbedDiskTests {
  @Test("a disk that fills up is told, and the store stays as it was") func full() async throws {
    let place = try EmbedPlace()
    let mount = try Mount(size: "256k")
    let store = mount.path + "/s"
    let small = try await place.run(["add", store, "docs"] + hash)
    #expect(small.exit == .code(0), "\(small.errorText)")
    let before = try await place.run(["list", store]).text
    for number in 0..<40 {
      try place.home.write("docs/big\(number).txt", String(repeating: "many words of \(number). ", count: 400))
    }
    let full = try await place.run(["sync", store])
    #expect(full.exit == .code(2) && full.errorText.contains("no space left"), "\(full.errorText)")
    #expect(try await place.run(["list", store]).text == before)
    #expect(try await place.run(["verify", store]).exit == .code(0))
    try mount.remountReadOnly()
    #expect(try await place.run(["search", store, "idle", "-k", "1"]).text.contains("guide.md"))
    let readOnly = try await place.run(["sync", store])
    #expect(readOnly.exit == .code(2) && readOnly.errorText.contains("read-only"), "\(readOnly.errorText)")
  }
}
