// The forms in which a run is reported: a line of this table and a file each.

import Formats
import Storage

/// Writes one form of report, piece by piece.
protocol ReportWriter {
  static var order: CellGrid.Order { get }
  init(_ report: RunReport)
  mutating func begin(into output: inout [UInt8])
  mutating func add(_ row: ReportRow, into output: inout [UInt8])
  mutating func end(into output: inout [UInt8])
}

/// A form of report.
package enum ReportFormat: String, CaseIterable, Sendable {
  /// promptfoo's version 3.
  case json
  /// The cells as they are kept; a file that can be a baseline.
  case jsonl
  case csv
  case junit
  case markdown
  case html
  /// Workflow commands of GitHub Actions.
  case github

  private var writer: any ReportWriter.Type {
    switch self {
    case .json: JSONReport.self
    case .jsonl: JSONLinesReport.self
    case .csv: CSVReport.self
    case .junit: JUnitReport.self
    case .markdown: MarkdownReport.self
    case .html: HTMLReport.self
    case .github: GitHubAnnotations.self
    }
  }

  /// The form that a file's name asks for; nil where it is none of them.
  package init?(fileName: String) {
    let name = fileName.lowercased()
    let endings: [(String, ReportFormat)] = [
      (".json", .json), (".jsonl", .jsonl), (".csv", .csv), (".xml", .junit), (".md", .markdown),
      (".markdown", .markdown), (".html", .html), (".htm", .html),
    ]
    guard let found = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
    self = found.1
  }

  /// What file names may end in, for people.
  package static let endings = ".json, .jsonl, .csv, .xml (JUnit), .md or .html"

  /// Writes a report to `sink` in pieces. Blocks on the disk.
  package func write(
    _ report: RunReport, to sink: ([UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) {
    try ReportFormat.write(writer, report, to: sink)
  }

  private static func write<Writer: ReportWriter>(
    _ type: Writer.Type, _ report: RunReport, to sink: ([UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) {
    var writer = Writer(report)
    var buffer: [UInt8] = []
    writer.begin(into: &buffer)
    try CellGrid(report.table, Writer.order).forEach { (row) throws(StorageError) in
      writer.add(row, into: &buffer)
      if buffer.count >= 1 << 16 {
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    writer.end(into: &buffer)
    try sink(buffer)
  }

  /// Writes a report to a file that appears whole or not at all.
  package func write(_ report: RunReport, toFile path: String) throws(StorageError) {
    let file = try AtomicFile(path)
    try write(report) { (bytes) throws(StorageError) in try file.write(bytes) }
    try file.commit()
  }
}
