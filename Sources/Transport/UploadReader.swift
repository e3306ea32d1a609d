// A request body read piece by piece while it is sent: bytes from memory, files as they are or as base64. Every read
// is computed from the position alone, so going back for a second attempt is only setting that position.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

final class UploadReader {
  private enum Source {
    /// From this offset of the body's bytes.
    case memory(Int)
    case file(HTTPBody.Splice)
  }

  private struct Segment {
    let start: Int
    let length: Int
    let source: Source
  }

  private let bytes: [UInt8]
  private let segments: [Segment]
  private let count: Int
  private var position = 0
  private var index = 0
  private var openPath: String?
  private var descriptor: Int32 = -1
  private var raw: [UInt8] = []

  /// Raw bytes read at once; a multiple of 3.
  private static let rawSize = 48 << 10

  /// - Throws: `.upload` when the splices do not fit the bytes.
  init(_ body: HTTPBody) throws(TransportError) {
    var segments: [Segment] = []
    var taken = 0
    var start = 0
    func add(_ length: Int, _ source: Source) {
      guard length > 0 else { return }
      segments.append(Segment(start: start, length: length, source: source))
      start += length
    }
    for splice in body.splices {
      guard splice.offset >= taken, splice.offset <= body.bytes.count, splice.size >= 0 else {
        throw TransportError(.upload, "\(splice.path): stands at no place of the request body")
      }
      add(splice.offset - taken, .memory(taken))
      taken = splice.offset
      add(splice.sentLength, .file(splice))
    }
    add(body.bytes.count - taken, .memory(taken))
    bytes = body.bytes
    self.segments = segments
    count = start
  }

  deinit { closeFile() }

  /// Whether all has been read.
  var isAtEnd: Bool { index == segments.count }

  /// Fills `buffer` as far as the body goes; 0 at the end.
  /// - Throws: `.upload`, naming the file that cannot be read or has another size than announced.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TransportError) -> Int {
    var filled = 0
    while filled < buffer.count, index < segments.count {
      let segment = segments[index]
      let offset = position - segment.start
      let room = UnsafeMutableRawBufferPointer(
        rebasing: buffer[filled..<min(buffer.count, filled + segment.length - offset)])
      let moved: Int
      switch segment.source {
      case .memory(let from):
        bytes.withUnsafeBytes {
          room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[(from + offset)...].prefix(room.count)))
        }
        moved = room.count
      case .file(let splice):
        try open(splice)
        moved =
          splice.isBase64
          ? try readEncoded(splice, at: offset, into: room) : try readRaw(splice, at: offset, into: room)
      }
      filled += moved
      position += moved
      if position == segment.start + segment.length {
        if case .file(let splice) = segment.source {
          try checkSize(splice)
          closeFile()
        }
        index += 1
      }
    }
    return filled
  }

  /// Goes to `offset` of the body; false when it has no such place.
  func seek(to offset: Int) -> Bool {
    guard offset >= 0, offset <= count else { return false }
    closeFile()
    position = offset
    index = segments.firstIndex { offset < $0.start + $0.length } ?? segments.count
    return true
  }

  // MARK: - Files

  private func readRaw(
    _ splice: HTTPBody.Splice, at offset: Int, into room: UnsafeMutableRawBufferPointer
  ) throws(TransportError) -> Int {
    let count = pread(descriptor, room.baseAddress, room.count, off_t(offset))
    guard count > 0 else { throw count == 0 ? changed(splice) : unreadable(splice) }
    return count
  }

  private func readEncoded(
    _ splice: HTTPBody.Splice, at offset: Int, into room: UnsafeMutableRawBufferPointer
  ) throws(TransportError) -> Int {
    let skipped = offset % 4
    let from = offset / 4 * 3
    let groups = (skipped + room.count + 3) / 4
    let wanted = min(groups * 3, Self.rawSize, splice.size - from)
    if raw.isEmpty { raw = [UInt8](repeating: 0, count: Self.rawSize) }
    var got = 0
    while got < wanted {
      let count = raw.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + got }, wanted - got, off_t(from + got))
      }
      guard count > 0 else { throw count == 0 ? changed(splice) : unreadable(splice) }
      got += count
    }
    return raw.withUnsafeBytes { raw in
      Base64.encode(UnsafeRawBufferPointer(rebasing: raw[..<got]), skipping: skipped, into: room)
    }
  }

  private func open(_ splice: HTTPBody.Splice) throws(TransportError) {
    guard openPath != splice.path else { return }
    closeFile()
    #if canImport(Darwin)
      descriptor = Darwin.open(splice.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #elseif canImport(Musl)
      descriptor = Musl.open(splice.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #else
      descriptor = Glibc.open(splice.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #endif
    guard descriptor >= 0 else { throw unreadable(splice) }
    openPath = splice.path
    try checkSize(splice)
  }

  private func checkSize(_ splice: HTTPBody.Splice) throws(TransportError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(splice) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TransportError(.upload, "\(splice.path): not a regular file")
    }
    guard Int(status.st_size) == splice.size else { throw changed(splice) }
  }

  private func closeFile() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    openPath = nil
  }

  private func changed(_ splice: HTTPBody.Splice) -> TransportError {
    TransportError(.upload, "\(splice.path): its size changed while it was sent (it was \(splice.size) bytes)")
  }

  private func unreadable(_ splice: HTTPBody.Splice) -> TransportError {
    TransportError(.upload, "\(splice.path): cannot be read: \(String(cString: strerror(errno)))")
  }
}
