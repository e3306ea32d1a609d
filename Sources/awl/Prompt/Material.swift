// What is shown to a model besides the prompt's words: texts of files, URLs and stdin, and media by their content.

import Formats
import Models
import Storage
import Transport

/// Reads material for a prompt.
struct Material: Sendable {
  let program: Program
  let transport: HTTPTransport
  /// Largest text of a file or URL, in bytes.
  static let textLimit = 64 << 20
  /// Largest medium of a URL, in bytes.
  static let mediaLimit = 64 << 20

  /// The text of a file, shown with its name.
  func text(_ place: String) async throws(Failure) -> String {
    let bytes: [UInt8]
    if place == "-" {
      bytes = try await StandardInput.read(.forEver, program) ?? []
    } else if Material.isURL(place) {
      bytes = try await fetch(place, limit: Material.textLimit)
    } else {
      bytes = try await read(place)
    }
    return try Material.text(of: bytes, from: place == "-" ? "stdin" : place)
  }

  /// The bytes of a file, which may be a FIFO that is not written yet.
  private func read(_ path: String) async throws(Failure) -> [UInt8] {
    let result = await SerialThread(name: "awl-file").runUnlessCancelled {
      Result { () throws(StorageError) in try Files.read(path, limit: Material.textLimit) }
    }
    guard let result else { throw Failure("interrupted", .interrupted) }
    do throws(StorageError) { return try result.get() } catch { throw Failure(error.description, .usage) }
  }

  /// A file's text between its name's tags, as models are used to it.
  static func shown(_ text: String, name: String) -> String {
    let quoted = name.replacing("\"", with: "&quot;")
    return "<file name=\"\(quoted)\">\n\(text)\(text.hasSuffix("\n") ? "" : "\n")</file>"
  }

  /// What is shown and said to a model, as one message.
  static func message(_ pieces: [String], _ media: [Part]) -> Message {
    Message(.user, media + (pieces.isEmpty ? [] : [.text(pieces.joined(separator: "\n\n"))]))
  }

  /// UTF-8 text, without a byte order mark; what is none is refused.
  static func text(of bytes: [UInt8], from place: String) throws(Failure) -> String {
    guard !bytes.isEmpty else { throw Failure("\(place): is empty", .usage) }
    switch MediaType.of(Array(bytes.prefix(512))) {
    case .media(let kind, _):
      throw Failure("\(place): \(kind == .pdf ? "a PDF" : "an \(kind.rawValue)"), not text (attach it with -a)", .usage)
    case .unsupported(let what, let hint): throw Failure("\(place): \(what), not text (\(hint))", .usage)
    case .text, .unknown: break
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Failure("\(place): UTF-16, not UTF-8 (iconv -f UTF-16 -t UTF-8)", .usage)
    }
    if bytes.contains(0) {
      throw Failure("\(place): binary, not text (images, PDFs and sounds are attached with -a)", .usage)
    }
    if let bad = bytes.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) {
      let position = SourcePosition(of: bad, in: bytes)
      throw Failure(
        "\(place):\(position.line):\(position.column): not UTF-8 (convert it, such as iconv -f ISO-8859-1 -t UTF-8)",
        .usage)
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return String(decoding: hasMark ? bytes[3...] : bytes[...], as: UTF8.self)
  }

  /// An image, PDF or sound by what it holds. A file is not loaded: it is read while the request is sent.
  func media(_ place: String) async throws(Failure) -> Media {
    let name = place.split(separator: "/").last.map(String.init) ?? place
    if Material.isURL(place) {
      let bytes = try await fetch(place, limit: Material.mediaLimit)
      return try Material.media(head: Array(bytes.prefix(512)), .bytes(bytes), name: name, place: place)
    }
    let (head, size) = try Material.head(of: place)
    guard let head else { throw Failure("\(place): not a regular file", .usage) }
    guard size > 0 else { throw Failure("\(place): is empty", .usage) }
    return try Material.media(head: head, .file(path: place, size: size), name: name, place: place)
  }

  private static func media(
    head: [UInt8], _ source: Media.Source, name: String, place: String
  ) throws(Failure) -> Media {
    switch MediaType.of(head) {
    case .media(let kind, let type): return Media(kind, type: type, source: source, name: name)
    case .unsupported(let what, let hint): throw Failure("\(place): \(what) cannot be attached (\(hint))", .usage)
    case .text: throw Failure("\(place): text, not an image, a PDF or a sound (show it with -f)", .usage)
    case .unknown: throw Failure("\(place): neither an image nor a PDF nor a sound that awl knows", .usage)
    }
  }

  /// The first bytes and the size of a file; no bytes of what is no regular file.
  private static func head(of path: String) throws(Failure) -> ([UInt8]?, Int) {
    do throws(StorageError) {
      let status = try FileStatus.of(path)
      // Looked at before it is opened: opening may block, or do something.
      let isSpecial = status.map { $0.kind != .regular && $0.kind != .directory } ?? false
      return (isSpecial ? nil : try Files.head(path, count: 512), status?.size ?? 0)
    } catch {
      throw Failure(error.description, .usage)
    }
  }

  private func fetch(_ url: String, limit: Int) async throws(Failure) -> [UInt8] {
    do throws(TransportError) {
      // No key goes along, so that a redirect may be followed.
      let response = try await transport.send(
        HTTPRequest(method: "GET", url: url, headers: [HTTPHeader("User-Agent", "awl/\(Version.number)")]),
        options: HTTPOptions(idleTimeout: 60, maximumBodySize: limit, maximumRedirects: 5))
      guard (200..<300).contains(response.status) else {
        throw TransportError(.other, "\(url): status \(response.status)")
      }
      return try await response.body.collect(limit: limit)
    } catch {
      throw Failure(
        error.message.contains(url) ? error.message : "\(url): \(error.message)",
        error.kind == .cancelled ? .interrupted : error.kind == .offline ? .needsPerson : .unreachable)
    }
  }

  static func isURL(_ place: String) -> Bool { place.hasPrefix("https://") || place.hasPrefix("http://") }
}
