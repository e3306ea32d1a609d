// The bytes of the cache, in one place. All integers are little-endian, all offsets count from the start of the file.
// A directory holds 16 shards, one for each value of a key's first four bits. Shard `a` is two files:
//
// a.log, the truth: a header of 128 bytes (64 bytes, twice, so that one flipped bit does not cost the shard), then
// records, each on a multiple of 8. Only appended to, under the file's lock (flock); replaced as a whole by rename.
//
//     header    0  8  "AWLCACHE"            record    0  4  0x31524341
//               8  4  format version 1                4  4  CRC-32 of bytes 8 ..< 64
//              12  4  CRC-32 of the other bytes       8  8  salt of the log
//              16  8  generation                     16  4  length of the value
//              24  8  salt                           20  4  CRC-32 of the value
//              32 32  zero                           24  8  time, milliseconds since 1970
//                                                    32 32  key, a SHA-256
//                                                    64     the value, then zeros to a multiple of 8
//
// The generation is a random number of each file, by which an index knows its log. The salt is a random number of each
// shard that outlives pruning: nobody who chooses a value can put into it what looks like a record.
//
// a.idx, a hash table over the log, to be made again from it at any time: a header of 128 bytes, then slots of 16 bytes
// (open addressing, linear probing from the fingerprint's low bits, at most 5/8 full, a power of two of them). It is
// changed in place under the log's lock, grown by rename, and read without a lock.
//
//     header    0  8  "AWLINDEX"            slot      0  8  fingerprint: bytes 8 ..< 16 of the key (0 becomes 1)
//               8  4  format version 1                8  6  offset of the key's newest record, 0 in an empty slot
//              12  4  CRC-32 of 16 ..< 128           14  2  check of the 14 bytes before
//              16  8  generation of the log
//              24  8  slots     32  8  slots in use
//              40  8  bytes of the log that are indexed: what lies beyond is looked through
//              48  8  bytes of the records that slots name
//              56  8  oldest time     64  8  newest time     72 56  zero

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Sizes and limits of the cache's files.
enum CacheFormat {
  static let version = 1
  static let shards = 16
  static let headerSize = 128
  static let recordHeaderSize = 64
  static let slotSize = 16
  /// The largest value, in bytes.
  static let valueLimit = 1 << 30

  /// Bytes of a record whose value has this length.
  static func recordSize(_ length: Int) -> Int { recordHeaderSize + (length + 7) & ~7 }
}

/// What a value is kept under: a SHA-256.
package struct CacheKey: Hashable, Sendable {
  // Four words and no vector of them: that would have to lie on a multiple of 32, which the frames of asynchronous
  // functions do not heed.
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  private let fourth: UInt64

  /// The digest at `offset`, its bytes in fours of eight, little-endian.
  init(at offset: Int, _ bytes: UnsafeRawBufferPointer) {
    first = integer(at: offset, bytes)
    second = integer(at: offset + 8, bytes)
    third = integer(at: offset + 16, bytes)
    fourth = integer(at: offset + 24, bytes)
  }

  /// - Returns: nil unless there are 32 bytes.
  package init?(digest: [UInt8]) {
    guard digest.count == SHA256.digestSize else { return nil }
    self = digest.withUnsafeBytes { CacheKey(at: 0, $0) }
  }

  /// The digest of `bytes`.
  package init(hashing bytes: [UInt8]) {
    self = SHA256.hash(bytes).withUnsafeBytes { CacheKey(at: 0, $0) }
  }

  var words: [UInt64] { [first, second, third, fourth] }

  /// The digest, 32 bytes.
  package var bytes: [UInt8] {
    words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { SHA256.hex(ofDigest: bytes) }

  var shard: Int { Int(first >> 4 & 15) }
  var fingerprint: UInt64 { second == 0 ? 1 : second }
}

/// The header of a log.
struct CacheLogHeader: Equatable, Sendable {
  var version = CacheFormat.version
  var generation: UInt64
  var salt: UInt64

  private static let magic = Array("AWLCACHE".utf8)

  var bytes: [UInt8] {
    var half = [UInt8](repeating: 0, count: 64)
    half.replaceSubrange(0..<8, with: CacheLogHeader.magic)
    half.set(UInt32(version), at: 8)
    half.set(generation, at: 16)
    half.set(salt, at: 24)
    half.set(CRC32.checksum(half[..<12] + half[16...]), at: 12)
    return half + half
  }

  init(salt: UInt64 = .random(in: 1 ... .max)) {
    generation = .random(in: 1 ... .max)
    self.salt = salt
  }

  /// Reads the first 128 bytes of a log; nil where neither half holds.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= CacheFormat.headerSize else { return nil }
    for start in [0, 64] {
      let half = Array(bytes[start..<start + 64])
      guard half.starts(with: CacheLogHeader.magic), half.integer(at: 12) == CRC32.checksum(half[..<12] + half[16...])
      else {
        continue
      }
      version = Int(half.integer(at: 8) as UInt32)
      generation = half.integer(at: 16)
      salt = half.integer(at: 24)
      return
    }
    return nil
  }
}

/// The header of a record.
struct CacheRecordHeader: Equatable, Sendable {
  var salt: UInt64
  var length: Int
  var checksum: UInt32
  var time: Int64
  var key: CacheKey

  private static let magic: UInt32 = 0x3152_4341

  /// Bytes of the whole record.
  var size: Int { CacheFormat.recordSize(length) }

  init(salt: UInt64, length: Int, checksum: UInt32, time: Int64, key: CacheKey) {
    self.salt = salt
    self.length = length
    self.checksum = checksum
    self.time = time
    self.key = key
  }

  /// Reads 64 bytes; nil where they are no record of this log.
  init?(_ bytes: UnsafeRawBufferPointer, salt: UInt64) {
    guard bytes.count >= CacheFormat.recordHeaderSize, integer(at: 0, bytes) == CacheRecordHeader.magic,
      integer(at: 8, bytes) == salt
    else { return nil }
    let checked = UnsafeRawBufferPointer(rebasing: bytes[8..<CacheFormat.recordHeaderSize])
    guard integer(at: 4, bytes) == CRC32.checksum(checked) else { return nil }
    self.salt = salt
    length = Int(integer(at: 16, bytes) as UInt32)
    checksum = integer(at: 20, bytes)
    time = integer(at: 24, bytes)
    key = CacheKey(at: 32, bytes)
    guard length <= CacheFormat.valueLimit else { return nil }
  }

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: CacheFormat.recordHeaderSize)
    bytes.set(CacheRecordHeader.magic, at: 0)
    bytes.set(salt, at: 8)
    bytes.set(UInt32(length), at: 16)
    bytes.set(checksum, at: 20)
    bytes.set(time, at: 24)
    for (index, word) in key.words.enumerated() { bytes.set(word, at: 32 + 8 * index) }
    bytes.set(CRC32.checksum(bytes[8...]), at: 4)
    return bytes
  }
}

/// The header of an index.
struct CacheIndexHeader: Equatable, Sendable {
  var generation: UInt64
  var slots = 256
  var entries = 0
  /// Bytes of the log that are indexed.
  var covered = CacheFormat.headerSize
  var liveBytes = 0
  var oldest = Int64.max
  var newest = Int64.min

  private static let magic = Array("AWLINDEX".utf8)

  /// Whether another key needs a larger table.
  var isFull: Bool { (entries + 1) * 8 > slots * 5 }
  var fileSize: Int { CacheFormat.headerSize + slots * CacheFormat.slotSize }

  init(generation: UInt64) { self.generation = generation }

  /// Reads the header; nil where it does not hold.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= CacheFormat.headerSize, bytes.starts(with: CacheIndexHeader.magic),
      bytes.integer(at: 8) == UInt32(CacheFormat.version),
      bytes.integer(at: 12) == CRC32.checksum(bytes[16..<CacheFormat.headerSize])
    else { return nil }
    generation = bytes.integer(at: 16)
    func count(_ offset: Int) -> Int? { Int(exactly: bytes.integer(at: offset) as UInt64) }
    guard let slots = count(24), let entries = count(32), let covered = count(40), let live = count(48),
      slots > 0, slots < 1 << 40, slots & (slots - 1) == 0, entries < slots
    else { return nil }
    (self.slots, self.entries, self.covered, liveBytes) = (slots, entries, covered, live)
    oldest = bytes.integer(at: 56)
    newest = bytes.integer(at: 64)
  }

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: CacheFormat.headerSize)
    bytes.replaceSubrange(0..<8, with: CacheIndexHeader.magic)
    bytes.set(UInt32(CacheFormat.version), at: 8)
    bytes.set(generation, at: 16)
    for (index, count) in [slots, entries, covered, max(0, liveBytes)].enumerated() {
      bytes.set(UInt64(count), at: 24 + 8 * index)
    }
    bytes.set(oldest, at: 56)
    bytes.set(newest, at: 64)
    bytes.set(CRC32.checksum(bytes[16...]), at: 12)
    return bytes
  }

  /// Counts a record's time.
  mutating func note(_ time: Int64) {
    oldest = min(oldest, time)
    newest = max(newest, time)
  }
}

/// A slot's second word: the offset with its check.
enum CacheSlot {
  static func word(fingerprint: UInt64, offset: Int) -> UInt64 {
    let offset = UInt64(offset) & 0xFFFF_FFFF_FFFF
    return offset | check(fingerprint, offset) << 48
  }

  /// The offset; nil where the slot is damaged or half written.
  static func offset(fingerprint: UInt64, word: UInt64) -> Int? {
    let offset = word & 0xFFFF_FFFF_FFFF
    return word >> 48 == check(fingerprint, offset) && offset > 0 ? Int(offset) : nil
  }

  private static func check(_ fingerprint: UInt64, _ offset: UInt64) -> UInt64 {
    var mixed = (fingerprint ^ (offset &* 0x9E37_79B9_7F4A_7C15)) &* 0xBF58_476D_1CE4_E5B9
    mixed ^= mixed >> 29
    return (mixed &* 0x94D0_49BB_1331_11EB) >> 48
  }
}

func integer<Value: FixedWidthInteger>(at offset: Int, _ bytes: UnsafeRawBufferPointer) -> Value {
  Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
}

extension [UInt8] {
  /// The little-endian integer at `offset`, which lies inside.
  fileprivate func integer<Value: FixedWidthInteger>(at offset: Int) -> Value {
    withUnsafeBytes { Storage.integer(at: offset, $0) }
  }

  fileprivate mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value)) }
  }
}

extension Descriptor {
  /// Writes all bytes at `offset`; not for files opened to append.
  func writeAll(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
    let (number, path) = (number, path)
    try bytes.withRaw { (buffer) throws(StorageError) in
      var done = 0
      while done < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
        let count = repeating { pwrite(number, rest.baseAddress, rest.count, off_t(offset + done)) }
        guard count > 0 else {
          throw StorageError(path: path, operation: .write, errno: count == 0 ? ENOSPC : errno)
        }
        done += count
      }
    }
  }

  /// At most `count` bytes at `offset`: fewer where the file ends.
  func bytes(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withMutableRaw { (buffer) throws(StorageError) in try fill(buffer, at: offset) }
    if got < count { bytes.removeLast(count - got) }
    return bytes
  }
}
