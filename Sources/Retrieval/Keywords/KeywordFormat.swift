// The bytes of the keyword index of a segment: four blocks, all numbers little-endian.
//
//   keywords.head      magic "AWLK", version, rows, terms (UInt32 each); sum of lengths (UInt64);
//                      number of dictionary groups (UInt32); 0 (UInt32)
//   keywords.lengths   rows × UInt32: number of words of each row
//   keywords.terms     the offset of each group (UInt32) and the size of all groups, then the groups: up to 16 terms in the
//                      order of their bytes. A group starts with the offset of its first postings (varint); a term is: bytes
//                      shared with the term before, bytes of its own (varints), those bytes, its number of rows (varint), the
//                      size of its postings (varint)
//   keywords.postings  for each term: when it has more than 128 rows, 16 bytes for each 128 of them: last row, end of its
//                      bytes behind the table, largest count, smallest length (UInt32 each); then for each row a varint:
//                      distance from the row before (the first: row + 1) times two, plus one when the word stands there
//                      once; else its count follows
//
// The table lets a search pass over 128 rows at once when they cannot come among the best any more (block-max indexes: Ding
// and Suel, SIGIR 2011): the score of a word rises with its count and falls with the length of the text.

enum KeywordFormat {
  static let magic: UInt32 = 0x4B4C_5741
  static let version: UInt32 = 1
  static let headSize = 32
  /// Rows of one block of postings.
  static let blockRows = 128
  static let skipSize = 16
  static let groupTerms = 16

  static let head = "keywords.head"
  static let lengths = "keywords.lengths"
  static let terms = "keywords.terms"
  static let postings = "keywords.postings"

  static func append(_ value: UInt32, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  static func append(_ value: UInt64, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// LEB128.
  @inline(__always)
  static func appendVarint(_ value: Int, _ bytes: inout [UInt8]) {
    var rest = UInt64(truncatingIfNeeded: value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// The number at `at`, which moves behind it; `nil` where the bytes end or it has more than 35 bits.
  @inline(__always)
  static func varint(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
    var value = 0
    var shift = 0
    while at < bytes.count, shift < 42 {
      let byte = bytes[at]
      at += 1
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  static func uint32(_ bytes: [UInt8], _ at: Int) -> Int? {
    guard at >= 0, at + 4 <= bytes.count else { return nil }
    return bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt32.self))) }
  }
}
