// The run as workflow commands of GitHub Actions, which show failures beside the suite's file (docs.github.com, "Workflow
// commands for GitHub Actions"). GitHub shows ten errors and ten warnings of a step; the rest is counted in one notice.

import Formats

struct GitHubAnnotations: ReportWriter {
  static let order = CellGrid.Order.rows
  private static let most = 9
  private let report: RunReport
  private var failures = 0
  private var errors = 0

  init(_ report: RunReport) { self.report = report }

  func begin(into output: inout [UInt8]) {
    for column in report.baseline?.columns ?? [] {
      let command = column.outcome == .worse ? "error" : column.outcome == .undecided ? "warning" : "notice"
      write(command, title: "baseline", column.text, &output)
    }
  }

  mutating func add(_ row: ReportRow, into output: inout [UInt8]) {
    for cell in row.cells {
      let result = cell.result
      let name = result.description ?? RunReport.name(of: result)
      let title = "\(report.names[cell.column]): \(String(name.prefix(100)))"
      switch result.outcome {
      case .pass: continue
      case .fail:
        failures += 1
        if failures <= GitHubAnnotations.most { write("error", title: title, result.reason, &output) }
      case .error:
        errors += 1
        if errors <= GitHubAnnotations.most {
          write("warning", title: title, "error: \(result.error?.message ?? "")", &output)
        }
      }
    }
  }

  func end(into output: inout [UInt8]) {
    write("notice", title: report.title, report.countsLine, &output)
  }

  private func write(_ command: String, title: String, _ message: String, _ output: inout [UInt8]) {
    var properties = ""
    if let suite = report.summary.head.suite { properties += "file=\(escaped(suite, isProperty: true))," }
    properties += "title=\(escaped(title, isProperty: true))"
    output += "::\(command) \(properties)::\(escaped(message.isEmpty ? title : message, isProperty: false))\n".utf8
  }

  private func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
