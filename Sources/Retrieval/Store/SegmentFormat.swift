// The bytes of a segment, version 1. A segment never changes once a manifest names it. All numbers are little-endian.
//
// A file is a head of 4,096 bytes and blocks, each of which begins at a multiple of 64 bytes:
//
//     0     8   "awl seg\n"
//     8     4   version, 1
//     12    4   number of blocks, at most 83
//     16    8   rows
//     24    8   size of the file in bytes
//     32    4   dimension of the vectors, 0 in a segment without vectors
//     36    4   padded dimension: the next multiple of 64; what is added is zeros
//     40   24   zeros
//     64   48 each: name (24 bytes, ASCII, zeros after it), offset (8), length in bytes (8), CRC-32 (4), zeros (4)
//     4092  4   CRC-32 of the 4,092 bytes before
//
// Blocks of the store, R rows, P padded dimension:
//
//     f32            R × P Float32      the vectors, of length 1: the truth, in the order in which they were added
//     int8           R × P Int8         row ≈ scale × codes
//     int8.scale     R Float32
//     int8.residual  R Float32          length of row − scale × codes, rounded up
//     bits           ⌈R/32⌉ × P/8 × 32  signs of the rotated row − centroid: byte (column × 32 + row mod 32) of block
//                                       ⌊row/32⌋ holds dimensions 8 × column to 8 × column + 7, the lowest bit first
//     bits.scale, bits.offset, bits.radius   R Float32 each: the factors f, ⟨row − c, c⟩ and g of encode.c
//     centroid       P Float32          the mean of the rows
//     ids            the ids, UTF-8, one after another        ids.at       (R + 1) UInt64: where each begins
//     ids.order      R UInt32: the rows sorted by the bytes of their ids
//     text           the texts                                text.at      (R + 1) UInt64
//     metadata       JSON objects or nothing                  metadata.at  (R + 1) UInt64
//     names          sources and headings, each once          names.at     (N + 1) UInt64
//     places         R × 32 bytes: name of the source (4), of the heading (4), first line (4), last line (4), first
//                    byte (8), byte after the last (8); lines are 0 and bytes 2⁶⁴ − 1 where there are none
//
// The rotation is four rounds of fixed signs and a Walsh–Hadamard transform (`awl_rotate`), the same for ever. Other
// blocks belong to indexes (`SegmentIndexer`), which say what is in them.

import Storage

package enum SegmentFormat {
  package static let version = 1
  static let magic: [UInt8] = Array("awl seg\n".utf8)
  static let headSize = 4096
  static let blockLimit = 83
  static let nameLimit = 24
  static let alignment = 64
  static let placeSize = 32
  /// More rows than this go into further segments: row numbers are 32 bits, and no sum below overflows.
  static let rowLimit = 1 << 27
  package static let dimensionLimit = 1 << 16

  static func padded(_ dimension: Int) -> Int { (dimension + 63) / 64 * 64 }

  static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

/// Where a block lies.
struct BlockEntry: Equatable, Sendable {
  var name: String
  var offset: Int
  var count: Int
  var checksum: UInt32

  var range: Range<Int> { offset..<(offset + count) }
}

/// The first 4,096 bytes of a segment.
struct SegmentHead: Equatable, Sendable {
  var rows: Int
  var fileSize: Int
  var dimension: Int
  var blocks: [BlockEntry]

  var paddedDimension: Int { SegmentFormat.padded(dimension) }

  /// Tells one segment from another: it covers the checksums of the blocks. Not that of all bytes, which is the same
  /// number for every head, as of anything that ends with its own CRC.
  var checksum: UInt32 { UInt32(number(bytes, SegmentFormat.headSize - 4, 4)) }

  var bytes: [UInt8] {
    var bytes = SegmentFormat.magic
    append(UInt32(SegmentFormat.version), to: &bytes)
    append(UInt32(blocks.count), to: &bytes)
    append(UInt64(rows), to: &bytes)
    append(UInt64(fileSize), to: &bytes)
    append(UInt32(dimension), to: &bytes)
    append(UInt32(paddedDimension), to: &bytes)
    bytes.append(contentsOf: repeatElement(0, count: 24))
    for block in blocks {
      let name = Array(block.name.utf8.prefix(SegmentFormat.nameLimit))
      bytes += name + [UInt8](repeating: 0, count: SegmentFormat.nameLimit - name.count)
      append(UInt64(block.offset), to: &bytes)
      append(UInt64(block.count), to: &bytes)
      append(block.checksum, to: &bytes)
      append(UInt32(0), to: &bytes)
    }
    bytes.append(contentsOf: repeatElement(0, count: SegmentFormat.headSize - 4 - bytes.count))
    append(CRC32.checksum(bytes), to: &bytes)
    return bytes
  }

  /// Reads and checks a head: nothing that it says later leads outside the file.
  init(_ bytes: [UInt8], path: String, fileSize: Int) throws(StoreError) {
    func damaged(_ what: String) -> StoreError { StoreError(path: path, kind: .damaged(what: what)) }
    guard bytes.count == SegmentFormat.headSize, bytes.starts(with: SegmentFormat.magic) else {
      throw damaged("it does not begin like a segment")
    }
    let version = Int(number(bytes, 8, 4))
    guard version == SegmentFormat.version else {
      throw StoreError(path: path, kind: .version(found: version, supported: SegmentFormat.version))
    }
    guard CRC32.checksum(bytes[..<(SegmentFormat.headSize - 4)]) == UInt32(number(bytes, 4092, 4)) else {
      throw damaged("the checksum of its head does not hold")
    }
    let count = Int(number(bytes, 12, 4))
    let rows = number(bytes, 16, 8)
    dimension = Int(number(bytes, 32, 4))
    guard number(bytes, 24, 8) == UInt64(fileSize) else {
      throw damaged("it has \(fileSize) bytes instead of \(number(bytes, 24, 8))")
    }
    guard count <= SegmentFormat.blockLimit, rows <= UInt64(SegmentFormat.rowLimit),
      dimension <= SegmentFormat.dimensionLimit, Int(number(bytes, 36, 4)) == SegmentFormat.padded(dimension)
    else { throw damaged("its head says what cannot be") }
    self.rows = Int(rows)
    self.fileSize = fileSize
    blocks = []
    for index in 0..<count {
      let at = 64 + index * 48
      let name = String(decoding: bytes[at..<(at + 24)].prefix { $0 != 0 }, as: UTF8.self)
      let offset = number(bytes, at + 24, 8)
      let length = number(bytes, at + 32, 8)
      guard offset % 64 == 0, offset <= UInt64(fileSize), length <= UInt64(fileSize) - offset else {
        throw damaged("the block \(name) lies outside")
      }
      blocks.append(
        BlockEntry(
          name: name, offset: Int(offset), count: Int(length), checksum: UInt32(number(bytes, at + 40, 4))))
    }
  }

  init(rows: Int, fileSize: Int, dimension: Int, blocks: [BlockEntry]) {
    self.rows = rows
    self.fileSize = fileSize
    self.dimension = dimension
    self.blocks = blocks
  }
}

/// Appends a number, the lowest byte first.
func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
}

/// A number of `count` bytes, the lowest first.
func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
  var value: UInt64 = 0
  for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
  return value
}
