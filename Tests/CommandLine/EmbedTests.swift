// `awl embed` from the command line: files into stores, kept in step, searched, taken out again.

import Foundation
import Support
import Testing

@Suite("awl embed") struct EmbedTests {
  @Test("add and sync tell added, changed, removed and unchanged, and only new parts are embedded") func inStep()
    async throws
  {
    let server = try EmbeddingServer()
    var place = try EmbedPlace()
    place.environment = server.environment
    try place.home.write("docs/long.md", (1...40).map { "## Part \($0)\n\nText number \($0), and more.\n" }.joined())
    let first = try await place.object(["add", "s", "docs", "--chunk-size", "32", "--json"])
    #expect(first["added"] as? Int == 4 && first["unchanged"] as? Int == 0)
    let texts = server.texts
    #expect(texts.count == first["embedded"] as? Int && texts.values.allSatisfy { $0 == 1 })
    let again = try await place.object(["add", "s", "docs", "--json"])
    #expect(again["unchanged"] as? Int == 4 && again["rows"] as? Int == 0)
    #expect(server.texts == texts)

    let changed = try #require(place.home.text("docs/long.md")).replacingOccurrences(of: "number 20,", with: "no. 20,")
    try place.home.write("docs/long.md", changed)
    try FileManager.default.removeItem(atPath: place.home.file("docs/code/retry.swift"))
    try place.home.write("docs/new.txt", "A new file of no importance.")
    let kept = try await place.object(["sync", "s", "--json"])
    #expect(kept["added"] as? Int == 1 && kept["changed"] as? Int == 1 && kept["unchanged"] as? Int == 2)
    #expect(kept["removed"] as? Int == 0 && kept["vanished"] as? Int == 1)
    // The changed part, those that its cut moved, and the new file.
    let new = server.texts.filter { texts[$0.key] == nil }
    #expect((2...4).contains(new.count) && server.texts.values.allSatisfy { $0 == 1 }, "\(new.keys)")
    let pruned = try await place.object(["sync", "s", "--prune", "--json"])
    #expect(pruned["removed"] as? Int == 1 && pruned["vanished"] as? Int == 0)
    let listed = try await place.run(["list", "s", "--sources"]).text
    #expect(listed.contains("docs/new.txt  1 row\n") && !listed.contains("retry.swift"))
    #expect(try await place.run(["verify", "s"]).exit == .code(0))
  }

  @Test(
    "a file that was touched, or written anew with the same bytes, is unchanged; one of the same size and time is not")
  func stamps() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let path = place.home.file("docs/guide.md")
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
    #expect(try await place.object(["sync", "s", "--json"])["unchanged"] as? Int == 3)
    let text = try #require(place.home.text("docs/guide.md"))
    try place.home.write("docs/guide.md", text)
    #expect(try await place.object(["sync", "s", "--json"])["unchanged"] as? Int == 3)
    try place.home.write("docs/guide.md", text.replacingOccurrences(of: "300", with: "400"))
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
    #expect(try await place.object(["sync", "s", "--json"])["changed"] as? Int == 1)
  }

  @Test("a search prints score, place, headings and the part with the words, which are marked on a terminal")
  func printed() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let plain = try await place.run(["search", "s", "idle limit", "-k", "1"])
    #expect(plain.exit == .code(0) && plain.errorText.isEmpty)
    #expect(plain.text.contains("  docs/guide.md:1-7  Guide\n") && plain.text.contains("The idle limit is 300 seconds"))
    let shown = try await place.run(["search", "s", "idle limit", "-k", "1"], terminal: .output)
    #expect(shown.text.contains("\u{1B}[1midle\u{1B}[0m \u{1B}[1mlimit\u{1B}[0m"), "\(shown.text)")
    let elsewhere = try await runProgram(
      ["embed", "search", "../s", "idle limit", "-k", "1"], cwd: place.home.file("docs"), home: place.home)
    #expect(elsewhere.text.contains("  guide.md:1-7"), "\(elsewhere.text) \(elsewhere.errorText)")
    let object = try await place.object(["search", "s", "idle limit", "-k", "1", "--json"])
    let hit = try #require((object["results"] as? [[String: Any]])?.first)
    #expect(object["mode"] as? String == "hybrid" && object["model"] as? String == "builtin/hash-64")
    #expect(hit["source"] as? String == "docs/guide.md" && hit["lines"] as? [Int] == [1, 7])
    #expect((hit["text"] as? String)?.hasSuffix("for minutes.") == true && hit["cosine"] is Double)
  }

  @Test("modes, filters, least scores, neighbours and less of the same do what they say") func options() async throws {
    let parts = (1...6).map {
      "## Part \($0)\n\nThe \(["red", "red", "red", "blue", "blue", "green"][$0 - 1]) thing \($0) stands here, with some more words to fill the part up to its size.\n\n"
    }
    let place = try EmbedPlace([
      "docs/parts.md": parts.joined(),
      "rows.jsonl": (1...50).map {
        #"{"id":"r\#($0)","text":"entry \#($0) of the list","n":\#($0),"tags":["t\#($0 % 3)"]}"#
      }
      .joined(separator: "\n"),
    ])
    _ = try await place.run(["add", "s", "docs", "--chunk-size", "30", "--chunk", "markdown"] + hash)
    _ = try await place.run(["add", "s", "--each", "rows.jsonl"])
    #expect(try await place.hits(["search", "s", "green", "--mode", "keyword"]).map(\.id) == ["docs/parts.md#6"])
    let vector = try await place.hits(["search", "s", "green thing", "--mode", "vector", "-k", "3"])
    #expect(vector.count == 3 && vector.first?.id == "docs/parts.md#6" && (vector.first?.score ?? 2) <= 1)
    #expect(try await place.hits(["search", "s", "list", "-k", "1000"]).count == 56)
    let some = try await place.hits(["search", "s", "entry", "--where", #"{"n": {"$gt": 40}, "tags": "t1"}"#])
    #expect(Set(some.map(\.id)) == ["r43", "r46", "r49"])
    let near = try await place.hits(["search", "s", "green thing", "--mode", "vector", "--min-score", "0.999"])
    #expect(near.isEmpty)
    let wide = try await place.object(["search", "s", "green", "--mode", "keyword", "--expand", "2", "--json"])
    let hit = try #require((wide["results"] as? [[String: Any]])?.first)
    #expect((hit["text"] as? String)?.contains("blue thing 4") == true && hit["id"] as? String == "docs/parts.md#6")
    let joined = try await place.object(["search", "s", "blue", "--mode", "keyword", "--expand", "1", "--json"])
    let both = try #require(joined["results"] as? [[String: Any]])
    #expect(both.count == 1 && (both[0]["hits"] as? [String])?.count == 2)
    let alpha = try await place.hits(["search", "s", "blue thing", "--alpha", "1", "-k", "4"])
    let alone = try await place.hits(["search", "s", "blue thing", "--mode", "vector", "-k", "4"])
    #expect(alpha.map(\.id) == alone.map(\.id))
    let plain = try await place.hits(["search", "s", "entry of the list", "--mode", "vector", "--mmr", "1", "-k", "5"])
    let ranked = try await place.hits(["search", "s", "entry of the list", "--mode", "vector", "-k", "5"])
    #expect(plain.map(\.id) == ranked.map(\.id))
    let spread = try await place.hits([
      "search", "s", "entry of the list", "--mode", "vector", "--mmr", "0.1", "-k", "5",
    ])
    #expect(spread.map(\.id) != ranked.map(\.id) && spread.first?.id == ranked.first?.id)
    let similar = try await place.hits(["similar", "s", "docs/parts.md#1", "-k", "2"])
    #expect(similar.count == 2 && similar.allSatisfy { $0.id.hasPrefix("docs/parts.md#") && !$0.id.hasSuffix("#1") })
  }

  @Test("a text that two rows have is found once, unless repeats are wanted") func repeats() async throws {
    let rows = (0..<30).map { #"{"id":"r\#($0)","text":"\#($0 < 20 ? "The same, text!" : "the same text \($0)")"}"# }
    let place = try EmbedPlace(["rows.jsonl": rows.joined(separator: "\n")])
    _ = try await place.run(["add", "s", "--each", "rows.jsonl"] + hash)
    let once = try await place.hits(["search", "s", "the same text", "--mode", "vector"])
    #expect(once.count == 10 && once.filter { Int($0.id.dropFirst()) ?? 99 < 20 }.count == 1, "\(once)")
    let all = try await place.hits(["search", "s", "the same text", "--mode", "vector", "--repeats"])
    #expect(all.count == 10 && all.allSatisfy { Int($0.id.dropFirst()) ?? 99 < 20 })
  }

  @Test("a folder that was never indexed is indexed, kept in step, and searched") func folder() async throws {
    let place = try EmbedPlace()
    let first = try await place.run(["search", "docs", "idle limit", "-k", "1"])
    #expect(first.exit == .code(0) && first.text.contains("docs/guide.md:1-7"), "\(first.errorText)")
    #expect(first.errorText.contains("docs: 3 files, about") && first.errorText.contains("builtin/hash-384"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.home.file(".awl/stores")).count == 1)
    let second = try await place.run(["search", "docs", "idle limit", "-k", "1"])
    #expect(second.text == first.text && second.errorText.isEmpty)
    try place.home.write("docs/zebra.txt", "A zebra has stripes.")
    try FileManager.default.removeItem(atPath: place.home.file("docs/guide.md"))
    let third = try await place.run(["search", "docs", "zebra", "-k", "1"])
    #expect(third.text.contains("docs/zebra.txt:1") && third.errorText.contains("1 added, 0 changed, 1 removed"))
    let stale = try await place.run(["search", "docs", "idle limit", "-k", "1", "--no-sync"])
    #expect(!stale.text.contains("guide.md"))
  }

  @Test("a folder that costs money is not embedded without a yes") func price() async throws {
    let server = try EmbeddingServer()
    var place = try EmbedPlace()
    place.environment = server.environment
    let unsure = try await place.run(["search", "docs", "idle limit"])
    #expect(unsure.exit == .code(6) && unsure.text.isEmpty && unsure.errorText.contains("--yes") && server.calls == 0)
    let sure = try await place.run(["search", "docs", "idle limit", "--yes", "-k", "1"])
    #expect(sure.exit == .code(0) && sure.text.contains("guide.md"), "\(sure.errorText)")
    #expect(server.calls == 2)
    // The same question again is in the cache, and the folder in step.
    #expect(try await place.run(["search", "docs", "idle limit", "-k", "1"]).text == sure.text)
    #expect(server.calls == 2)
  }

  @Test("texts and rows from stdin are sources like others") func input() async throws {
    let place = try EmbedPlace([:])
    let text = try await place.run(["add", "s", "-"] + hash, stdin: "# Note\n\nThe hedgehog sleeps.\n")
    #expect(text.exit == .code(0), "\(text.errorText)")
    #expect(try await place.run(["search", "s", "hedgehog"]).text.contains("stdin:1-3  Note"))
    for rows in [#"{"key":"x","say":"first words"}"# + "\n", "key\tsay\nx\tother words\ny\tmore words\n"] {
      let result = try await place.run(["add", "s", "--each", "-", "--id", "key", "--text", "say"], stdin: .text(rows))
      #expect(result.exit == .code(0), "\(result.errorText)")
    }
    #expect(try await place.hits(["search", "s", "words", "--mode", "keyword"]).map(\.id) == ["x", "y"])
    let shown = try await place.object(["show", "s", "x", "--json"])
    #expect(shown["text"] as? String == "other words")
  }

  @Test("what is exported can be imported, with the same hits and the same scores") func exchange() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    for form in ["array", "base64"] {
      _ = try await place.run(["export", "s", "--vectors", form, "-o", "rows.jsonl"])
      let result = try await place.run(["import", form, "rows.jsonl", "-m", "builtin/hash-64"])
      #expect(result.errorText == "awl: 4 rows imported\n", "\(result.errorText)")
      for question in [["idle limit"], ["world", "--where", #"{"lang":"en"}"#]] {
        let old = try await place.hits(["search", "s"] + question)
        let new = try await place.hits(["search", form] + question)
        #expect(old.map(\.id) == new.map(\.id) && old.map(\.score) == new.map(\.score))
      }
    }
    _ = try await place.run(["export", "s", "--format", "npy", "-o", "v.npy"])
    #expect(try await place.run(["import", "n", "v.npy"]).exit == .code(0))
    let lines = try await place.run(["search", "n", "--vector", "v.npy", "-k", "1"]).text.split(separator: "\n")
    #expect(lines.count == 4)
    for (number, line) in lines.enumerated() {
      #expect(
        line.contains("\"id\":\(number),") && line.contains("\"rank\":1") && line.contains("\"id\":\"\(number)\"}"))
    }
    let unknown = try await place.run(["search", "n", "words"])
    #expect(unknown.exit == .code(2) && unknown.errorText.contains("nobody knows the model"))
  }

  @Test("many questions at once are answered one a line, as each alone") func manyQuestions() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let questions = ["idle limit", "hello world", "retry times", "bonjour"]
    let rows = questions.enumerated().map { #"{"id":"q\#($0)","query":"\#($1)"}"# }.joined(separator: "\n")
    try place.home.write("q.jsonl", rows + "\n")
    let lines = try await place.run(["search", "s", "--each", "q.jsonl", "-k", "2"]).text.split(separator: "\n")
    #expect(lines.count == 4)
    for (line, question) in zip(lines, questions) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let found = (object["results"] as? [[String: Any]])?.map { ($0["id"] as? String ?? "", $0["score"] as? Double) }
      let alone = try await place.hits(["search", "s", question, "-k", "2"])
      #expect(found?.map(\.0) == alone.map(\.id) && found?.map(\.1) == alone.map(\.score))
    }
  }

  @Test("rows are listed, shown, removed and compacted") func rows() async throws {
    let place = try EmbedPlace()
    _ = try await place.run(["add", "s", "docs"] + hash)
    let list = try await place.run(["list", "s"]).text
    #expect(
      list.split(separator: "\n").count == 4 && list.contains("docs/rows.csv#b  docs/rows.csv:3  bonjour le monde"))
    let show = try await place.run(["show", "s", "docs/rows.csv#b"]).text
    #expect(show.contains(#"{"lang":"fr","year":"2021"}"#) && show.hasSuffix("\n\nbonjour le monde\n"))
    let dry = try await place.run(["rm", "s", "--where", #"{"lang": "fr"}"#, "--dry-run"])
    #expect(dry.text == "1 row would be removed\n")
    #expect(try await place.run(["rm", "s", "--where", #"{"lang": "fr"}"#]).text == "1 row removed\n")
    #expect(try await place.run(["rm", "s", "--source", "docs/guide.md"]).text == "1 row removed\n")
    #expect(
      try await place.hits(["search", "s", "bonjour idle limit"]).map(\.id).sorted() == [
        "docs/code/retry.swift#1", "docs/rows.csv#a",
      ])
    #expect(try await place.object(["info", "s", "--json"])["deleted"] as? Int == 2)
    #expect(try await place.run(["compact", "s"]).text == "2 rows in 1 segment\n")
    let info = try await place.object(["info", "s", "--json"])
    #expect(info["deleted"] as? Int == 0 && info["rows"] as? Int == 2 && info["model"] as? String == "builtin/hash-64")
    // A file whose rows were removed comes back when it is read again.
    #expect(try await place.object(["sync", "s", "--json"])["added"] as? Int == 1)
  }

  @Test("vectors of texts are printed in each format, of length 1") func vectors() async throws {
    let place = try EmbedPlace()
    let model = ["-m", "builtin/hash-8"]
    let json = try await place.run(["text", "some words"] + model)
    let numbers = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout)) as? [Double])
    #expect(numbers.count == 8 && abs(numbers.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
    let raw = try await place.run(["text", "some words", "--format", "f32"] + model).stdout
    #expect(raw.count == 32)
    let floats = stride(from: 0, to: 32, by: 4).map { at in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(raw[at + $1]) << (8 * $1) })
    }
    #expect(zip(floats, numbers).allSatisfy { $0 == Float($1) })
    let base64 = try await place.run(["text", "-", "--format", "base64"] + model, stdin: "some words").text
    #expect(Data(base64Encoded: String(base64.dropLast())) == Data(raw))
    let hex = try await place.run(["text", "some", "words", "--format", "hex"] + model).text
    #expect(hex == raw.map { String(format: "%02x", $0) }.joined() + "\n")
    let array = try await place.run(["text", "--each", "docs/rows.csv", "--format", "npy"] + model).stdout
    #expect(array.count == 128 + 64 && String(decoding: array[10..<100], as: UTF8.self).contains("'shape': (2, 8)"))
    let rows = try await place.run(["text", "--each", "docs/rows.csv"] + model).text.split(separator: "\n")
    #expect(rows.count == 2 && rows[0].hasPrefix(#"{"id":"a","embedding":["#))
    for words in [["text"], ["text", "???"] + model, ["text", "a", "--format", "csv"] + model] {
      #expect(try await place.run(words).exit == .code(2), "\(words)")
    }
  }

  @Test("with a model that shortens its vectors, questions are shortened likewise, and purposes are told")
  func dimensions()
    async throws
  {
    let server = try EmbeddingServer()
    var place = try EmbedPlace()
    place.environment = server.environment
    let model = ["-m", "openai/text-embedding-3-small", "--dimensions", "32"]
    #expect(try await place.run(["add", "s", "docs"] + model).exit == .code(0))
    #expect(try await place.run(["search", "s", "idle limit"]).exit == .code(0))
    #expect(server.server.requests.allSatisfy { $0.object["dimensions"] as? Int == 32 })
    #expect(server.server.requests.count == 2)
    // A text is paid for once, by whatever command.
    #expect(try await place.run(["add", "t", "docs"] + model).exit == .code(0))
    #expect(server.server.requests.count == 2)
    let offline = try await place.run(["add", "u", "docs", "--offline"] + model)
    #expect(offline.exit == .code(0) && server.server.requests.count == 2, "\(offline.errorText)")
  }

  @Test("PDF and office files are read by programs that are there, and named with a hint where not") func converters()
    async throws
  {
    let place = try EmbedPlace(["docs/a.pdf": "%PDF-1.4 x", "docs/b.docx": "PK", "docs/c.txt": "Plain words."])
    try place.home.write("bin/pdftotext", "#!/bin/sh\nprintf 'First page of cats.\\fSecond page of dogs.'\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.home.file("bin/pdftotext"))
    let path = ["PATH": "\(place.home.file("bin")):/usr/bin:/bin"]
    let result = try await place.run(["add", "s", "docs", "--chunk-size", "16"] + hash, environment: path)
    #expect(result.exit == .code(0) && result.errorText.contains("b.docx: needs pandoc"), "\(result.errorText)")
    #expect(result.errorText.contains("install pandoc") && result.errorText.contains("2 added"))
    #expect(try await place.run(["search", "s", "cats", "--mode", "keyword"]).text.contains("docs/a.pdf:p1"))
    let named = try await place.run(["add", "t", "docs/b.docx"] + hash, environment: path)
    #expect(named.exit == .code(2))
    try place.home.write("bin/pdftotext", "#!/bin/sh\necho 'broken xref' >&2\nexit 3\n")
    let broken = try await place.run(["add", "u", "docs"] + hash, environment: path)
    #expect(broken.exit == .code(2) && broken.errorText.contains("pdftotext failed: broken xref"))
  }
}
