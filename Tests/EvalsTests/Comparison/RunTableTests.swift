// A file of results as statistics read it.

import Formats
import Storage
import Support
import Testing

@testable import Evals

@Suite("a run as statistics see it") struct RunTableTests {
  @Test("the beginning of a line says the same as the whole line, whatever the names contain")
  func glance() throws {
    var parser = JSONParser()
    let names = ["t", "a \"quoted\" name", "line\nbreak \\ and tab\t", "ä € 𝄞 \u{1}", #"","outcome":"error"#, ""]
    for (index, name) in names.enumerated() {
      for outcome: Character in ["p", "f", "e"] {
        var run = MadeRun([(name, "provider of \(name)")])
        run.add(name, outcome, score: 0.125 * Double(index), repetition: index)
        if index % 2 == 0 { run.cells[0].description = "described as \(name)" }
        let line = run.cells[0].record
        let glance = try #require(CellGlance(line, &parser))
        #expect(glance.outcome == run.cells[0].outcome && glance.score == run.cells[0].score)
        #expect(glance.test == CellGlance.hash(test: name))
        #expect(Array(glance.column) == CellGlance.column(prompt: name, provider: "provider of \(name)"))
      }
    }
  }

  @Test("a line of another order is read too, one that is no cell is not") func otherLines() throws {
    var parser = JSONParser()
    let id = String(repeating: "0123456789abcdef", count: 2)
    let line =
      #"{"id":"\#(id)","score":0.5,"outcome":"fail","provider":"b","prompt":"a","vars":{},"row":3,"test":"t"}"#
    let glance = try #require(CellGlance(Array(line.utf8), &parser))
    #expect(glance.outcome == .fail && glance.score == 0.5 && glance.test == CellGlance.hash(test: "t"))
    for text in ["", "{}", "x", #"{"id":"12"}"#, #"{"id":"\#(id)"#, #"{"id":"\#(id)","test":"t","row":"#] {
      #expect(CellGlance(Array(text.utf8), &parser) == nil, "\(text)")
    }
    // Cut anywhere, it is no cell and no crash.
    var run = MadeRun()
    run.add("t", "p")
    let whole = run.cells[0].record
    for length in 0..<whole.count {
      let part = CellGlance(Array(whole[..<length]), &parser)
      #expect(part == nil || part?.outcome == .pass)
    }
  }

  @Test("repeats are taken together, errors are counted apart, and a later line of a cell counts") func units() throws {
    var run = MadeRun([("p", "a"), ("p", "b")])
    for (repetition, outcome) in Array("pfep").enumerated() { run.add("t0", outcome, repetition: repetition) }
    run.add("t1", column: 1, "e")
    run.add("t1", column: 1, "f", score: 0.25)
    let table = try run.table()
    #expect(table.testCount == 2 && table.columns.count == 2)
    let first = table.unit(test: 0, column: 0)
    #expect(first.passes == 2 && first.judged == 3 && first.errors == 1 && first.scores == 2)
    let second = table.unit(test: 1, column: 1)
    #expect(second.judged == 1 && second.errors == 0 && second.scores == 0.25 && second.passes == 0)
    #expect(table.unit(test: 0, column: 1).offset == -1)
  }

  @Test("a column that the head does not know is found all the same") func unknownColumn() throws {
    var run = MadeRun([("p", "a"), ("q \"x\"", "b")])
    run.add("t0", "p")
    run.add("t0", column: 1, "f")
    run.columns.removeLast()
    let table = try run.table()
    #expect(table.columns.map(\.prompt) == ["p", "q \"x\""] && table.columns[1].provider == "b")
    #expect(table.unit(test: 0, column: 1).judged == 1)
  }

  @Test("a torn end costs its own line, another file is refused") func damage() throws {
    let directory = try TemporaryDirectory("run")
    var run = MadeRun()
    run.add("ppff")
    let path = try run.write(directory.file("results.jsonl"))
    let bytes = try FileReader(path).next(1 << 20)
    for cut in [1, 40, 300] {
      let torn = try directory.write("torn\(cut).jsonl", bytes: Array(bytes.dropLast(cut)))
      let table = try RunTable(torn)
      #expect(table.testCount == (cut == 1 ? 4 : cut == 40 ? 3 : table.testCount) && table.testCount >= 2)
    }
    let other = try directory.write("other.jsonl", "{\"kind\":\"chain\"}\n")
    #expect(throws: StorageError.self) { try RunTable(other) }
    #expect(throws: StorageError.self) { try RunTable(directory.file("missing.jsonl")) }
  }
}
