// Server-sent events (WHATWG HTML 9.2.6, "Interpreting an event stream"). A block's first data line and its event
// line stay where they are in the chunk; they are copied only when a second data line joins them or the chunk ends
// before the block does. Only new bytes are ever searched, so a huge event in small pieces costs linear time.

/// Cuts an event stream into events; a pure value without I/O.
package struct SSEParser {
  private enum Place {
    case none
    /// A range of the current chunk.
    case chunk(Range<Int>)
    /// In the buffer kept for it.
    case kept
  }

  private let maximumEventSize: Int
  /// The beginning of a line whose end has not come.
  private var carry: [UInt8] = []
  private var keptData: [UInt8] = []
  private var keptEvent: [UInt8] = []
  private var data = Place.none
  private var event = Place.none
  private var pendingID: String?
  private var lastID = ""
  private var retry: Int?
  /// The last chunk ended with CR: an LF that follows belongs to it.
  private var skipsLineFeed = false
  /// Bytes of the byte order mark seen so far; 3 once the beginning is past.
  private var markLength = 0

  /// - Parameter maximumEventSize: bytes of one event's data or of one line; more is an error.
  package init(maximumEventSize: Int = 64 << 20) {
    self.maximumEventSize = maximumEventSize
  }

  /// The last event ID in force.
  package var lastEventID: String { lastID }
  /// The reconnection time in force in milliseconds, when the server has named one.
  package var reconnectionTime: Int? { retry }

  /// Takes the next bytes and hands each event that is complete to `emit`.
  /// - Throws: `TransportError` of kind `.tooLarge`, and whatever `emit` throws; the parser is spent then.
  package mutating func push(_ chunk: [UInt8], _ emit: (Frame) throws -> Void) throws {
    try chunk.withUnsafeBytes { try push($0, emit) }
  }

  /// The same from memory that the caller owns.
  package mutating func push(_ chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void) throws {
    var start = 0
    if markLength < 3 { start = skipMark(chunk) }
    if skipsLineFeed, start < chunk.count {
      skipsLineFeed = false
      if chunk[start] == 0x0A { start += 1 }
    }
    var scanner = LineScanner(chunk)
    while start < chunk.count {
      let end = scanner.lineEnd(from: start)
      guard end < chunk.count else {
        try keep(chunk, from: start)
        return
      }
      if carry.isEmpty {
        try read(start..<end, of: chunk, emit)
      } else {
        try readCarried(with: UnsafeRawBufferPointer(rebasing: chunk[start..<end]), of: chunk, emit)
      }
      start = end + 1
      if chunk[end] == 0x0D {
        if start == chunk.count {
          skipsLineFeed = true
        } else if chunk[start] == 0x0A {
          start += 1
        }
      }
    }
    keepBlock(of: chunk)
  }

  // MARK: - Lines

  /// Reads a line that lies whole in the chunk.
  @inline(__always)
  private mutating func read(
    _ line: Range<Int>, of chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void
  ) throws {
    guard !line.isEmpty else { return try dispatch(chunk, emit) }
    let (field, value) = Self.split(line, of: chunk)
    switch field {
    case .data:
      guard case .none = data else {
        keepData(of: chunk)
        return try joinData(UnsafeRawBufferPointer(rebasing: chunk[value]))
      }
      guard value.count <= maximumEventSize else { throw tooLargeFrame("event", maximumEventSize) }
      data = .chunk(value)
    case .event: event = .chunk(value)
    case .other: readRare(UnsafeRawBufferPointer(rebasing: chunk[line]))
    }
  }

  /// Reads a line whose beginning came in earlier chunks.
  private mutating func readCarried(
    with rest: UnsafeRawBufferPointer, of chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void
  ) throws {
    try extendCarry(rest)
    var line: [UInt8] = []
    swap(&line, &carry)
    try line.withUnsafeBytes { bytes in
      let (field, value) = Self.split(0..<bytes.count, of: bytes)
      let text = UnsafeRawBufferPointer(rebasing: bytes[value])
      switch field {
      case .data:
        if case .none = data {
          keptData.append(contentsOf: text)
          data = .kept
        } else {
          keepData(of: chunk)
          try joinData(text)
        }
      case .event:
        keptEvent.removeAll(keepingCapacity: true)
        keptEvent.append(contentsOf: text)
        event = .kept
      case .other: readRare(bytes)
      }
    }
    // Its storage serves the next cut line, unless it is a burden.
    if line.capacity <= 1 << 20 {
      line.removeAll(keepingCapacity: true)
      carry = line
    }
  }

  private enum Field { case data, event, other }

  /// The field that a line names, and where its value lies, without one leading space.
  @inline(__always)
  private static func split(
    _ line: Range<Int>, of bytes: UnsafeRawBufferPointer
  ) -> (Field, Range<Int>) {
    let start = line.lowerBound
    if line.count >= 4, bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self) == dataWord {
      if let value = value(after: start + 4, line, bytes) { return (.data, value) }
    } else if line.count >= 5, bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self) == evenWord,
      bytes[start + 4] == 0x74
    {
      if let value = value(after: start + 5, line, bytes) { return (.event, value) }
    }
    return (.other, line)
  }

  private static let dataWord = UInt32(littleEndian: 0x6174_6164)
  private static let evenWord = UInt32(littleEndian: 0x6E65_7665)

  /// The value behind a field name that ends at `end`; `nil` when the name goes on.
  @inline(__always)
  private static func value(
    after end: Int, _ line: Range<Int>, _ bytes: UnsafeRawBufferPointer
  ) -> Range<Int>? {
    guard end < line.upperBound else { return end..<end }
    guard bytes[end] == 0x3A else { return nil }
    let start = end + 1
    let isSpaced = start < line.upperBound && bytes[start] == 0x20
    return (isSpaced ? start + 1 : start)..<line.upperBound
  }

  /// `id`, `retry`, comments and unknown fields.
  private mutating func readRare(_ line: UnsafeRawBufferPointer) {
    let all = 0..<line.count
    if line.starts(with: "id".utf8), let value = Self.value(after: 2, all, line) {
      guard !line[value].contains(0) else { return }
      pendingID = String(decoding: line[value], as: UTF8.self)
    } else if line.starts(with: "retry".utf8), let value = Self.value(after: 5, all, line) {
      guard !value.isEmpty, line[value].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return }
      // More digits than a number holds mean longer than anybody waits.
      retry = Int(String(decoding: line[value], as: UTF8.self)) ?? .max
    }
  }

  // MARK: - Blocks

  private mutating func dispatch(_ chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void) throws {
    if let id = pendingID {
      lastID = id
      pendingID = nil
    }
    defer {
      data = .none
      event = .none
    }
    switch data {
    case .none: return
    case .chunk(let range): try dispatch(UnsafeRawBufferPointer(rebasing: chunk[range]), chunk, emit)
    case .kept:
      // Taken out so that `emit` meets no exclusive access to the parser's own storage.
      var bytes: [UInt8] = []
      swap(&bytes, &keptData)
      try bytes.withUnsafeBytes { try dispatch($0, chunk, emit) }
      guard bytes.capacity <= 1 << 20 else { return }
      bytes.removeAll(keepingCapacity: true)
      keptData = bytes
    }
  }

  @inline(__always)
  private mutating func dispatch(
    _ data: UnsafeRawBufferPointer, _ chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void
  ) throws {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    switch event {
    case .none: try emit(Frame(data: data, event: none, id: lastID, retry: retry))
    case .chunk(let range):
      try emit(
        Frame(data: data, event: UnsafeRawBufferPointer(rebasing: chunk[range]), id: lastID, retry: retry))
    case .kept:
      try keptEvent.withUnsafeBytes { try emit(Frame(data: data, event: $0, id: lastID, retry: retry)) }
    }
  }

  // MARK: - Keeping what the chunk takes with it

  private mutating func joinData(_ text: UnsafeRawBufferPointer) throws {
    guard text.count < maximumEventSize - keptData.count else { throw tooLargeFrame("event", maximumEventSize) }
    keptData.append(0x0A)
    keptData.append(contentsOf: text)
  }

  private mutating func keepData(of chunk: UnsafeRawBufferPointer) {
    guard case .chunk(let range) = data else { return }
    keptData.append(contentsOf: chunk[range])
    data = .kept
  }

  private mutating func keepBlock(of chunk: UnsafeRawBufferPointer) {
    keepData(of: chunk)
    guard case .chunk(let range) = event else { return }
    keptEvent.removeAll(keepingCapacity: true)
    keptEvent.append(contentsOf: chunk[range])
    event = .kept
  }

  private mutating func keep(_ chunk: UnsafeRawBufferPointer, from start: Int) throws {
    keepBlock(of: chunk)
    try extendCarry(UnsafeRawBufferPointer(rebasing: chunk[start...]))
  }

  private mutating func extendCarry(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= maximumEventSize - carry.count else { throw tooLargeFrame("line", maximumEventSize) }
    carry.append(contentsOf: bytes)
  }

  /// Passes by one byte order mark at the very beginning, which may come in pieces.
  private mutating func skipMark(_ chunk: UnsafeRawBufferPointer) -> Int {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var start = 0
    while start < chunk.count, markLength < 3 {
      guard chunk[start] == mark[markLength] else {
        // No mark after all: what looked like one begins the first line.
        carry.append(contentsOf: mark[..<markLength])
        markLength = 3
        return start
      }
      start += 1
      markLength += 1
    }
    return start
  }
}
