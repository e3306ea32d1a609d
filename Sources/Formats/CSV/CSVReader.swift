// Rows from a text that comes in pieces. A small state machine that is fed runs of bytes, not single ones: a table tells
// where a run ends. A character that is cut between two pieces waits for its rest, so that places are exact.

/// Reads rows from pieces of a text.
///
///     var reader = CSVReader(CSV.Options())
///     try reader.push(piece) { row in … }
///     try reader.finish { row in … }
package struct CSVReader: Sendable {
  private enum State { case fieldStart, plain, quoted, afterQuote }

  private let options: CSV.Options
  private var delimiter: UInt8
  /// Bytes that a run of plain text stops at, by value.
  private var stops = [Bool](repeating: false, count: 256)
  /// The text so far, while the delimiter is not known.
  private var head: [UInt8]?
  private var isStarted = false
  /// The start of a character whose rest has not come.
  private var cut: [UInt8] = []
  private var state = State.fieldStart
  private var isAfterReturn = false
  private var row = CSVRow()
  private var width: Int?

  private var line = 1
  /// Scalars on the current line in the pieces before.
  private var lineHead = 0
  /// Offset in the current piece at which its line starts.
  private var lineStart = 0
  /// Bytes in the pieces before.
  private var consumed = 0
  private var opening = SourcePosition(line: 1, column: 1, offset: 0)

  /// How much of a text is looked at to find its delimiter.
  static let sample = 1 << 14

  package init(_ options: CSV.Options = CSV.Options()) {
    self.options = options
    delimiter = options.delimiter ?? UInt8(ascii: ",")
    head = options.delimiter == nil ? [] : nil
    setStops()
  }

  private mutating func setStops() {
    for byte in [delimiter, UInt8(ascii: "\""), 0x0A, 0x0D] { stops[Int(byte)] = true }
  }

  /// Reads a piece of the text; calls `body` with each row that it completes.
  package mutating func push(
    _ bytes: [UInt8], _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard head != nil else { return try read(bytes, body) }
    head?.append(contentsOf: bytes)
    if let text = head, text.count >= CSVReader.sample { try readHead(text, body) }
  }

  /// Ends the text; calls `body` with the last row, if it was not ended by a line break.
  package mutating func finish(_ body: (CSVRow) throws(FormatError) -> Void) throws(FormatError) {
    if let text = head { try readHead(text, body) }
    guard cut.isEmpty else {
      throw FormatError("not UTF-8", at: position(at: 0, UnsafeBufferPointer(start: nil, count: 0)))
    }
    switch state {
    case .quoted:
      throw FormatError("the quote is not closed", hint: "the text ends before the closing quote", at: opening)
    case .fieldStart where row.ends.isEmpty: return
    case .fieldStart, .plain, .afterQuote:
      endField()
      try endRow(0, body)
    }
  }

  private mutating func readHead(
    _ text: [UInt8], _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    head = nil
    delimiter = CSVDelimiter.find(in: text)
    setStops()
    try read(text, body)
  }

  /// Reads whole characters; what is cut off at the end waits.
  private mutating func read(
    _ bytes: [UInt8], _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    var bytes = bytes
    if !cut.isEmpty {
      bytes = cut + bytes
      cut = []
    }
    if !isStarted {
      guard bytes.count >= 3 || bytes.first != 0xEF else {
        cut = bytes
        return
      }
      isStarted = !bytes.isEmpty
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
        bytes.removeFirst(3)
        consumed = 3
        row.position.offset = 3
      }
    }
    let bad = bytes.withUnsafeBytes { UTF8Validation.firstInvalid($0) }
    let end = bad ?? bytes.count
    try bytes.withUnsafeBufferPointer { (text) throws(FormatError) in
      try readRuns(text, end, body)
      if let bad, !CSVReader.isCut(text[bad...]) {
        throw FormatError("not UTF-8", hint: "save the file as UTF-8", at: position(at: bad, text))
      }
      lineHead = column(at: end, text) - 1
    }
    if let bad { cut = Array(bytes[bad...]) }
    lineStart = 0
    consumed += end
  }

  /// Whether `bytes` may be the start of a character.
  private static func isCut(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = bytes.first else { return false }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1
    return bytes.count < length && first <= 0xF4 && bytes.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
  }

  private mutating func readRuns(
    _ bytes: UnsafeBufferPointer<UInt8>, _ end: Int, _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    var at = 0
    while at < end {
      let byte = bytes[at]
      if isAfterReturn {
        isAfterReturn = false
        if byte == 0x0A {
          if state == .quoted { row.bytes.append(byte) } else { row.position.offset += 1 }
          at += 1
          lineStart = at
          continue
        }
      }
      switch state {
      case .fieldStart where byte == UInt8(ascii: "\""):
        state = .quoted
        opening = SourcePosition(line: line, column: 0, offset: consumed + at)
        at += 1
      case .fieldStart, .plain:
        state = .plain
        let stop = run(bytes, at, end)
        append(bytes, at, stop)
        at = stop
        if at < end { try endPlain(bytes, &at, body) }
      case .quoted:
        let stop = quotedRun(bytes, at, end)
        append(bytes, at, stop)
        at = stop
        guard at < end else { break }
        if bytes[at] == UInt8(ascii: "\"") {
          state = .afterQuote
          at += 1
        } else {
          row.bytes.append(bytes[at])
          setOpeningColumn(bytes)
          crossBreak(bytes[at], &at)
        }
      case .afterQuote:
        if byte == UInt8(ascii: "\"") {
          row.bytes.append(byte)
          state = .quoted
          at += 1
        } else if stops[Int(byte)] {
          try endPlain(bytes, &at, body)
        } else {
          throw FormatError(
            "text after a closing quote", hint: "quotes inside quotes are written twice", at: position(at: at, bytes))
        }
      }
      // A field counts as a byte, also an empty one.
      guard row.bytes.count + row.ends.count <= options.maximumRowSize else {
        throw FormatError(
          "a row is larger than \(options.maximumRowSize) bytes", hint: "is a quote in it not closed?", at: row.position
        )
      }
    }
    if state == .quoted || state == .afterQuote { setOpeningColumn(bytes) }
  }

  /// The column of the open quote, once; it is on the current line of this piece while it is 0.
  private mutating func setOpeningColumn(_ bytes: UnsafeBufferPointer<UInt8>) {
    if opening.column == 0 { opening.column = column(at: opening.offset - consumed, bytes) }
  }

  /// A plain field stops at `at`: at a delimiter, a line break or a quote.
  @inline(__always)
  private mutating func endPlain(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    let byte = bytes[at]
    if byte == delimiter {
      endField()
      at += 1
    } else if byte == UInt8(ascii: "\"") {
      guard options.allowsBareQuotes else {
        throw FormatError(
          "a quote inside a field without quotes", hint: "put the field in quotes and write the quote twice",
          at: position(at: at, bytes))
      }
      row.bytes.append(byte)
      at += 1
    } else {
      let isBlank = state == .plain && row.ends.isEmpty && row.bytes.isEmpty
      if !isBlank { endField() }
      state = .fieldStart
      crossBreak(byte, &at)
      if isBlank && options.skipsBlankLines { startRow(at) } else { try endRow(at, body) }
    }
  }

  @inline(__always)
  private mutating func crossBreak(_ byte: UInt8, _ at: inout Int) {
    at += 1
    line += 1
    lineStart = at
    lineHead = 0
    isAfterReturn = byte == 0x0D
  }

  @inline(__always)
  private mutating func endField() {
    row.ends.append(row.bytes.count)
    state = .fieldStart
  }

  private mutating func endRow(
    _ at: Int, _ body: (CSVRow) throws(FormatError) -> Void
  ) throws(FormatError) {
    let expected = width ?? row.count
    if row.count != expected, row.count > 0, options.raggedRows != .kept {
      guard options.raggedRows == .padded, row.count < expected else {
        throw FormatError(
          "\(row.count) \(row.count == 1 ? "field" : "fields") where the first row has \(expected)",
          hint: row.count > expected ? "text with the delimiter in it needs quotes" : "a quote may not be closed",
          at: row.position)
      }
      while row.count < expected { row.ends.append(row.bytes.count) }
    }
    if row.count > 0 { width = expected }
    try body(row)
    startRow(at)
  }

  private mutating func startRow(_ at: Int) {
    row.bytes.removeAll(keepingCapacity: true)
    row.ends.removeAll(keepingCapacity: true)
    row.position = SourcePosition(line: line, column: 1, offset: consumed + at)
  }

  @inline(__always)
  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ stop: Int) {
    if stop > start { row.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<stop])) }
  }

  @inline(__always)
  private func run(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    stops.withUnsafeBufferPointer { stops in
      var at = start
      while at < end, !stops[Int(bytes[at])] { at += 1 }
      return at
    }
  }

  @inline(__always)
  private func quotedRun(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end, bytes[at] != UInt8(ascii: "\""), bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
    return at
  }

  private func column(at index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var column = lineHead + 1
    for byte in bytes[min(lineStart, index)..<index] where byte & 0xC0 != 0x80 { column += 1 }
    return column
  }

  private func position(at index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> SourcePosition {
    SourcePosition(line: line, column: column(at: index, bytes), offset: consumed + index)
  }
}
