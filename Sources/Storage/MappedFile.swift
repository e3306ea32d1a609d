// A file as read-only memory. What another process cuts off, or a failing disk keeps back, arrives as SIGBUS; so the
// bytes are read only through functions that turn it into an error, and never by following the pointer in Swift.

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A whole file mapped for reading. It stays readable when the file is removed or replaced by another of its name.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  /// Size in bytes when it was opened.
  package let count: Int
  /// Where the bytes lie, for the kernels that run guarded; not to be followed otherwise.
  package let start: UnsafeRawPointer

  package init(_ path: String) throws(StorageError) {
    let file = try Descriptor(opening: path, O_RDONLY)
    let status = try file.status()
    if status.kind == .directory { throw StorageError(path: path, operation: .read, kind: .isDirectory) }
    self.path = path
    count = status.size
    guard count > 0 else {
      start = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
      return
    }
    guard let map = mmap(nil, count, PROT_READ, MAP_SHARED, file.number, 0), map != MAP_FAILED else {
      throw StorageError(path: path, operation: .read, errno: errno)
    }
    start = UnsafeRawPointer(map)
  }

  deinit {
    if count > 0 { munmap(UnsafeMutableRawPointer(mutating: start), count) } else { start.deallocate() }
  }

  /// Runs C code that reads this map.
  ///
  /// - Parameter body: C that neither allocates nor locks: it is left in the middle when a page cannot be read.
  /// - Throws: `.corrupt` when the file has lost bytes since it was opened.
  package func guarded(
    _ body: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ context: UnsafeMutableRawPointer
  ) throws(StorageError) {
    guard awl_guarded(start, count, body, context) == 1 else { throw lost(at: 0) }
  }

  /// A copy of a part of the file.
  ///
  /// - Throws: `.corrupt` when the range lies outside or cannot be read.
  package func read(_ range: Range<Int>) throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= count else { throw lost(at: range.lowerBound) }
    var isWhole = true
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      filled = range.count
      guard let base = buffer.baseAddress, filled > 0 else { return }
      isWhole = awl_guarded_copy(start, count, base, start + range.lowerBound, filled) == 1
      if !isWhole { buffer.update(repeating: 0) }
    }
    guard isWhole else { throw lost(at: range.lowerBound) }
    return bytes
  }

  /// Copies a part of the file into memory of the caller's.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return }
    guard offset >= 0, offset <= count - buffer.count else { throw lost(at: offset) }
    guard awl_guarded_copy(start, count, base, start + offset, buffer.count) == 1 else { throw lost(at: offset) }
  }

  /// A little-endian number in the file.
  package func load<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) throws(StorageError) -> Number {
    var number: Number = 0
    var isWhole = false
    if offset >= 0, offset <= count - MemoryLayout<Number>.size {
      isWhole = awl_guarded_copy(start, count, &number, start + offset, MemoryLayout<Number>.size) == 1
    }
    guard isWhole else { throw lost(at: offset) }
    return Number(littleEndian: number)
  }

  /// Maps the pages of a range ahead of their use.
  package func populate(_ range: Range<Int>) {
    guard range.lowerBound >= 0, range.upperBound <= count, !range.isEmpty else { return }
    awl_populate(start + range.lowerBound, range.count)
  }

  /// Tells the system whether single pages of a range will be read here and there, so that it brings no neighbours, or
  /// the range from end to end.
  package func expectReads(_ range: Range<Int>, isRandom: Bool) {
    let page = 4096
    let first = (range.lowerBound + page - 1) / page * page
    guard first < range.upperBound, range.upperBound <= count else { return }
    let advice = isRandom ? MADV_RANDOM : MADV_NORMAL
    madvise(UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, Int32(advice))
  }

  private func lost(at offset: Int) -> StorageError {
    StorageError(path: path, operation: .read, kind: .corrupt(offset: offset))
  }
}
