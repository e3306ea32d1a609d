// Finds line ends in one chunk with memchr. Both places, of LF and of CR, are remembered until passed, so that a
// chunk is searched once for each however its lines end.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct LineScanner {
  private let bytes: UnsafeRawBufferPointer
  private var nextLF = -1
  private var nextCR = -1

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The first LF at or after `start`, else the end. Calls come with growing `start`.
  @inline(__always)
  mutating func lineFeed(from start: Int) -> Int {
    if nextLF < start { nextLF = find(0x0A, from: start) }
    return nextLF
  }

  /// The first LF or CR at or after `start`, else the end.
  @inline(__always)
  mutating func lineEnd(from start: Int) -> Int {
    if nextLF < start { nextLF = find(0x0A, from: start) }
    if nextCR < start { nextCR = find(0x0D, from: start) }
    return min(nextLF, nextCR)
  }

  private func find(_ byte: Int32, from start: Int) -> Int {
    guard start < bytes.count, let base = bytes.baseAddress else { return bytes.count }
    guard let found = memchr(base + start, byte, bytes.count - start) else { return bytes.count }
    return UnsafeRawPointer(found) - base
  }
}
