// A run as statistics see it: for each test and column how often it passed and what it scored. About 60 bytes a cell, so
// that a million cells fit easily; texts stay in the file and are found again by their offset.

import Formats
import Storage

/// The verdicts of a run by test and column. Repeats of a test are taken together: they are no evidence of their own.
package struct RunTable: Sendable {
  /// What the repeats of one test in one column say.
  package struct Unit: Sendable, Equatable {
    package var passes: UInt32 = 0
    package var judged: UInt32 = 0
    package var errors: UInt32 = 0
    package var scores = 0.0
    /// Of all its cells together: equal in two runs where the same was asked and judged.
    package var identity: UInt64 = 0
    /// Of the line of one of its cells; −1 without any.
    package var offset = -1

    package var passShare: Double { Double(passes) / Double(judged) }
    package var meanScore: Double { scores / Double(judged) }
  }

  package let path: String
  package let head: ResultsHead
  /// Those of the suite first, in its order.
  package private(set) var columns: [ResultsHead.Column]
  /// Lines that could not be read.
  package private(set) var skipped = 0
  /// By column, then by test.
  private var units: [[Unit]]
  private var tests = HashIndex()
  /// The cluster of a test; empty where the suite has none.
  private var clusters: [String] = []
  /// Offsets of lines that a later line of the same cell replaces.
  let superseded: Set<Int>

  package var testCount: Int { tests.count }

  /// Reads a file of results. A cell that stands there twice counts as its later line says. Blocks on the disk.
  ///
  /// - Parameter cluster: The name of a variable or of a metadata entry; tests with the same value are one cluster.
  package init(_ path: String, cluster: String? = nil) throws(StorageError) {
    let records = try RecordReader(path)
    guard let first = try records.next(), let json = try? JSON.parse(first.record) else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
    }
    self.path = path
    head = try ResultsHead(json, path: path)
    columns = head.columns
    units = []
    var parser = JSONParser()
    var cells = Cells(columns: columns)
    var rows: [UInt32] = []
    while let record = try records.next() {
      guard let glance = CellGlance(record.line, &parser) else { continue }
      let test = tests.place(of: glance.test)
      if test == rows.count { rows.append(UInt32(clamping: glance.row)) }
      cells.add(glance, test: test, offset: record.offset)
      if let cluster, test >= clusters.count {
        clusters.append(RunTable.cluster(cluster, of: record, &parser))
      }
    }
    skipped = records.skipped
    columns = cells.columns
    superseded = cells.superseded
    units = cells.units(tests: tests.count)
    sort(by: rows)
  }

  /// Puts the tests into the order of the suite. They stand in the file as they ended, and what is resampled would hang on
  /// that: the same answers are to have the same figures, whoever was first and however many machines there were.
  private mutating func sort(by rows: [UInt32]) {
    guard zip(rows, rows.dropFirst()).contains(where: { $0 > $1 }) else { return }
    let order = rows.indices.sorted { (rows[$0], $0) < (rows[$1], $1) }
    var sorted = HashIndex()
    for test in order { _ = sorted.place(of: tests.keys[test]) }
    tests = sorted
    units = units.map { column in order.map { column[$0] } }
    if !clusters.isEmpty { clusters = order.map { clusters[$0] } }
  }

  package func unit(test: Int, column: Int) -> Unit { units[column][test] }

  /// The place of a test of another table in this one.
  package func test(_ test: Int, of other: RunTable) -> Int? { tests.find(other.tests.keys[test]) }

  /// The cluster of a test; nil where it is one of its own.
  package func cluster(of test: Int) -> String? {
    test < clusters.count && !clusters[test].isEmpty ? clusters[test] : nil
  }

  private static func cluster(_ name: String, of record: LogRecord, _ parser: inout JSONParser) -> String {
    let json = record.record.withUnsafeBytes { try? parser.parse($0) }
    guard let value = json?["metadata"]?[name] ?? json?["vars"]?[name], !value.isNull else { return "" }
    return value.string ?? value.text
  }

  /// Reads the cell of a unit again; nil where the file has changed meanwhile.
  package func cell(test: Int, column: Int) throws(StorageError) -> CellResult? {
    let offset = units[column][test].offset
    guard offset >= 0 else { return nil }
    var limits = RecordReading()
    limits.blockSize = 1 << 13
    let record = try RecordReader(path, from: offset, limits: limits).next()
    return record.flatMap { try? JSON.parse($0.record) }.flatMap(CellResult.init)
  }
}

/// The cells of a run while it is read: one that comes again replaces the earlier.
private struct Cells {
  private(set) var columns: [ResultsHead.Column]
  private var texts: [[UInt8]]
  private var ids = HashIndex()
  private var tests: [UInt32] = []
  private var places: [UInt16] = []
  private var outcomes: [CellResult.Outcome] = []
  private var scores: [Double] = []
  private var offsets: [Int] = []
  private var last = 0
  private(set) var superseded: Set<Int> = []

  init(columns: [ResultsHead.Column]) {
    self.columns = columns
    texts = columns.map { CellGlance.column(prompt: $0.prompt, provider: $0.provider) }
  }

  mutating func add(_ glance: CellGlance, test: Int, offset: Int) {
    let cell = ids.place(of: glance.key)
    let column = UInt16(clamping: place(of: glance.column))
    if cell == outcomes.count {
      tests.append(UInt32(clamping: test))
      places.append(column)
      outcomes.append(glance.outcome)
      scores.append(glance.score)
      offsets.append(offset)
    } else {
      superseded.insert(offsets[cell])
      (outcomes[cell], scores[cell], offsets[cell]) = (glance.outcome, glance.score, offset)
    }
  }

  /// Cells come column by column or in turn: the last column and its successor are looked at first.
  private mutating func place(of column: ArraySlice<UInt8>) -> Int {
    for step in 0..<texts.count {
      let place = (last + step) % texts.count
      if texts[place].count == column.count, texts[place].elementsEqual(column) {
        last = place
        return place
      }
    }
    let pair = try? JSON.parse("{\"prompt\":" + String(decoding: column, as: UTF8.self) + "}")
    columns.append(
      ResultsHead.Column(
        prompt: pair?["prompt"]?.string ?? "", provider: pair?["provider"]?.string ?? "", text: ""))
    texts.append(Array(column))
    return texts.count - 1
  }

  func units(tests count: Int) -> [[RunTable.Unit]] {
    var units = columns.map { _ in [RunTable.Unit](repeating: RunTable.Unit(), count: count) }
    for cell in outcomes.indices {
      let (column, test) = (Int(places[cell]), Int(tests[cell]))
      units[column][test].offset = offsets[cell]
      // A sum, not an exclusive or: two equal ids must not vanish.
      units[column][test].identity &+= ids.keys[cell] | 1
      switch outcomes[cell] {
      case .pass:
        units[column][test].passes += 1
        units[column][test].judged += 1
        units[column][test].scores += scores[cell]
      case .fail:
        units[column][test].judged += 1
        units[column][test].scores += scores[cell]
      case .error: units[column][test].errors += 1
      }
    }
    return units
  }
}
