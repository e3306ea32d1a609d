// Reads a log from a byte offset to its end, in blocks, one record at a time. Lines that do not hold (torn by a killed
// writer, damaged, too long) are skipped and counted, never an error: the records around them are still good.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A record as found in a log.
package struct LogRecord: Equatable, Sendable {
  /// The byte offset of its line in the file.
  package let offset: Int
  /// The line without its newline, the checksum still in it.
  package let line: [UInt8]

  package init(offset: Int, line: [UInt8]) {
    self.offset = offset
    self.line = line
  }

  /// The JSON object as it was appended, without the checksum.
  package var record: [UInt8] { RecordLine.decode(line[...]) ?? line }
}

/// The limits of both readers.
package struct RecordReading: Sendable {
  /// Bytes per read.
  package var blockSize = 1 << 16
  /// Bytes per read while a word is searched for.
  package var searchBlockSize = 1 << 18
  /// The longest line that is kept in memory, in bytes; longer ones are skipped.
  package var lineLimit = 256 << 20

  package init() {}
}

/// Gives the records of a log from the oldest to the newest.
package final class RecordReader {
  /// Lines so far that were not records. A torn last line counts while nothing follows it.
  package var skipped: Int { skippedLines + (endsTorn ? 1 : 0) }
  private var skippedLines = 0
  private var endsTorn = false
  private let file: Descriptor
  private let limits: RecordReading
  private var buffer: [UInt8]
  /// The unread bytes in `buffer`, where to look for a newline next, and the file offset of `buffer[0]`.
  private var start = 0
  private var end = 0
  private var scanned = 0
  private var base: Int
  private var isSkippingLine = false

  /// - Parameter offset: Where to begin, the offset of a line.
  package init(
    _ path: String, from offset: Int = 0, limits: RecordReading = RecordReading()
  ) throws(StorageError) {
    file = try Descriptor(opening: path, O_RDONLY)
    self.limits = limits
    base = offset
    buffer = [UInt8](repeating: 0, count: max(1, limits.blockSize))
  }

  /// The next whole record, nil at the end of the file as it is now. A later call sees what was appended since.
  package func next() throws(StorageError) -> LogRecord? {
    while true {
      if let newline = newline() {
        let line = start..<newline
        start = newline + 1
        scanned = start
        if isSkippingLine {
          isSkippingLine = false
          skippedLines += 1
        } else if let record = record(line) {
          return record
        }
        continue
      }
      if isSkippingLine || end - start > limits.lineLimit {
        isSkippingLine = true
        base += end
        (start, end, scanned) = (0, 0, 0)
      }
      if try !readBlock() { return lastLine() }
    }
  }

  /// What follows the last newline: a record when it holds, since only its newline is missing. Else it stays unread,
  /// for its writer may be at work still.
  private func lastLine() -> LogRecord? {
    let line = start..<end
    guard !isSkippingLine, isValid(line) else {
      endsTorn = isSkippingLine || !line.isEmpty
      return nil
    }
    start = end
    scanned = end
    return LogRecord(offset: base + line.lowerBound, line: Array(buffer[line]))
  }

  private func record(_ line: Range<Int>) -> LogRecord? {
    if line.isEmpty { return nil }
    guard isValid(line) else {
      skippedLines += 1
      return nil
    }
    return LogRecord(offset: base + line.lowerBound, line: Array(buffer[line]))
  }

  private func isValid(_ line: Range<Int>) -> Bool {
    line.count <= limits.lineLimit && RecordLine.isValid(buffer[line])
  }

  private func newline() -> Int? {
    let found: Int? = buffer.withUnsafeBytes { bytes in
      guard let origin = bytes.baseAddress, scanned < end,
        let hit = memchr(origin + scanned, 0x0A, end - scanned)
      else { return nil }
      return UnsafeRawPointer(hit) - origin
    }
    if found == nil { scanned = end }
    return found
  }

  /// Makes room and reads; false at the end of the file.
  private func readBlock() throws(StorageError) -> Bool {
    if start > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        guard let origin = bytes.baseAddress else { return }
        memmove(origin, origin + start, end - start)
      }
      base += start
      scanned -= start
      end -= start
      start = 0
    }
    if end == buffer.count {
      let more = max(1, min(buffer.count, limits.lineLimit + limits.blockSize - buffer.count))
      buffer.append(contentsOf: repeatElement(0, count: more))
    }
    let (offset, room) = (base + end, end)
    let count = try buffer.withMutableRaw { (bytes) throws(StorageError) in
      try file.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[room...]), at: offset)
    }
    if count == 0 { return false }
    end += count
    endsTorn = false
    return true
  }
}
