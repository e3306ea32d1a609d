// The chains that ship: their own cases hold, and each runs offline on a model of this process, as a user would run it.

import Foundation
import Support
import Testing

@Suite("the example chains") struct ChainExamplesTests {
  private static let folder = packageRoot + "/prompts/chains"
  private static let names: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  /// A copy of the folder, so that nothing is written into the project.
  private func copy() throws -> TemporaryDirectory {
    let home = try TemporaryDirectory("examples")
    try FileManager.default.copyItem(atPath: Self.folder, toPath: home.file("chains"))
    try home.write("summarize.prompt.yml", "name: a file that is read\n")
    return home
  }

  @Test("are eight") func count() { #expect(Self.names.count == 8, "\(Self.names)") }

  @Test("their own cases hold", arguments: names) func cases(name: String) async throws {
    let home = try copy()
    let result = try await runProgram(["chain", "test", "chains/" + name], cwd: home.path, home: home)
    #expect(result.exit == .code(0), "\(result.text)\(result.errorText)")
    #expect(result.text.split(separator: "\n").count >= 2 && !result.text.contains("failed"), "\(result.text)")
  }

  @Test(
    "run offline, and what a model of this process cannot do is told",
    arguments: [
      ("summarise.yaml", ["-p", "file=chains/invoice.txt"], [0], "summary"),
      ("enrich.yaml", [], [0], "\"rows\": 2"), ("invoice.yaml", [], [0], "\"invoice\""),
      ("route.yaml", ["-p", "message=It crashes"], [0], "\"desk\": \"billing\""),
      ("translate.yaml", ["-p", "text=The house is red."], [0], "\"checked\": false"),
      ("answer.yaml", ["-p", "question=What may a chain read?"], [0], "\"sources\""),
      // Where there is no sandbox nothing is run (6); where there is one, a text is no program that passes its tests (3).
      ("write-and-test.yaml", ["-p", "spec=one() is 1"], [3, 6], ""),
      // Nothing is sent in tests.
      ("nightly-report.yaml", ["--offline"], [7], ""),
    ])
  func offline(name: String, words: [String], codes: [Int], text: String) async throws {
    let home = try copy()
    let result = try await runProgram(
      ["chain", "run", "chains/" + name, "-m", "builtin/extract"] + words, cwd: home.path, home: home)
    #expect(codes.contains { result.exit == .code($0) }, "\(result.exit) \(result.errorText)")
    #expect(text.isEmpty || result.text.contains(text), "\(result.text)\(result.errorText)")
  }
}
