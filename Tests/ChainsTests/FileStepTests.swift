// `read` and `write` against a directory: what they give, and what they refuse to touch.

import Formats
import Foundation
import Support
import Testing

@testable import Chains

@Suite("files of chains") struct FileStepTests {
  private func put(_ home: TemporaryDirectory, _ files: [String: String]) throws {
    for (path, text) in files {
      let url = URL(filePath: home.path + "/" + path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }

  private func text(_ home: TemporaryDirectory, _ path: String) -> String? {
    try? String(contentsOfFile: home.path + "/" + path, encoding: .utf8)
  }

  @Test(
    "a file is read in the form that is asked for",
    arguments: [
      ("{file: a.csv, as: csv}", #"[{"n":"1","t":"x"}]"#), ("{file: a.json, as: json}", #"{"k":[1]}"#),
      ("{file: a.txt}", #""one\ntwo\n""#), ("{file: a.txt, as: lines}", #"["one","two"]"#),
      ("{file: a.jsonl, as: jsonl}", "[1,{\"b\":2}]"), ("{file: a.txt, as: bytes}", #""b25lCnR3bwo=""#),
      ("{files: \"d/*.md\"}", #"[{"path":"d/1.md","content":"A"},{"path":"d/2.md","content":"B"}]"#),
    ])
  func reads(step: String, expected: String) async throws {
    let home = try TemporaryDirectory("files")
    try put(
      home,
      [
        "a.csv": "n,t\n1,x\n", "a.json": "{\"k\": [1]}", "a.txt": "one\ntwo\n", "a.jsonl": "1\n{\"b\":2}\n",
        "d/1.md": "A",
        "d/2.md": "B", "d/.hidden.md": "C", "d/e/3.md": "D",
      ])
    let ran = try await runChain(
      "policy: {read: [\"**\"]}\nsteps: [{id: a, read: \(step)}]\noutputs: {a: \"{{ a }}\"}", directory: home.path)
    #expect(ran.outputs == "{\"a\":\(expected)}")
  }

  @Test("what is written, in each form and mode") func writes() async throws {
    let home = try TemporaryDirectory("files")
    let ran = try await runChain(
      """
      policy: {write: ["out/**"]}
      vars: {rows: [{a: 1, b: x}, {a: 2, c: "y,z"}]}
      steps:
        - {id: a, write: {file: out/a.txt, content: "one\\n"}}
        - {id: b, write: {file: out/a.txt, content: "two\\n", mode: append}}
        - {id: c, write: {file: out/deep/c.csv, as: csv, content: "{{ vars.rows }}"}}
        - {id: d, write: {file: out/d.jsonl, as: jsonl, content: "{{ vars.rows }}"}}
        - {id: e, write: {root: out, files: [{path: x/1.txt, content: X}, {path: y.txt, content: Y}]}}
      outputs: {a: "{{ a.file }}", e: "{{ e.files }}"}
      """, directory: home.path)
    #expect(ran.outputs == #"{"a":"out/a.txt","e":["out/x/1.txt","out/y.txt"]}"#)
    #expect(text(home, "out/a.txt") == "one\ntwo\n")
    #expect(text(home, "out/deep/c.csv") == "a,b,c\n1,x,\n2,,\"y,z\"\n")
    #expect(text(home, "out/d.jsonl") == "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"c\":\"y,z\"}\n")
    #expect(text(home, "out/x/1.txt") == "X")
    let again = try await runChain(
      "policy: {write: [\"out/*\"]}\nsteps: [{id: a, write: {file: out/a.txt, mode: create, content: x}}]",
      directory: home.path)
    #expect(again.result.failure?.message.contains("exists") == true)
  }

  @Test(
    "paths that mean more than they say are refused, and nothing of the step is written",
    arguments: [
      "../x", "/etc/x", "~/x", "a/../../x", ".git/config", "a/.GIT/hooks", "con.txt", "a.", "b ", "a\u{1}b", "", ".env",
      "link/x", "file-link", "OK.txt",
    ])
  func refused(path: String) async throws {
    let home = try TemporaryDirectory("files")
    let outside = try TemporaryDirectory("outside")
    try put(home, ["out/kept.txt": "kept"])
    try put(outside, ["secret.txt": "secret"])
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: home.path + "/out/link", withDestinationPath: outside.path)
    try manager.createSymbolicLink(
      atPath: home.path + "/out/file-link", withDestinationPath: outside.path + "/secret.txt")
    let ran = try await runChain(
      """
      policy: {write: ["out/**"]}
      inputs: {path: {type: string}}
      steps:
        - {id: a, write: {root: out, files: [{path: ok.txt, content: A}, {path: "{{ inputs.path }}", content: B}]}}
      """, inputs: ["path": .string(path)], directory: home.path)
    #expect(ran.result.outputs == nil, "\(path)")
    #expect(text(home, "out/ok.txt") == nil && text(home, "out/kept.txt") == "kept", "\(path)")
    #expect(try manager.contentsOfDirectory(atPath: outside.path) == ["secret.txt"])
    #expect(text(outside, "secret.txt") == "secret")
    #expect(try manager.contentsOfDirectory(atPath: home.path + "/out").filter { $0.hasPrefix(".awl") } == [])
  }

  @Test("a link does not lead a reader out of the policy") func links() async throws {
    let home = try TemporaryDirectory("files")
    let outside = try TemporaryDirectory("outside")
    try put(outside, ["secret.txt": "secret"])
    try put(home, ["docs/a.txt": "a"])
    try FileManager.default.createSymbolicLink(
      atPath: home.path + "/docs/l.txt", withDestinationPath: outside.path + "/secret.txt")
    let ran = try await runChain(
      "policy: {read: [\"docs/*\"]}\nsteps: [{id: a, read: {file: docs/l.txt}}]", directory: home.path)
    #expect(ran.result.failure?.code == 6, "\(ran.outputs)")
  }
}
