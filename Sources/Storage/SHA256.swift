// SHA-256 (FIPS 180-4) for content addresses and cache keys: portable Swift without a dependency.
// The rounds are unrolled by eight with renamed variables instead of shifting them along, over raw pointers,
// which is where the speed is.

/// An incremental SHA-256. A value: copying it gives the digest of a prefix without hashing it twice.
package struct SHA256: Sendable {
  /// Bytes of a digest.
  package static let digestSize = 32

  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  package init() {}

  /// The digest of `bytes`, 32 bytes.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.digest()
  }

  /// The digest of `bytes` as 64 lower-case hexadecimal digits.
  package static func hex(_ bytes: [UInt8]) -> String { hex(ofDigest: hash(bytes)) }

  /// A digest as lower-case hexadecimal digits.
  package static func hex(ofDigest digest: [UInt8]) -> String {
    func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
    return String(unsafeUninitializedCapacity: digest.count * 2) { text in
      for (index, byte) in digest.enumerated() {
        text[2 * index] = digit(byte >> 4)
        text[2 * index + 1] = digit(byte & 15)
      }
      return digest.count * 2
    }
  }

  package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// Of a text, its UTF-8.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes
    if !pending.isEmpty {
      let take = min(64 - pending.count, rest.count)
      pending.append(contentsOf: rest.prefix(take))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(take))
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { compress(&state, $0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~63
    if whole > 0 { compress(&state, UnsafeRawBufferPointer(rebasing: rest.prefix(whole))) }
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// The digest of all bytes so far, 32 bytes; more may follow.
  package func digest() -> [UInt8] {
    var tail = pending
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    withUnsafeBytes(of: (length &* 8).bigEndian) { tail.append(contentsOf: $0) }
    var final = state
    tail.withUnsafeBytes { compress(&final, $0) }
    var digest: [UInt8] = []
    digest.reserveCapacity(SHA256.digestSize)
    for index in 0..<8 { withUnsafeBytes(of: final[index].bigEndian) { digest.append(contentsOf: $0) } }
    return digest
  }
}

/// FIPS 180-4 §6.2.2 over a whole number of 64-byte blocks.
private func compress(_ state: inout SIMD8<UInt32>, _ blocks: UnsafeRawBufferPointer) {
  guard let base = blocks.baseAddress else { return }
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
    roundConstants.withUnsafeBufferPointer { constants in
      guard let w = schedule.baseAddress, let k = constants.baseAddress else { return }
      var offset = 0
      while offset < blocks.count {
        expand(w, base + offset)
        var a = state[0]
        var b = state[1]
        var c = state[2]
        var d = state[3]
        var e = state[4]
        var f = state[5]
        var g = state[6]
        var h = state[7]
        var index = 0
        while index < 64 {
          round(a, b, c, &d, e, f, g, &h, w[index] &+ k[index])
          round(h, a, b, &c, d, e, f, &g, w[index &+ 1] &+ k[index &+ 1])
          round(g, h, a, &b, c, d, e, &f, w[index &+ 2] &+ k[index &+ 2])
          round(f, g, h, &a, b, c, d, &e, w[index &+ 3] &+ k[index &+ 3])
          round(e, f, g, &h, a, b, c, &d, w[index &+ 4] &+ k[index &+ 4])
          round(d, e, f, &g, h, a, b, &c, w[index &+ 5] &+ k[index &+ 5])
          round(c, d, e, &f, g, h, a, &b, w[index &+ 6] &+ k[index &+ 6])
          round(b, c, d, &e, f, g, h, &a, w[index &+ 7] &+ k[index &+ 7])
          index &+= 8
        }
        state = state &+ SIMD8(a, b, c, d, e, f, g, h)
        offset &+= 64
      }
    }
  }
}

/// The message schedule of one block, `[64]`.
@inline(__always)
private func expand(_ w: UnsafeMutablePointer<UInt32>, _ block: UnsafeRawPointer) {
  var index = 0
  while index < 16 {
    w[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
    index &+= 1
  }
  while index < 64 {
    let near = w[index &- 2]
    let far = w[index &- 15]
    let sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near &>> 10)
    let sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far &>> 3)
    w[index] = sigma1 &+ w[index &- 7] &+ sigma0 &+ w[index &- 16]
    index &+= 1
  }
}

/// One round; writes only the two variables that change, the caller renames the rest.
@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
  _ h: inout UInt32, _ word: UInt32
) {
  let choice = g ^ (e & (f ^ g))
  let majority = (a & b) | (c & (a | b))
  let first = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ word
  d = d &+ first
  h = first &+ (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
}

@inline(__always)
private func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { (value &>> count) | (value &<< (32 &- count)) }

/// FIPS 180-4 §4.2.2: the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
  0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
  0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
  0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
  0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
