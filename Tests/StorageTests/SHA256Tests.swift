// SHA-256 against the examples of FIPS 180-4, and against itself however the message is cut.

import Storage
import Testing

@Suite struct SHA256Tests {
  @Test(
    "the digests are those of FIPS 180-4's examples",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
    ])
  func vectors(text: String, digest: String) {
    #expect(SHA256.hex(bytes(text)) == digest)
  }

  @Test("a million times the letter a has the digest of FIPS 180-4's example")
  func million() {
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(SHA256.hex([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)) == digest)
  }

  @Test("a message cut at any place has the digest of the whole")
  func cuts() {
    let message = (0..<200).map { UInt8($0) }
    let whole = SHA256.hash(message)
    for cut in 0...message.count {
      var hasher = SHA256()
      hasher.update(Array(message[..<cut]))
      let prefix = hasher.digest()
      #expect(prefix == SHA256.hash(Array(message[..<cut])))
      hasher.update(Array(message[cut...]))
      #expect(hasher.digest() == whole, "cut at \(cut)")
    }
  }

  @Test("every length around the block size has a digest of its own, also byte by byte")
  func lengths() {
    var seen: Set<[UInt8]> = []
    for length in 0..<150 {
      let message = [UInt8](repeating: 0x5A, count: length)
      var hasher = SHA256()
      for byte in message { hasher.update([byte]) }
      #expect(hasher.digest() == SHA256.hash(message))
      seen.insert(SHA256.hash(message))
    }
    #expect(seen.count == 150)
  }
}
