// What the statistics need of a cell, read off the beginning of its line without a JSON tree: a million lines are read in
// seconds. A line that is not written as expected is parsed as a whole instead.

import Formats
import Models

/// A cell's place and verdict.
struct CellGlance {
  /// Of the id; equal cells of two runs have equal ones.
  var key: UInt64
  /// Of the test's id.
  var test: UInt64
  var row: Int
  var repetition: Int
  /// Prompt and provider as they stand in the line, quotes included: `"prompt":"a","provider":"b"` less the names.
  var column: ArraySlice<UInt8>
  var outcome: CellResult.Outcome
  var score: Double

  /// nil where the line is none of a cell.
  init?(_ line: [UInt8], _ parser: inout JSONParser) {
    if let quick = CellGlance(quick: line) {
      self = quick
      return
    }
    let json = line.withUnsafeBytes { try? parser.parse($0) }
    guard let json, let cell = CellResult(json), let key = CellKey(cell.id) else { return nil }
    self.init(
      key: key, test: CellGlance.quoted(cell.test)[...],
      row: cell.row, repetition: cell.repetition,
      column: CellGlance.column(prompt: cell.prompt, provider: cell.provider)[...], outcome: cell.outcome,
      score: cell.score)
  }

  private init(
    key: CellKey, test: ArraySlice<UInt8>, row: Int, repetition: Int, column: ArraySlice<UInt8>,
    outcome: CellResult.Outcome, score: Double
  ) {
    self.key = key.high ^ key.low
    self.test = CellGlance.hash(test)
    self.row = row
    self.repetition = repetition
    self.column = column
    self.outcome = outcome
    self.score = score
  }

  private init?(quick line: [UInt8]) {
    guard let key = CellKey(line: line) else { return nil }
    var scanner = LineScanner(line, at: CellGlance.idLength)
    guard scanner.skip(#","test":"#), let test = scanner.string(), scanner.skip(#","row":"#), let row = scanner.int(),
      scanner.skip(#","prompt":"#), let prompt = scanner.string(), scanner.skip(#","provider":"#),
      let provider = scanner.string()
    else { return nil }
    var repetition = 0
    if scanner.skip(#","repeat":"#) {
      guard let number = scanner.int() else { return nil }
      repetition = number
    }
    if scanner.skip(#","description":"#), scanner.string() == nil { return nil }
    guard scanner.skip(#","outcome":"#), let outcome = scanner.string(), scanner.skip(#","score":"#),
      let score = scanner.number().flatMap({ Double(String(decoding: line[$0], as: UTF8.self)) })
    else { return nil }
    let verdict: CellResult.Outcome
    switch line[outcome.lowerBound + 1] {
    case UInt8(ascii: "p"): verdict = .pass
    case UInt8(ascii: "f"): verdict = .fail
    case UInt8(ascii: "e"): verdict = .error
    default: return nil
    }
    self.init(
      key: key, test: line[test], row: row, repetition: repetition,
      column: line[prompt.lowerBound..<provider.upperBound], outcome: verdict,
      score: score)
  }

  /// A column as it stands in a line.
  static func column(prompt: String, provider: String) -> [UInt8] {
    quoted(prompt) + #","provider":"#.utf8 + quoted(provider)
  }

  /// 64 bits of the test's id as it stands in a line; two of a million ids are the same with a chance of 1 in 3·10⁷.
  static func hash(test: String) -> UInt64 { hash(quoted(test)[...]) }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  private static func quoted(_ text: String) -> [UInt8] {
    var writer = JSONWriter(capacity: text.utf8.count + 2)
    writer.string(text)
    return writer.bytes
  }

  /// `{"id":"` and 32 digits and the quote.
  private static let idLength = 7 + 32 + 1
}

/// Steps over the pieces of a line of JSON whose form is known.
private struct LineScanner {
  private let line: [UInt8]
  private var at: Int

  init(_ line: [UInt8], at start: Int) {
    self.line = line
    at = start
  }

  mutating func skip(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard line.count - at >= count else { return false }
    for index in 0..<count where line[at + index] != text.utf8Start[index] { return false }
    at += count
    return true
  }

  /// The range of a string with its quotes.
  mutating func string() -> Range<Int>? {
    guard at < line.count, line[at] == UInt8(ascii: "\"") else { return nil }
    var place = at + 1
    while place < line.count {
      if line[place] == UInt8(ascii: "\"") {
        let range = at..<place + 1
        at = place + 1
        return range
      }
      place += line[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// A whole number that is not negative.
  mutating func int() -> Int? {
    guard let range = number(), range.count < 19 else { return nil }
    var value = 0
    for byte in line[range] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  /// The range of a number.
  mutating func number() -> Range<Int>? {
    var place = at
    while place < line.count, line[place] != UInt8(ascii: ","), line[place] != UInt8(ascii: "}") { place += 1 }
    guard place > at else { return nil }
    let range = at..<place
    at = place
    return range
  }
}
