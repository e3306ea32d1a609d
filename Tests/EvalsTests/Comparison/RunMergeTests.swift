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

  /// Forty tests in so many parts, each written as a shard of them.
  private func parts(_ count: Int, _ directory: TemporaryDirectory, ends: Bool = true) throws -> [String] {
    try (1...count).map { number in
      let shard = try #require(Shard("\(number)/\(count)"))
      var run = MadeRun()
      run.shard = shard
      run.isFinished = ends
      run.add(String(repeating: "ppf", count: 20))
      run.cells.removeAll { !shard.holds($0.test) }
      return try run.write(directory.file("\(number).jsonl"))
    }
  }

  @Test("all shards of a suite are the whole, in the same order of tests, and at its end") func shards() throws {
    let directory = try TemporaryDirectory("merge")
    let paths = try parts(4, directory)
    let whole = try RunMerge(paths.reversed(), run: "01whole").write(directory.file("all.jsonl"))
    #expect(whole.cells == 60 && whole.gaps.isEmpty)
    let facts = try EvalRunFacts(directory.file("all.jsonl"))
    #expect(facts.isFinished && facts.head.shard == nil && facts.head.run == "01whole")
    var made = MadeRun()
    made.add(String(repeating: "ppf", count: 20))
    let (merged, table) = (try RunTable(directory.file("all.jsonl")), try made.table())
    #expect((0..<60).allSatisfy { merged.unit(test: $0, column: 0).passes == table.unit(test: $0, column: 0).passes })
    #expect((0..<60).allSatisfy { merged.test($0, of: table) == $0 })
    // A whole is a part like another.
    #expect(try RunMerge([directory.file("all.jsonl")]).write(directory.file("again.jsonl")).cells == 60)
  }

  @Test("a shard that is missing or was broken off is a gap by name, and joined only when that is asked for")
  func gaps() throws {
    let directory = try TemporaryDirectory("merge")
    let paths = try parts(3, directory)
    let two = [paths[0], paths[2]]
    let all = directory.file("all.jsonl")
    #expect { try RunMerge(two).write(all) } throws: {
      ($0 as? RunMerge.Problem)?.message == "shard 2/3 is missing (--partial joins what is there)"
    }
    #expect(directory.text("all.jsonl") == nil)
    let partial = try RunMerge(two, allowsGaps: true).write(all)
    #expect(partial.gaps == ["shard 2/3 is missing"] && partial.cells < 60)
    let torn = try parts(3, directory, ends: false)
    #expect { try RunMerge(torn).write(all) } throws: {
      ($0 as? RunMerge.Problem)?.message.contains("shard 1/3 was broken off") == true
    }
    var other = MadeRun()
    other.shard = Shard("1/2")
    let path = try other.write(directory.file("other.jsonl"))
    #expect { try RunMerge([paths[0], path], allowsGaps: true).write(all) } throws: {
      ($0 as? RunMerge.Problem)?.message.contains("two different splits") == true
    }
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
