// A client of bare bytes, to test the scripted server itself and to send what no HTTP library would. It blocks: call
// it by `onOwnThread`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One TCP connection to 127.0.0.1.
package final class RawClient: Sendable {
  private let descriptor: CInt

  package init(port: Int) throws {
    descriptor = try connectToLoopback(port: port)
  }

  deinit { close(descriptor) }

  package func send(_ text: String) throws {
    var rest = [UInt8](text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw SupportError.system("write") }
      rest = rest.dropFirst(count)
    }
  }

  /// Everything until the server closes; a reset counts as the end.
  package func receiveAll() throws -> String {
    var bytes: [UInt8] = []
    try drain { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads until the server closes; returns the number of bytes.
  @discardableResult
  package func drain(_ each: (ArraySlice<UInt8>) -> Void = { _ in }) throws -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var size = 0
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return size }
      each(buffer[..<count])
      size += count
    }
  }

  package func exchange(_ request: String) throws -> String {
    try send(request)
    return try receiveAll()
  }

  /// Ends the connection both ways; what blocks in it returns.
  package func hangUp() { shutdown(descriptor, CInt(SHUT_RDWR)) }
}

/// A connected socket to a port of 127.0.0.1.
func connectToLoopback(port: Int) throws -> CInt {
  #if os(Linux)
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #endif
  guard descriptor >= 0 else { throw SupportError.system("socket") }
  var address = loopbackAddress(port: port)
  let code = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard code == 0 else {
    let error = SupportError.system("connect to 127.0.0.1:\(port)")
    close(descriptor)
    throw error
  }
  return descriptor
}
