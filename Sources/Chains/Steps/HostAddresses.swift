// The addresses of a host, and whether they are of the open Internet (IANA's registries of special-purpose addresses, RFC
// 6890 and its successors). IPv4 addresses within IPv6 ones are looked at as what they are.

import Storage
import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct HostAddress: Sendable, Equatable {
  /// As numbers and without brackets.
  var text: String
  var isPrivate: Bool
}

enum HostAddresses {
  /// What a name stands for now. Waits on a thread of its own; the thread is left behind when the task is cancelled.
  static func find(_ host: String) async -> Result<[HostAddress], TransportError> {
    let thread = SerialThread(name: "awl-resolve")
    let found = await thread.runUnlessCancelled { resolve(host) }
    return found ?? .failure(TransportError(.cancelled, "interrupted"))
  }

  private static func resolve(_ host: String) -> Result<[HostAddress], TransportError> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      return .failure(TransportError(.nameResolution, "\(host): \(String(cString: gai_strerror(code)).lowercased())"))
    }
    defer { freeaddrinfo(list) }
    var found: [HostAddress] = []
    var entry = list
    while let current = entry {
      if let address = address(current.pointee), !found.contains(address) { found.append(address) }
      entry = current.pointee.ai_next
    }
    return found.isEmpty ? .failure(TransportError(.nameResolution, "\(host): has no address")) : .success(found)
  }

  private static func address(_ info: addrinfo) -> HostAddress? {
    guard let raw = info.ai_addr else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch info.ai_family {
    case AF_INET:
      return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
        var bytes = address.pointee.sin_addr
        inet_ntop(AF_INET, &bytes, &text, socklen_t(text.count))
        let four = withUnsafeBytes(of: bytes) { Array($0) }
        return HostAddress(text: Self.text(text), isPrivate: isPrivate(four: four))
      }
    case AF_INET6:
      return raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
        var bytes = address.pointee.sin6_addr
        inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
        let sixteen = withUnsafeBytes(of: bytes) { Array($0) }
        return HostAddress(text: Self.text(text), isPrivate: isPrivate(sixteen: sixteen))
      }
    default: return nil
    }
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// - Parameter bytes: four, in the order of the network.
  static func isPrivate(four bytes: [UInt8]) -> Bool {
    switch (bytes[0], bytes[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (192, 168), (100, 64...127), (172, 16...31), (198, 18...19): true
    case (192, 0): bytes[2] == 0 || bytes[2] == 2
    case (198, 51): bytes[2] == 100
    case (203, 0): bytes[2] == 113
    default: bytes[0] >= 224
    }
  }

  /// - Parameter bytes: sixteen, in the order of the network.
  static func isPrivate(sixteen bytes: [UInt8]) -> Bool {
    let isZero = bytes[..<10].allSatisfy { $0 == 0 }
    // IPv4 as it is, mapped, translated (64:ff9b::/96) and carried (2002::/16).
    if isZero, bytes[10] == 0xFF && bytes[11] == 0xFF || bytes[10] == 0 && bytes[11] == 0 {
      return isPrivate(four: Array(bytes[12...]))
    }
    if bytes[..<4] == [0, 0x64, 0xFF, 0x9B] { return isPrivate(four: Array(bytes[12...])) }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return isPrivate(four: Array(bytes[2..<6])) }
    // Only 2000::/3 is handed out to the world; of it, 2001:db8::/32 is for examples, 2001::/32 is Teredo.
    guard bytes[0] & 0xE0 == 0x20 else { return true }
    return bytes[0] == 0x20 && bytes[1] == 0x01
      && (bytes[2] == 0x0D && bytes[3] == 0xB8 || bytes[2] == 0 && bytes[3] == 0)
  }
}
