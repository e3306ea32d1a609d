// JSON Lines (one JSON value a line) from a text that comes in pieces. Only a line that is cut between pieces is copied;
// a bad line is told by its number and the place in it, and the lines after it can still be read.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One line of JSON Lines that is not blank.
package struct JSONLine: Sendable {
  /// From 1; blank lines count.
  package var number: Int
  /// Byte offset of the line in the text.
  package var offset: Int
  /// The value (its positions are those within the line), or what is wrong with its place in the whole text.
  package var result: Result<JSON, FormatError>
}

/// Reads JSON Lines from pieces of a text.
///
///     var reader = JSONLinesReader()
///     try reader.push(piece) { line in … }
///     try reader.finish { line in … }
package struct JSONLinesReader: Sendable {
  package struct Options: Sendable {
    package var json: JSON.Options
    /// Of a line, in bytes.
    package var maximumLineSize: Int
    /// A bad line is given to the caller as a failure and the reading goes on; otherwise it is thrown.
    package var reportsBadLines: Bool

    package init(json: JSON.Options = .wire, maximumLineSize: Int = 1 << 26, reportsBadLines: Bool = false) {
      self.json = json
      self.maximumLineSize = maximumLineSize
      self.reportsBadLines = reportsBadLines
    }
  }

  private let options: Options
  private var parser: JSONParser
  /// The start of a line whose end has not come.
  private var partial: [UInt8] = []
  /// The rest of the line is too long and is skipped.
  private var isSkipping = false
  /// Bytes of the current line so far.
  private var lineSize = 0
  private var number = 1
  private var offset = 0

  package init(_ options: Options = Options()) {
    self.options = options
    parser = JSONParser(options.json)
  }

  /// Reads a piece; calls `body` with each line that it completes.
  package mutating func push(
    _ bytes: [UInt8], _ body: (JSONLine) throws(FormatError) -> Void
  ) throws(FormatError) {
    var start = 0
    while let end = JSONLinesReader.lineFeed(in: bytes, from: start) {
      if partial.isEmpty {
        lineSize += end - start
        try read(bytes, start..<end, body)
      } else {
        try append(bytes[start..<end], body)
        let line = partial
        partial.removeAll(keepingCapacity: true)
        try read(line, 0..<line.count, body)
      }
      isSkipping = false
      number += 1
      offset += lineSize + 1
      lineSize = 0
      start = end + 1
    }
    try append(bytes[start...], body)
  }

  /// Ends the text; the last line needs no line feed.
  package mutating func finish(_ body: (JSONLine) throws(FormatError) -> Void) throws(FormatError) {
    let line = partial
    partial = []
    try read(line, 0..<line.count, body)
  }

  private mutating func append(
    _ bytes: ArraySlice<UInt8>, _ body: (JSONLine) throws(FormatError) -> Void
  ) throws(FormatError) {
    lineSize += bytes.count
    guard !isSkipping else { return }
    guard partial.count + bytes.count <= options.maximumLineSize else {
      partial = []
      return try refuseSize(body)
    }
    partial.append(contentsOf: bytes)
  }

  private mutating func refuseSize(_ body: (JSONLine) throws(FormatError) -> Void) throws(FormatError) {
    isSkipping = true
    let position = SourcePosition(line: number, column: 1, offset: offset)
    try give(.failure(FormatError("the line is larger than \(options.maximumLineSize) bytes", at: position)), body)
  }

  private mutating func read(
    _ bytes: [UInt8], _ range: Range<Int>, _ body: (JSONLine) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard !isSkipping else { return }
    guard range.count <= options.maximumLineSize else { return try refuseSize(body) }
    guard bytes[range].contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
    // The error leaves the closure as a value: a closure that throws would throw `any Error`.
    let result: Result<JSON, FormatError> = bytes.withUnsafeBytes { all in
      do throws(FormatError) { return .success(try parser.parse(UnsafeRawBufferPointer(rebasing: all[range]))) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success: try give(result, body)
    case .failure(var error):
      error.position.line = number
      error.position.offset += offset
      try give(.failure(error), body)
    }
  }

  private func give(
    _ result: Result<JSON, FormatError>, _ body: (JSONLine) throws(FormatError) -> Void
  ) throws(FormatError) {
    if case .failure(let error) = result, !options.reportsBadLines { throw error }
    try body(JSONLine(number: number, offset: offset, result: result))
  }

  private static func lineFeed(in bytes: [UInt8], from start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    return bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress, let found = memchr(base + start, 0x0A, all.count - start) else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }
}
