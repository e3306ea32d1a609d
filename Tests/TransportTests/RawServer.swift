// A server of raw sockets on loopback: each connection runs a closure on a thread of its own, which says byte by byte
// what comes and when. For what the scripted server, which reads whole requests, cannot show: a peer that reads in part,
// never, or counts what it could push.

import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(Glibc)
  private let streamSocket = Int32(SOCK_STREAM.rawValue)
#else
  private let streamSocket = SOCK_STREAM
#endif

/// One accepted connection; used by its handler's thread alone.
final class RawConnection {
  fileprivate let descriptor: Int32
  private var pending: [UInt8] = []
  private var isClosed = false
  /// 0 for the first connection the server accepted.
  let number: Int

  fileprivate init(_ descriptor: Int32, number: Int) {
    self.descriptor = descriptor
    self.number = number
  }

  deinit { close() }

  struct Request {
    var head: String
    var body: [UInt8]
  }

  /// The next request, with its body when `Content-Length` says how long it is; `nil` at the end of the connection.
  func readRequest(withBody: Bool = true) -> Request? {
    let separator = Array("\r\n\r\n".utf8)
    var end = pending.firstRange(of: separator)
    while end == nil {
      guard fill() else { return nil }
      end = pending.firstRange(of: separator)
    }
    guard let end else { return nil }
    let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
    pending.removeSubrange(..<end.upperBound)
    let length =
      head.lowercased().split(separator: "\r\n").compactMap { line -> Int? in
        line.hasPrefix("content-length:") ? Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) : nil
      }.first ?? 0
    guard withBody else { return Request(head: head, body: []) }
    while pending.count < length { guard fill() else { return nil } }
    let body = Array(pending[..<length])
    pending.removeSubrange(..<length)
    return Request(head: head, body: body)
  }

  /// Whether every byte was taken; false once the client is gone.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, bytes.count - sent, noSignal) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// Blocks until the client closes or resets the connection; bytes before that are thrown away, or left unread
  /// where they are.
  func waitForEnd(reading: Bool = true) {
    guard reading else {
      var state = pollfd(fd: descriptor, events: 0, revents: 0)
      while poll(&state, 1, -1) == 0 {}
      return
    }
    while fill() { pending.removeAll() }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    shutdown(descriptor, Int32(SHUT_RDWR))
    _ = systemClose(descriptor)
  }

  /// Ends the connection with a reset.
  func reset() {
    guard !isClosed else { return }
    isClosed = true
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    _ = systemClose(descriptor)
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    pending.append(contentsOf: buffer[..<count])
    return true
  }
}

private let systemClose: @Sendable (Int32) -> Int32 = { close($0) }
#if canImport(Darwin)
  private let noSignal: Int32 = 0
#else
  private let noSignal = Int32(MSG_NOSIGNAL)
#endif

final class RawServer: Sendable {
  let port: Int
  private let listener: Int32
  private let accepted = Mutex(0)

  var url: String { "http://127.0.0.1:\(port)" }
  /// Connections accepted so far.
  var connectionCount: Int { accepted.withLock { $0 } }

  init(_ handler: @escaping @Sendable (RawConnection) -> Void) throws {
    let (listener, port) = try boundSocket()
    guard listen(listener, 4_096) == 0 else { throw Failure() }
    self.listener = listener
    self.port = port
    Thread.detachNewThread { [weak self] in
      var number = 0
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else {
          // Closed only here: a number given back earlier could already be another server's.
          _ = systemClose(listener)
          return
        }
        self?.accepted.withLock { $0 += 1 }
        let index = number
        number += 1
        Thread.detachNewThread {
          let connection = RawConnection(descriptor, number: index)
          handler(connection)
          connection.close()
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
  }
}

private struct Failure: Error {}

/// A socket bound to a free port of 127.0.0.1.
private func boundSocket() throws -> (descriptor: Int32, port: Int) {
  let descriptor = socket(AF_INET, streamSocket, 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  guard isBound else { throw Failure() }
  return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

/// A port that refuses connections as long as this lives: taken, but nobody listens.
final class ClosedPort {
  let number: Int
  private let descriptor: Int32

  init() throws { (descriptor, number) = try boundSocket() }

  deinit { _ = systemClose(descriptor) }
}
