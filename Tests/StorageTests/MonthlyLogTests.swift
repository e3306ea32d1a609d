// Which month a record goes to, and which files are months.

import Storage
import Testing

@Suite struct MonthlyLogTests {
  @Test("records go to the file of their month in UTC, and months are listed newest first")
  func months() async throws {
    let directory = try TemporaryDirectory()
    let log = MonthlyLog(directory: directory("logs"))
    #expect(try log.months().isEmpty)
    let times = [
      "2026-10-31T23:59:59.999Z", "2026-11-01T00:00:00Z", "2025-12-15T12:00:00Z", "2026-11-02T00:00:00+02:00",
    ]
    for text in times {
      try log.append(bytes("{\"at\":\"\(text)\"}"), at: try #require(Timestamp(rfc3339: text)))
    }
    try await log.flush()
    let months = try log.months()
    #expect(months.map { "\($0.year)-\($0.month)" } == ["2026-11", "2026-10", "2025-12"])
    #expect(try Files.list(directory("logs")) == ["2025-12.jsonl", "2026-10.jsonl", "2026-11.jsonl"])
    #expect(try readForward(log.path(months[0])).records.count == 2)
  }

  @Test("other files in the directory are not months")
  func others() throws {
    let directory = try TemporaryDirectory()
    for name in ["2026-13.jsonl", "2026-1.jsonl", "2026-01.jsonl.gz", "notes.jsonl", "2026-00.jsonl"] {
      try Files.replace(directory(name), [])
    }
    #expect(try MonthlyLog(directory: directory.path).months().isEmpty)
  }
}
