// The run as JUnit XML, which every CI system shows: a suite for each column, a case for each test. An error is an
// `error`, a failed assertion a `failure`.

import Formats

struct JUnitReport: ReportWriter {
  static let order = CellGrid.Order.columns
  private let report: RunReport
  private var open: Int?

  init(_ report: RunReport) { self.report = report }

  func begin(into output: inout [UInt8]) {
    let summary = report.summary
    let count = summary.passes + summary.failures + summary.errors
    output += #"<?xml version="1.0" encoding="UTF-8"?>"#.utf8
    output += "\n<testsuites".utf8
    attribute("name", report.title, &output)
    attribute("tests", String(count), &output)
    attribute("failures", String(summary.failures), &output)
    attribute("errors", String(summary.errors), &output)
    if let duration = summary.duration { attribute("time", Figures.fixed(duration, 3), &output) }
    output += ">\n".utf8
  }

  mutating func add(_ row: ReportRow, into output: inout [UInt8]) {
    for cell in row.cells {
      if open != cell.column { beginSuite(cell.column, &output) }
      add(cell.result, row, &output)
    }
  }

  mutating func end(into output: inout [UInt8]) {
    if open != nil { output += "  </testsuite>\n".utf8 }
    output += "</testsuites>\n".utf8
  }

  private mutating func beginSuite(_ column: Int, _ output: inout [UInt8]) {
    if open != nil { output += "  </testsuite>\n".utf8 }
    open = column
    output += "  <testsuite".utf8
    attribute("name", report.names[column], &output)
    if column < report.summary.columns.count {
      let sums = report.summary.columns[column]
      attribute("tests", String(sums.cells), &output)
      attribute("failures", String(sums.failures), &output)
      attribute("errors", String(sums.errors), &output)
      attribute("time", Figures.fixed(sums.latencySum, 3), &output)
    }
    attribute("timestamp", report.summary.head.time, &output)
    output += ">\n".utf8
  }

  private func add(_ cell: CellResult, _ row: ReportRow, _ output: inout [UInt8]) {
    output += "    <testcase".utf8
    let name = cell.description ?? cell.test
    let repeats = report.figures.contains { $0.repeats > 1 }
    attribute("name", "\(row.row + 1) \(name)" + (repeats ? " (\(cell.repetition + 1))" : ""), &output)
    attribute("classname", "\(cell.provider) \(cell.prompt)", &output)
    if let latency = cell.latency { attribute("time", Figures.fixed(latency, 3), &output) }
    if cell.outcome == .pass {
      output += "/>\n".utf8
      return
    }
    output += ">\n      ".utf8
    let tag = cell.outcome == .fail ? "failure" : "error"
    output += "<\(tag)".utf8
    attribute("message", cell.error?.message ?? cell.reason, &output)
    attribute("type", cell.error?.kind ?? cell.assertions.first { !$0.pass }?.kind ?? "assertion", &output)
    output.append(UInt8(ascii: ">"))
    Markup.append(cell.output.isNull ? "" : cell.output.string ?? cell.output.text, to: &output)
    output += "</\(tag)>\n    </testcase>\n".utf8
  }

  private func attribute(_ name: StaticString, _ value: String, _ output: inout [UInt8]) {
    output += " \(name)=\"".utf8
    Markup.append(value, to: &output)
    output.append(UInt8(ascii: "\""))
  }
}

/// Text inside XML or HTML, in an element or in an attribute with double quotes.
enum Markup {
  /// Escapes what has a meaning there; what XML 1.0 §2.2 allows nowhere becomes U+FFFD.
  static func append(_ text: String, to output: inout [UInt8]) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": output += "&lt;".utf8
      case ">": output += "&gt;".utf8
      case "&": output += "&amp;".utf8
      case "\"": output += "&quot;".utf8
      case "\n": output += "&#10;".utf8
      case "\t": output += "&#9;".utf8
      case "\r": output += "&#13;".utf8
      default:
        let isAllowed = scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE
        output += (isAllowed ? String(scalar) : "\u{FFFD}").utf8
      }
    }
  }
}
