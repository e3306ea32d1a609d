// Parts of a run joined.

import Formats
import Storage
import Support
import Testing

@testable import Evals

@Suite("parts of a run joined") struct RunMergeTests {
  @Test("a verdict counts before an error and the later part before the earlier; nothing is there twice") func merge()
    throws
  {
    let directory = try TemporaryDirectory("merge")
    var (one, two) = (MadeRun(), MadeRun())
    for (test, outcome) in [("a", "p"), ("b", "e"), ("c", "p"), ("d", "f")] { one.add(test, Character(outcome)) }
    for (test, outcome) in [("b", "p"), ("c", "e"), ("d", "p"), ("x", "e")] { two.add(test, Character(outcome)) }
    let merge = RunMerge([try one.write(directory.file("1.jsonl")), try two.write(directory.file("2.jsonl"))])
    let counts = try merge.write(directory.file("all.jsonl"))
    #expect(counts.cells == 5 && counts.errors == 1)
    let reader = try ResultsReader(directory.file("all.jsonl"))
    var found: [String: CellResult.Outcome] = [:]
    while let cell = try reader.next() { found[cell.test] = cell.outcome }
    #expect(found == ["a": .pass, "b": .pass, "c": .pass, "d": .pass, "x": .error] && reader.skipped == 0)
  }

  @Test("parts of different columns, and what is no run, are refused by name") func refusals() throws {
    let directory = try TemporaryDirectory("merge")
    let one = try MadeRun().write(directory.file("1.jsonl"))
    let two = try MadeRun([("p", "other")]).write(directory.file("2.jsonl"))
    #expect(throws: RunMerge.Problem.self) { try RunMerge([one, two]).write(directory.file("all.jsonl")) }
    #expect(throws: RunMerge.Problem.self) { try RunMerge([one, "/dev/null"]).write(directory.file("all.jsonl")) }
    #expect(directory.text("all.jsonl") == nil)
  }
}
