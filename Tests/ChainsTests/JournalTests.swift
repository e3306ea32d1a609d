// What a run leaves on disk, and how one that was broken off goes on: nothing that was paid for is asked again, nothing
// that may have touched the world is done twice.

import Formats
import Foundation
import Storage
import Support
import Synchronization
import Testing

@testable import Chains

@Suite("journals") struct JournalTests {
  private let chain = """
    policy: {write: ["out/*"], read: ["*.txt"]}
    steps:
      - {id: doc, read: {file: doc.txt}}
      - {id: a, for: "[1, 2, 3, 4]", parallel: 2, prompt: "{{ item }} of {{ doc }}"}
      - {id: save, write: {file: out/a.txt, mode: append, content: "{{ a | join(' ') }}\\n"}}
      - {id: b, prompt: "last {{ a | last }}"}
    outputs: {b: "{{ b }}"}
    """

  private func home() throws -> (TemporaryDirectory, RunDirectory) {
    let home = try TemporaryDirectory("journal")
    try Data("text".utf8).write(to: URL(filePath: home.path + "/doc.txt"))
    try Data(("chain: 1\n" + chain).utf8).write(to: URL(filePath: home.path + "/c.yaml"))
    return (home, RunDirectory(home.path + "/.awl/runs"))
  }

  /// A journal cut behind so many of its records, as a killed process leaves it.
  private func cut(_ runs: RunDirectory, _ id: String, to count: Int, torn: Bool = false) throws {
    let url = URL(filePath: runs.directory(of: id) + "/journal.jsonl")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    var text = lines.prefix(count).joined(separator: "\n") + "\n"
    if torn, count < lines.count { text += lines[count].prefix(lines[count].count / 2) }
    try Data(text.utf8).write(to: url)
  }

  private func lineCount(_ runs: RunDirectory, _ id: String) throws -> Int {
    try String(contentsOfFile: runs.directory(of: id) + "/journal.jsonl", encoding: .utf8).split(separator: "\n").count
  }

  @Test("cut at any record, a run goes on and asks for nothing that it has", arguments: [false, true])
  func resumed(torn: Bool) async throws {
    let (home, runs) = try home()
    let whole = try await runChain(chain, directory: home.path, runs: runs)
    #expect(whole.outputs == #"{"b":"<last <4 of text>>"}"# && whole.prompts.count == 5)
    let journal = try Data(contentsOf: URL(filePath: runs.directory(of: whole.result.id) + "/journal.jsonl"))
    for count in 1...(try lineCount(runs, whole.result.id)) {
      try journal.write(to: URL(filePath: runs.directory(of: whole.result.id) + "/journal.jsonl"))
      try cut(runs, whole.result.id, to: count, torn: torn)
      let record = try RunRecord.read(whole.result.id, in: runs)
      let paid = record.records.filter { $0["t"]?.string == "end" && $0["kind"]?.string == "prompt" }.count
      let hasBegun = record.records.contains { $0["t"]?.string == "start" }
      let hasWritten = record.records.contains { $0["t"]?.string == "end" && $0["path"]?.string == "save" }
      let again = try await runChain(chain, directory: home.path, runs: runs, resume: whole.result.id)
      if hasBegun, !hasWritten {
        #expect(again.result.failure?.code == 8, "\(count): \(again.outputs)")
        #expect(again.result.failure?.text.contains("out/a.txt") == true, "\(again.outputs)")
      } else {
        #expect(again.outputs == whole.outputs, "\(count)")
        #expect(again.prompts.count == 5 - paid, "\(count): \(again.prompts)")
      }
    }
  }

  @Test("a file that changed between is noticed, and accepted where that is asked for") func changedFile() async throws
  {
    let (home, runs) = try home()
    let first = try await runChain(chain, directory: home.path, runs: runs)
    try Data("other".utf8).write(to: URL(filePath: home.path + "/doc.txt"))
    let again = try await runChain(chain, directory: home.path, runs: runs, resume: first.result.id)
    #expect(again.result.failure?.code == 8 && again.result.failure?.path == "doc", "\(again.outputs)")
    let accepted = try await runChain(
      chain, directory: home.path, runs: runs, resume: first.result.id, acceptsChanges: true)
    #expect(accepted.outputs == #"{"b":"<last <4 of other>>"}"#)
    #expect(accepted.prompts.count == 5)
  }

  @Test("a chain that changed between is noticed; accepted, only what depends on it is asked again")
  func changedChain() async throws {
    let (home, runs) = try home()
    let first = try await runChain(chain, directory: home.path, runs: runs)
    let edited = chain.replacing("last {{ a | last }}", with: "first {{ a | first }}")
    let failure = await #expect(throws: StepFailure.self) {
      try await runChain(edited, directory: home.path, runs: runs, resume: first.result.id)
    }
    #expect(failure?.code == 8 && failure?.message.contains("c.yaml is not what it was") == true)
    let accepted = try await runChain(
      edited, directory: home.path, runs: runs, resume: first.result.id, acceptsChanges: true)
    #expect(accepted.prompts == ["first <1 of text>"])
  }

  @Test("two processes do not resume one run at once") func locked() async throws {
    let (home, runs) = try home()
    let first = try await runChain(chain, directory: home.path, runs: runs)
    let held = try OwnedLog(runs.directory(of: first.result.id) + "/journal.jsonl") { _ in }
    let failure = await #expect(throws: StepFailure.self) {
      try await runChain(chain, directory: home.path, runs: runs, resume: first.result.id)
    }
    #expect(failure?.message.contains("still running") == true)
    held.release()
  }

  @Test("a long value lies beside the journal, and one that is gone is told") func blobs() async throws {
    let (home, runs) = try home()
    let long = String(repeating: "long ", count: 40_000)
    let text = "steps: [{id: a, prompt: x}, {id: b, prompt: y, needs: [a]}]\noutputs: {n: \"{{ a | length }}\"}"
    let first = try await runChain(text, directory: home.path, runs: runs) { _ in long }
    let again = try await runChain(text, directory: home.path, runs: runs, resume: first.result.id) { _ in "short" }
    #expect(again.outputs == #"{"n":200000}"# && again.prompts.isEmpty)
    try FileManager.default.removeItem(atPath: runs.directory(of: first.result.id) + "/blobs")
    let gone = try await runChain(text, directory: home.path, runs: runs, resume: first.result.id)
    #expect(gone.result.failure?.code == 8 && gone.result.failure?.message.contains("missing") == true)
  }

  @Test("a directory of another version, or without a beginning, is refused by name") func versions() async throws {
    let (home, runs) = try home()
    let first = try await runChain(chain, directory: home.path, runs: runs)
    let path = runs.directory(of: first.result.id) + "/journal.jsonl"
    for (record, words) in [(#"{"t":"run","awl":9}"#, "version 9"), (#"{"t":"end"}"#, "damaged")] {
      let line = try #require(RecordLine.encode(Array(record.utf8)))
      try Data(line + [0x0A]).write(to: URL(filePath: path))
      let failure = await #expect(throws: StepFailure.self) {
        try await runChain(chain, directory: home.path, runs: runs, resume: first.result.id)
      }
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
  }

  @Test("a budget is the run's: what was paid before it was broken off counts") func budget() async throws {
    let (home, runs) = try home()
    let text = "budget: {calls: 3}\nsteps: [{id: a, for: \"[1, 2, 3, 4, 5]\", prompt: \"{{ item }}\"}]"
    let first = try await runChain(text, directory: home.path, runs: runs)
    #expect(first.result.failure?.code == 5 && first.prompts == ["1", "2", "3"], "\(first.outputs)")
    let again = try await runChain(text, directory: home.path, runs: runs, resume: first.result.id)
    #expect(again.result.failure?.code == 5 && again.prompts == [], "\(again.prompts)")
    let raised = try await runChain(
      text.replacing("calls: 3", with: "calls: 5"), directory: home.path, runs: runs, resume: first.result.id,
      acceptsChanges: true)
    #expect(raised.result.failure == nil && raised.prompts == ["4", "5"], "\(raised.outputs) \(raised.prompts)")
  }

  @Test("secrets are not in the journal, in no form") func secrets() async throws {
    let (home, runs) = try home()
    let secret = "s3cret/value+1"
    let text = "secrets: [DESK_TOKEN]\nsteps: [{id: a, prompt: x}]"
    let first = try await runChain(
      text, directory: home.path, runs: runs, variables: ["DESK_TOKEN": secret]
    ) { _ in "it is \(secret), or \(Data(secret.utf8).base64EncodedString()), or s3cret%2Fvalue%2B1" }
    let journal = try String(contentsOfFile: runs.directory(of: first.result.id) + "/journal.jsonl", encoding: .utf8)
    #expect(!journal.contains("s3cret") && !journal.contains("czNjcmV0"))
    #expect(journal.contains("[redacted], or [redacted]"))
  }
}
