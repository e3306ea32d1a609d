// Chain files as their authors see them: everything that is wrong, with its place; and the published schema, which must
// never accept less or more than the reader as far as the grammar goes.

import Chains
import Formats
import Foundation
import Testing

func problems(_ text: String) -> [String] {
  do {
    _ = try ChainFile.read(Array(text.utf8), path: "c", directory: "/nowhere")
    return []
  } catch {
    return error.lines.map { String($0.dropFirst(2)) }
  }
}

@Suite("reading chains") struct ReadingTests {
  @Test("what is wrong is told, all of it, with its place", arguments: badChains)
  func bad(chain: BadChain) { #expect(problems(chain.text) == chain.problems) }

  @Test("the published schema refuses what the grammar refuses, and nothing else", arguments: badChains)
  func agreement(chain: BadChain) throws {
    let schema = try JSONSchema(try ChainSchema.json())
    guard let json = try? YAML.parse(Array(chain.text.utf8), .file) else { return }
    #expect(schema.isValid(json) == !chain.isGrammar, "\(schema.violations(in: json).map(\.text))")
  }

  @Test("the examples hold under schema and reader, but for what is not run yet")
  func examples() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appending(path: "../shared/chains").standardizedFileURL
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard !names.isEmpty else { return print("no examples beside the package: \(folder.path)") }
    let schema = try JSONSchema(try ChainSchema.json())
    for name in names.sorted() where name.hasSuffix(".yaml") {
      let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
      let json = try YAML.parse(bytes, .file)
      #expect(schema.violations(in: json).map(\.text) == [], "\(name)")
      do {
        _ = try ChainFile.read(bytes, path: name, directory: folder.path)
      } catch {
        for line in error.lines { #expect(line.contains("yet"), "\(line)") }
      }
    }
  }

  @Test("a place in a template is the place in the file, however the text is written")
  func places() {
    let cases: [(String, String)] = [
      ("value: \"{{ nope }}\"", "4:16"), ("value: '{{ nope }}'", "4:16"), ("value: a {{ nope }}", "4:17"),
      ("value: 'it''s {{ nope }}'", "4:22"), ("value: \"a\\tb\\u00e4 {{ nope }}\"", "4:27"),
      ("value: \"a\\n\\n  {{ nope }}\"", "4:23"), ("value: |\n      a\n\n      b {{ nope }}", "7:12"),
      ("value: |\n      a\n        {{ nope }}", "6:12"), ("value: >-\n      a\n      b\n\n      c {{ nope }}", "8:12"),
      ("value: plain\n      {{ nope }}", "5:10"), ("value: \"ü {{ nope }}\"", "4:18"),
    ]
    for (line, place) in cases {
      #expect(problems("chain: 1\nsteps:\n  - id: a\n    \(line)") == ["\(place): unknown name 'nope'"], "\(line)")
    }
  }

  @Test("a chain of 500 steps is checked in time in proportion to its length")
  func long() throws {
    func time(_ count: Int) throws -> Duration {
      var text = "chain: 1\nsteps:\n"
      for index in 0..<count {
        text += "  - id: s\(index)\n    prompt: |\n      Step {{ \(index == 0 ? "1" : "s\(index - 1)") | upper }}\n"
      }
      let bytes = Array(text.utf8)
      return try ContinuousClock().measure { _ = try ChainFile.read(bytes, path: "c", directory: "/") }
    }
    _ = try time(10)
    let (short, long) = (try time(100), try time(1000))
    #expect(long < short * 60, "\(short) for 100, \(long) for 1000")
  }

  @Test(
    "patterns of paths",
    arguments: [
      ("**", "a/b/c", true), ("**", ".env", false), ("**", "a/.git/x", false), ("*.csv", "a.csv", true),
      ("*.csv", "b/a.csv", false), ("out/**", "out/a/b", true), ("out/**", "outer/a", false),
      ("docs/**/*.md", "docs/a.md", true),
      ("docs/**/*.md", "docs/x/y/a.md", true), ("docs/**/*.md", "docs/x/a.txt", false), ("a?c", "abc", true),
      ("a*b*c", "aXbYc", true),
      ("**", "/etc/passwd", false), ("/etc/*", "/etc/passwd", true), (".env", ".env", true), ("*", "a", true),
    ])
  func globs(pattern: String, path: String, matches: Bool) { #expect(Glob(pattern).matches(path) == matches) }
}
