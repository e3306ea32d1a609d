// Lines of JSON (NDJSON): LF ends a line, one CR before it belongs to the end, blank lines are passed by. A line that
// lies whole in the chunk is handed out in place.

/// Cuts a body into lines; a pure value without I/O.
package struct NDJSONParser {
  private let maximumLineSize: Int
  private var carry: [UInt8] = []

  /// - Parameter maximumLineSize: bytes; a longer line is an error.
  package init(maximumLineSize: Int = 64 << 20) {
    self.maximumLineSize = maximumLineSize
  }

  /// Takes the next bytes and hands each line that is complete to `emit`.
  /// - Throws: `TransportError` of kind `.tooLarge`, and whatever `emit` throws; the parser is spent then.
  package mutating func push(_ chunk: [UInt8], _ emit: (Frame) throws -> Void) throws {
    try chunk.withUnsafeBytes { try push($0, emit) }
  }

  /// The same from memory that the caller owns.
  package mutating func push(_ chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void) throws {
    var start = 0
    var scanner = LineScanner(chunk)
    while start < chunk.count {
      let end = scanner.lineFeed(from: start)
      let piece = UnsafeRawBufferPointer(rebasing: chunk[start..<end])
      guard piece.count <= maximumLineSize - carry.count else { throw tooLargeFrame("line", maximumLineSize) }
      if end == chunk.count {
        carry.append(contentsOf: piece)
      } else if carry.isEmpty {
        try Self.emitLine(piece, emit)
      } else {
        carry.append(contentsOf: piece)
        try emitCarried(emit)
      }
      start = end + 1
    }
  }

  /// Tells that the body has ended: a last line without its newline is a line too.
  package mutating func finish(_ emit: (Frame) throws -> Void) throws {
    try emitCarried(emit)
  }

  private mutating func emitCarried(_ emit: (Frame) throws -> Void) throws {
    var line: [UInt8] = []
    swap(&line, &carry)
    try line.withUnsafeBytes { try Self.emitLine($0, emit) }
    guard line.capacity <= 1 << 20 else { return }
    line.removeAll(keepingCapacity: true)
    carry = line
  }

  private static func emitLine(_ line: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void) throws {
    let bare = line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
    guard bare.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
    try emit(Frame(data: bare))
  }
}
