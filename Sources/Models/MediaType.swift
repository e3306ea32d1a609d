// What a file is, by its first bytes and not by its name.

/// Kinds of content that can be told apart by their signatures.
package enum MediaType: Sendable, Equatable {
  case media(Media.Kind, type: String)
  /// Known, and no model takes it as it is; the hint says what to do.
  case unsupported(String, hint: String)
  /// UTF-8 text as far as the bytes show.
  case text
  case unknown

  /// - Parameter head: the first bytes of the content, 512 or more where there are that many.
  package static func of(_ head: [UInt8]) -> MediaType {
    func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      head.count >= offset + signature.count && head[offset...].starts(with: signature)
    }
    func starts(_ signature: String, at offset: Int = 0) -> Bool { starts(Array(signature.utf8), at: offset) }
    if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .media(.image, type: "image/png") }
    if starts([0xFF, 0xD8, 0xFF]) { return .media(.image, type: "image/jpeg") }
    if starts("GIF87a") || starts("GIF89a") { return .media(.image, type: "image/gif") }
    if starts("RIFF"), starts("WEBP", at: 8) { return .media(.image, type: "image/webp") }
    if starts("%PDF-") { return .media(.pdf, type: "application/pdf") }
    if starts("RIFF"), starts("WAVE", at: 8) { return .media(.audio, type: "audio/wav") }
    if starts("ID3") || isMP3Frame(head) { return .media(.audio, type: "audio/mpeg") }
    if starts("fLaC") { return .media(.audio, type: "audio/flac") }
    if starts("OggS") { return .media(.audio, type: "audio/ogg") }
    if starts("ftyp", at: 4) {
      let brand = String(decoding: head.dropFirst(8).prefix(4), as: UTF8.self)
      if brand == "M4A " { return .media(.audio, type: "audio/mp4") }
      if ["heic", "heix", "mif1", "avif"].contains(brand) {
        return .unsupported("\(brand == "avif" ? "an AVIF" : "a HEIC") image", hint: "convert it to PNG or JPEG")
      }
      return .unsupported("a video", hint: "attach single images or its sound")
    }
    if starts("BM"), head.count > 14, head[6...9].allSatisfy({ $0 == 0 }) {
      return .unsupported("a BMP image", hint: "convert it to PNG or JPEG")
    }
    if starts([0x49, 0x49, 0x2A, 0x00]) || starts([0x4D, 0x4D, 0x00, 0x2A]) {
      return .unsupported("a TIFF image", hint: "convert it to PNG or JPEG")
    }
    if starts([0x50, 0x4B, 0x03, 0x04]) {
      return .unsupported("a ZIP or Office file", hint: "convert it to PDF or text")
    }
    if head.contains(0) { return .unknown }
    return .text
  }

  /// A frame header of MPEG audio layer III: sync, version and layer, a valid bit rate and sample rate (ISO 11172-3).
  private static func isMP3Frame(_ head: [UInt8]) -> Bool {
    guard head.count > 3, head[0] == 0xFF, head[1] & 0xE6 == 0xE2 else { return false }
    return head[2] >> 4 != 0x0F && head[2] >> 4 != 0 && head[2] >> 2 & 3 != 3
  }
}
