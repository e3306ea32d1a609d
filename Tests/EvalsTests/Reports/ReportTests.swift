// The forms of report: what they hold, and that no text of a model or a suite breaks them.

import Formats
import Models
import Storage
import Support
import Testing

@testable import Evals

/// Text that means something to each of the forms.
private let hostile = "a \"b\" 'c' <d> & | `e` ]]> </script><!-- {{f}}, g\r\nh\t%0A \u{7}\u{1B}[31m €𝄞"

/// Three tests in two columns: all kinds of outcomes and texts.
func reportedRun() -> MadeRun {
  var run = MadeRun([("p \(hostile)", "m1"), ("q", "m2")])
  for (index, pair) in ["pp", "fp", "pe"].enumerated() {
    for (column, outcome) in pair.enumerated() {
      run.add(
        "t\(index)", column: column, outcome, score: outcome == "p" ? 1 : 0.25,
        vars: ["q": .string("\(hostile) \(index)"), "n": .number(index)], output: "answer \(hostile)")
      run.cells[run.cells.count - 1].row = index
      if outcome == "f" {
        run.cells[run.cells.count - 1].reason = "no \(hostile)"
        run.cells[run.cells.count - 1].assertions = [
          AssertionResult(kind: "contains", value: "x", metric: "tone", pass: false, score: 0.25, reason: "no x")
        ]
      }
      run.cells[run.cells.count - 1].named = [NamedScore("tone", outcome == "p" ? 1 : 0.5)]
      run.cells[run.cells.count - 1].usage = Usage(input: 7, cacheRead: 3, output: 5, reasoning: 2)
      run.cells[run.cells.count - 1].cost = 0.25
      run.cells[run.cells.count - 1].latency = 1.5
    }
  }
  return run
}

/// The report of a run in a form.
func written(_ run: MadeRun, _ format: ReportFormat, _ change: (inout RunReport) -> Void = { _ in }) throws -> String {
  let directory = try TemporaryDirectory("report")
  var report = try RunReport(run.write(directory.file("results.jsonl")))
  change(&report)
  let path = directory.file("report")
  try format.write(report, toFile: path)
  return try #require(directory.text("report"))
}

@Suite("reports") struct ReportTests {
  @Test(
    "a file's name says the form",
    arguments: [
      ("a.json", ReportFormat.json), ("a.JSONL", .jsonl), ("b/c.csv", .csv), ("junit.xml", .junit), ("r.md", .markdown),
      ("x.html", .html), ("a.txt", nil), ("json", nil), ("a.yaml", nil),
    ] as [(String, ReportFormat?)])
  func names(name: String, format: ReportFormat?) { #expect(ReportFormat(fileName: name) == format) }

  @Test("JSON has promptfoo's shape") func json() throws {
    let all = try JSON.parse(written(reportedRun(), .json))
    let results = try #require(all["results"])
    #expect(results["version"]?.int == 3 && all["evalId"]?.string == "01made" && all["shareableUrl"]?.isNull == true)
    #expect(results["stats"]?["successes"]?.int == 4 && results["stats"]?["failures"]?.int == 1)
    #expect(results["stats"]?["errors"]?.int == 1 && results["stats"]?["tokenUsage"]?["total"]?.int == 6 * 15)
    let prompts = try #require(results["prompts"])
    #expect(prompts.count == 2 && prompts[0]?["provider"]?.string == "m1" && prompts[0]?["raw"]?.string == "{{q}}")
    let metrics = try #require(prompts[0]?["metrics"])
    #expect(metrics["testPassCount"]?.int == 2 && metrics["testFailCount"]?.int == 1 && metrics["cost"]?.double == 0.75)
    #expect(metrics["namedScores"]?["tone"]?.double == 2.5 && metrics["namedScoresCount"]?["tone"]?.double == 3)
    let rows = try #require(results["results"])
    #expect(rows.count == 6)
    let places = rows.elements.map { [$0["testIdx"]?.int, $0["promptIdx"]?.int] }
    #expect(places == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]])
    let failed = try #require(rows[2])
    #expect(failed["success"]?.bool == false && failed["failureReason"]?.int == 1 && failed["score"]?.double == 0.25)
    #expect(failed["response"]?["output"]?.string == "answer \(hostile)" && failed["latencyMs"]?.int == 1500)
    let grading = try #require(failed["gradingResult"])
    #expect(
      grading["pass"]?.bool == false && grading["componentResults"]?[0]?["assertion"]?["type"]?.string == "contains")
    #expect(failed["testCase"]?["assert"]?[0]?["metric"]?.string == "tone")
    #expect(failed["vars"]?["q"]?.string == "\(hostile) 1" && failed["error"]?.string == "no \(hostile)")
    let broken = try #require(rows[5])
    #expect(broken["failureReason"]?.int == 2 && broken["gradingResult"]?.isNull == true)
    #expect(broken["error"]?.string == "no answer in time")
    #expect(all["awl"]?["comparisons"]?[0]?["broken"]?.int == 0 && all["awl"]?["comparisons"]?[0]?["fixed"]?.int == 1)
  }

  @Test("JSON Lines can be read again as a run") func jsonLines() throws {
    let directory = try TemporaryDirectory("report")
    let text = try written(reportedRun(), .jsonl)
    let path = try directory.write("again.jsonl", text)
    let reader = try ResultsReader(path)
    var cells: [CellResult] = []
    while let cell = try reader.next() { cells.append(cell) }
    #expect(cells == reportedRun().cells && reader.skipped == 0)
  }

  @Test("CSV has the variables, and for each column its answer, verdict and reason") func csv() throws {
    let rows = try readCSV(written(reportedRun(), .csv))
    #expect(rows.count == 4 && rows.allSatisfy { $0.count == 3 + 12 })
    #expect(rows[0].prefix(4) == ["Test", "q", "n", "[m1] p \(hostile)"] && rows[0][4] == "Status")
    #expect(
      rows[2].prefix(8) == [
        "t1", "\(hostile) 1", "1", "answer \(hostile)", "FAIL", "0.25", "{\"tone\":0.5}", "no \(hostile)",
      ])
    #expect(rows[3][10] == "ERROR" && rows[3][11] == "" && rows[3][13] == "no answer in time")
  }

  private func readCSV(_ text: String) throws -> [[String]] {
    var (rows, row, field): ([[String]], [String], String) = ([], [], "")
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if isQuoted {
        if scalar == "\"", scalars.first == "\"" {
          field.unicodeScalars.append(scalar)
          scalars.removeFirst()
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "," || scalar == "\n" {
        row.append(field)
        field = ""
        if scalar == "\n" {
          rows.append(row)
          row = []
        }
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    return rows
  }

  @Test("JUnit is well-formed, with a suite for each column, failures and errors apart") func junit() throws {
    let text = try written(reportedRun(), .junit)
    let document = try WellFormedXML(text)
    #expect(document.count("testsuite") == 2 && document.count("testcase") == 6)
    #expect(document.count("failure") == 1 && document.count("error") == 1)
    #expect(text.contains(#"tests="6" failures="1" errors="1""#))
    #expect(text.contains("type=\"contains\"") && text.contains("type=\"timeout\""))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test("Markdown has the figures, the verdicts and what failed, each in one line") func markdown() throws {
    let text = try written(reportedRun(), .markdown)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "# suite.yaml")
    #expect(text.contains("6 answers in 2 columns: 4 passed, 1 failed, 1 error, $1.50"))
    #expect(text.contains("66.7 % of 3") && text.contains(" tone |") && text.contains("not decided: "))
    let failures = lines.drop { $0 != "## What failed" }.dropFirst(3)
    #expect(failures.count == 2 && failures.allSatisfy { $0.hasPrefix("| ") && $0.hasSuffix(" |") })
    // Every bar that is no edge of a cell is escaped.
    for line in failures {
      #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 5, "\(line)")
    }
  }

  @Test("GitHub's annotations are one command a line, ten of a kind at most") func annotations() throws {
    var run = reportedRun()
    for index in 3..<40 { run.add("t\(index)", "f") }
    let lines = try written(run, .github).split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("::error ") || $0.hasPrefix("::warning ") || $0.hasPrefix("::notice ") })
    #expect(lines.count { $0.hasPrefix("::error ") } == 9 && lines.last?.contains("38 failed") == true)
    #expect(lines[0].hasPrefix("::error file=suite.yaml,title=p a \"b\""))
  }

  @Test("repeats show the chance of one and of all") func repeats() throws {
    var run = MadeRun()
    for test in 0..<4 {
      for repetition in 0..<3 {
        run.add("t\(test)", repetition < test ? "p" : "f", repetition: repetition)
        run.cells[run.cells.count - 1].row = test
      }
    }
    let text = try written(run, .markdown)
    #expect(text.contains("pass@3") && text.contains("50.0 % of 4"))
    #expect(text.contains("75.0 %") && text.contains("25.0 %"))
    #expect(try written(run, .csv).hasPrefix("Test,Repeat,"))
  }

  @Test("a run without cells is reported, too", arguments: ReportFormat.allCases) func empty(format: ReportFormat)
    throws
  {
    let text = try written(MadeRun(), format)
    #expect(text.contains("01made") || text.contains("suite.yaml") || format == .csv)
    if format == .json { #expect(try JSON.parse(text)["results"]?["results"]?.count == 0) }
    if format == .junit { #expect(try WellFormedXML(text).count("testsuites") == 1) }
  }

  @Test("a disk that is full is an error, and no half file stays") func fullDisk() throws {
    let directory = try TemporaryDirectory("report")
    let report = try RunReport(reportedRun().write(directory.file("results.jsonl")))
    #expect(throws: StorageError.self) { try ReportFormat.html.write(report, toFile: "/dev/full") }
    #expect(throws: StorageError.self) {
      try ReportFormat.html.write(report, toFile: directory.file("no/such/folder.html"))
    }
  }
}

/// Checks that tags are balanced and that text is escaped.
private struct WellFormedXML {
  private var tags: [String: Int] = [:]

  init(_ text: String) throws {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      try #require(!rest[..<start].contains(">"), "a > outside of a tag")
      let end = try #require(rest[start...].firstIndex(of: ">"))
      var tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        try #require(open.popLast() == tag.dropFirst(), "</\(tag)> closes another tag")
        continue
      }
      let isEmpty = tag.hasSuffix("/")
      if isEmpty { tag = tag.dropLast() }
      let name = tag.prefix { $0 != " " }
      try #require(tag.count { $0 == "\"" } % 2 == 0 && !tag.contains("<"), "\(tag)")
      tags[String(name), default: 0] += 1
      if !isEmpty { open.append(name) }
    }
    try #require(open.isEmpty)
  }

  func count(_ name: String) -> Int { tags[name] ?? 0 }
}
