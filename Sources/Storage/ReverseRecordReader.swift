// Reads a log from its end to its beginning, in blocks: the newest records of a long log cost what they are long.
// Skips and counts what `RecordReader` skips and counts, so one is the other reversed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Gives the records of a log from the newest, as of opening, to the oldest.
package final class ReverseRecordReader {
  /// Lines that were not records.
  package private(set) var skipped = 0
  private let file: Descriptor
  private let limits: RecordReading
  /// Bytes of the file from `base`; all before `end` unread. No newline from `scanned` to `end`.
  private var buffer: [UInt8] = []
  private var base: Int
  private var end = 0
  private var scanned = 0
  private var isSkippingLine = false
  private var isFinished = false

  package init(_ path: String, limits: RecordReading = RecordReading()) throws(StorageError) {
    file = try Descriptor(opening: path, O_RDONLY)
    self.limits = limits
    base = try file.status().size
  }

  /// The next older whole record, nil at the beginning of the file.
  package func next() throws(StorageError) -> LogRecord? {
    while !isFinished {
      if let newline = newline() {
        let line = (newline + 1)..<end
        end = newline
        scanned = end
        if isSkippingLine {
          isSkippingLine = false
          skipped += 1
        } else if let record = record(line) {
          return record
        }
        continue
      }
      if isSkippingLine || end > limits.lineLimit {
        isSkippingLine = true
        (end, scanned) = (0, 0)
      }
      if base > 0 {
        try readBlock()
        continue
      }
      isFinished = true
      if isSkippingLine {
        skipped += 1
      } else if let record = record(0..<end) {
        return record
      }
    }
    return nil
  }

  private func record(_ range: Range<Int>) -> LogRecord? {
    if range.isEmpty { return nil }
    let line = buffer[range]
    guard line.count <= limits.lineLimit, RecordLine.isValid(line) else {
      skipped += 1
      return nil
    }
    return LogRecord(offset: base + range.lowerBound, line: Array(line))
  }

  /// The last newline before `scanned`.
  private func newline() -> Int? {
    let found = buffer.withUnsafeBytes { bytes in
      var index = scanned - 1
      while index >= 0, bytes[index] != 0x0A { index -= 1 }
      return index
    }
    scanned = max(found, 0)
    return found >= 0 ? found : nil
  }

  /// Reads the block before `base` in front of the unread bytes. Blocks grow with what is unread, so that a long line
  /// is moved a few times and not once per block.
  private func readBlock() throws(StorageError) {
    let count = min(base, max(1, limits.blockSize, min(end, limits.lineLimit)))
    var block = [UInt8](repeating: 0, count: count)
    let offset = base - count
    let got = try block.withMutableRaw { (bytes) throws(StorageError) in try file.fill(bytes, at: offset) }
    guard got == count else { throw StorageError(path: file.path, operation: .read, kind: .corrupt(offset: base)) }
    if end > 0 { block.append(contentsOf: buffer[..<end]) }
    buffer = block
    base = offset
    end += count
    scanned = count
  }
}
