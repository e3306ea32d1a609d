// A block of a segment while it is written: bytes come in order and go to the file in large pieces. A block whose length
// is not known when others are being written grows in a file of its own first, so memory stays small.

import Storage

/// Collects the bytes of one block. Give it a place (`at`) or let it grow beside the segment.
final class BlockWriter {
  let name: String
  private(set) var count = 0
  private var checksum = CRC32()
  private var buffer: [UInt8] = []
  /// Where the bytes on disk are, and from which offset on.
  private var file: BuildFile?
  private let start: Int
  private var flushed = 0
  private let spoolPath: String?
  private static let bufferSize = 1 << 20

  /// A block that lies at a known place in the file.
  init(_ name: String, in file: BuildFile, at start: Int) {
    self.name = name
    self.file = file
    self.start = start
    spoolPath = nil
  }

  /// A block whose place is not known yet. Beyond a megabyte it grows in a file at `spool`.
  init(_ name: String, spool: String) {
    self.name = name
    spoolPath = spool
    start = 0
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    count += bytes.count
    if bytes.count >= BlockWriter.bufferSize {
      try flush()
      return try put(bytes)
    }
    buffer.append(contentsOf: bytes)
    if buffer.count >= BlockWriter.bufferSize { try flush() }
  }

  func append(_ bytes: [UInt8]) throws(StoreError) {
    try bytes.withRaw { (bytes) throws(StoreError) in try append(bytes) }
  }

  func append<Number: FixedWidthInteger>(_ number: Number) throws(StoreError) {
    withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
    count += MemoryLayout<Number>.size
    if buffer.count >= BlockWriter.bufferSize { try flush() }
  }

  /// Writes what is left of a block that has its place, and gives its entry.
  func finish() throws(StoreError) -> BlockEntry {
    try flush()
    return BlockEntry(name: name, offset: start, count: count, checksum: checksum.value)
  }

  /// Moves a block that grew aside to its place.
  func finish(into target: BuildFile, at offset: Int) throws(StoreError) -> BlockEntry {
    if file == nil {
      checksum.updateAll(buffer)
      try store { () throws(StorageError) in try target.write(buffer, at: offset) }
    } else {
      try flush()
      var piece = [UInt8](repeating: 0, count: min(BlockWriter.bufferSize, flushed))
      var done = 0
      while done < flushed {
        let size = min(piece.count, flushed - done)
        try store { () throws(StorageError) in
          try piece.withMutableRaw { (bytes) throws(StorageError) in
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<size])
            try file?.read(at: done, into: part)
            try target.write(UnsafeRawBufferPointer(part), at: offset + done)
          }
        }
        done += size
      }
    }
    return BlockEntry(name: name, offset: offset, count: count, checksum: checksum.value)
  }

  private func flush() throws(StoreError) {
    try buffer.withRaw { (bytes) throws(StoreError) in try put(bytes) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard !bytes.isEmpty else { return }
    checksum.update(bytes)
    try store { () throws(StorageError) in
      if file == nil, let spoolPath { file = try BuildFile(spoolPath) }
      try file?.write(bytes, at: start + flushed)
    }
    flushed += bytes.count
  }
}

extension CRC32 {
  fileprivate mutating func updateAll(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
}

/// Runs what touches files, with its errors as those of the store.
func store<Result>(_ body: () throws(StorageError) -> Result) throws(StoreError) -> Result {
  do throws(StorageError) { return try body() } catch { throw StoreError(error) }
}
