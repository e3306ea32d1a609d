// The HTML page, in a real browser where there is one.

import Formats
import Foundation
import Storage
import Support
import Testing

@testable import Evals

/// Chromium under one of its names; nil where there is none.
private let browser: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

@Suite("the HTML page", .serialized) struct HTMLTests {
  @Test("it loads nothing from elsewhere, and no text of a model is markup") func selfContained() throws {
    let page = try written(reportedRun(), .html)
    for word in ["http:", "https:", "//cdn", "@import", "url(", " src=", "<link", "fetch(", "XMLHttpRequest"] {
      #expect(!page.contains(word), "\(word)")
    }
    #expect(page.contains("default-src 'none'"))
    // Three scripts begin and end: columns, rows, the program.
    #expect(page.components(separatedBy: "<script").count == 4)
    #expect(page.components(separatedBy: "</script").count == 4)
    #expect(!page.contains("<!--") && !page.contains("<d>"))
    #expect(page.contains("<svg") && page.contains("class=\"range\""))
  }

  @Test("a very long answer is cut in the page") func longAnswer() throws {
    var run = MadeRun()
    run.add("t", "p", output: String(repeating: "é", count: 3_000_000))
    #expect(try written(run, .html).utf8.count < 200_000)
  }

  /// The page after its script has run, as HTML.
  private func render(_ run: MadeRun, _ view: String) async throws -> String {
    let path = try #require(browser)
    let directory = try TemporaryDirectory("page")
    _ = try directory.write("page.html", written(run, .html))
    let output = directory.file("dom.html")
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--user-data-dir=\(directory.file("profile"))", "--virtual-time-budget=5000", "--dump-dom",
      "file://\(directory.file("page.html"))#\(view)",
    ]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch { done.resume(throwing: error) }
    }
    return try #require(directory.text("dom.html"))
  }

  @Test(
    "ten thousand rows: only what is on the screen is drawn, the filter and the order hold, a row shows its differences",
    .enabled(if: browser != nil, "needs chromium (apt-get install chromium)"))
  func inBrowser() async throws {
    var run = MadeRun([("p", "A"), ("p", "B")])
    for index in 0..<10_000 {
      for column in 0...1 {
        let isFailed = index % 100 == 7 && column == 1
        run.add(
          "t\(index)", column: column, isFailed ? "f" : "p", score: isFailed ? 0.5 : 1,
          vars: ["q": .string("question \(index) \(hostileTag)")],
          output: column == 0 ? "the small red house \(hostileTag)" : "the large red house \(hostileTag)")
        run.cells[run.cells.count - 1].row = index
      }
    }
    let all = try await render(run, "")
    #expect(all.contains(">10000 rows<"))
    #expect((10...60).contains(all.components(separatedBy: "data-row=").count - 1))
    #expect(all.contains("data-milliseconds="))

    let view = try await render(run, "show=failed&query=question+77&sort=-1&open=7708")
    // 7, 107, …: of the failed ones, those with "question 77" are 7707 alone.
    #expect(view.contains(">1 of 10000 rows<"))
    #expect(view.contains("data-row=\"7708\""))
    #expect(view.contains("<del>small</del><ins>large</ins>"))
    #expect(view.contains("&lt;img src=x&gt;") && !view.contains("<img"))
  }
}

private let hostileTag = "<img src=x>"
