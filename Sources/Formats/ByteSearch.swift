// Finding bytes in bytes with the C library's memmem, which is linear and vectorised.

import CSystem

extension [UInt8] {
  /// Offset of the first occurrence of `needle` at or after `start`; `nil` when there is none. An empty needle is found
  /// at `start`.
  package func firstOffset(of needle: [UInt8], from start: Int = 0) -> Int? {
    withUnsafeBytes { $0.firstOffset(of: needle, from: start) }
  }

  package func contains(bytes needle: [UInt8]) -> Bool { firstOffset(of: needle) != nil }
}

extension UnsafeRawBufferPointer {
  /// As of an array of bytes.
  func firstOffset(of needle: [UInt8], from start: Int = 0) -> Int? {
    guard start <= count else { return nil }
    guard !needle.isEmpty else { return start }
    return needle.withUnsafeBytes { what in
      guard let base = baseAddress, let first = what.baseAddress else { return nil }
      return awl_memmem(base + start, count - start, first, what.count).map { $0 - base }
    }
  }
}
