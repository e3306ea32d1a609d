// Reads a log from its end to its beginning, in blocks: the newest records of a long log cost what they are long.
// Skips and counts what `RecordReader` skips and counts, so one is the other reversed. A search for a word looks at whole
// blocks first, and takes apart only the lines that hold it.

import CSystem

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
  /// Where the word that is searched for stands in `buffer`, in order; nil while nobody has looked.
  private var hits: [Int]?
  /// The word that `hits` are places of.
  private var hitWord: [UInt8] = []
  /// Whether everything before the buffer is older than what is searched for.
  private var isLastBlock = false

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

  /// The next older record whose line holds `word`, nil where there is none before the beginning of the file. Lines
  /// without it are not looked at, and not counted where they are damaged. The word may be another one each time.
  ///
  /// - Parameters:
  ///   - word: without a line end, not empty.
  ///   - isTooOld: given the beginning of a line; where it says so, nothing older is looked for.
  package func next(
    holding word: [UInt8], until isTooOld: ([UInt8]) -> Bool = { _ in false }
  ) throws(StorageError) -> LogRecord? {
    while !isFinished {
      if isSkippingLine, let newline = newline() {
        isSkippingLine = false
        skipped += 1
        (end, scanned) = (newline, newline)
      }
      if !isSkippingLine {
        if hits == nil || hitWord != word {
          hits = offsets(of: word)
          hitWord = word
          isLastBlock = firstWholeLine().map { isTooOld(Array(buffer[$0].prefix(128))) } ?? false
        }
        if let line = lineOfLastHit() {
          end = max(line.lowerBound - 1, 0)
          scanned = end
          if line.lowerBound == 0, base == 0 { isFinished = true }
          if let record = record(line) { return record }
          continue
        }
        // What is left but for the line that the block before may complete holds nothing.
        if hits?.isEmpty != false, let first = firstNewline() { (end, scanned) = (first, 0) }
      }
      if isSkippingLine || end > limits.lineLimit {
        isSkippingLine = true
        (end, scanned) = (0, 0)
      }
      guard base > 0, !isLastBlock else { break }
      try readBlock(atLeast: limits.searchBlockSize)
      hits = nil
    }
    isFinished = true
    return nil
  }

  /// All places of a word in what is unread.
  private func offsets(of word: [UInt8]) -> [Int] {
    var found: [Int] = []
    buffer.withUnsafeBytes { bytes in
      word.withUnsafeBytes { word in
        guard let origin = bytes.baseAddress, let first = word.baseAddress, !word.isEmpty else { return }
        var from = 0
        while let hit = awl_memmem(origin + from, end - from, first, word.count) {
          found.append(hit - origin)
          from = hit - origin + 1
        }
      }
    }
    return found
  }

  /// The line of the last place that is still unread, where its beginning is in the buffer.
  private func lineOfLastHit() -> Range<Int>? {
    while let hit = hits?.last {
      guard hit < end else {
        hits?.removeLast()
        continue
      }
      let (before, after) = buffer.withUnsafeBytes { bytes in
        var start = hit - 1
        while start >= 0, bytes[start] != 0x0A { start -= 1 }
        var stop = hit
        while stop < end, bytes[stop] != 0x0A { stop += 1 }
        return (start, stop)
      }
      guard before >= 0 || base == 0 else { return nil }
      return before + 1..<after
    }
    return nil
  }

  private func firstNewline() -> Int? { buffer[..<end].firstIndex(of: 0x0A) }

  /// The oldest line that is whole in the buffer.
  private func firstWholeLine() -> Range<Int>? {
    guard base > 0 else { return 0..<end }
    return firstNewline().map { $0 + 1..<end }
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
  private func readBlock(atLeast size: Int = 1) throws(StorageError) {
    let count = min(base, max(size, limits.blockSize, min(end, limits.lineLimit)))
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
