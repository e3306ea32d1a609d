// Clocks and ends that cross: pauses of our own, connections that never stand, transports that go away, and many
// cancellations at any moment.

import Foundation
import Support
import Testing

@testable import Transport

@Suite("Limits and ends")
struct LimitTests {
  @Test("a transfer that its own consumer holds back is not idle")
  func pausedIsNotIdle() async throws {
    let total = 16 << 20
    let block = [UInt8](repeating: 0x78, count: 1 << 20)
    let server = try ScriptedServer { request in
      request.path == "/silent" ? [.stall] : [.head(), .repeated(16, [.body(block)])]
    }
    let transport = HTTPTransport()
    let options = HTTPOptions(idleTimeout: 1.5)
    let response = try await transport.send(HTTPRequest(url: server.url("/")), options: options)
    // A request that does run into the same limit is the clock of this test.
    let error = await transportError {
      _ = try await transport.send(HTTPRequest(url: server.url("/silent")), options: options)
    }
    #expect(error?.kind == .timeout(.idle))
    #expect(try await response.body.collect(limit: total).count == total)
  }

  @Test("a wait with an end has one, however steadily bytes drip", arguments: [false, true])
  func dripping(isDiscarded: Bool) async throws {
    // Ends of itself after ten seconds, so that a wait without an end is seen.
    let server = try ScriptedServer { _ in
      [.head(framing: .chunked), .repeated(500, [.text("x"), .delay(milliseconds: 20)])]
    }
    let body = try await HTTPTransport().send(HTTPRequest(url: server.url("/"))).body
    let deadline = ContinuousClock.now + .milliseconds(300)
    if isDiscarded {
      await body.discard(until: deadline)
      #expect(try await server.waitForClose(ofRequest: 0) == .clientClosed)
      return
    }
    let error = await transportError { while try await body.next(until: deadline) != nil {} }
    #expect(error?.kind == .cancelled)
  }

  @Test("a TLS handshake that never comes ends by the connect limit for each of many requests")
  func handshake() async throws {
    let server = try RawServer { connection in connection.waitForEnd() }
    let transport = HTTPTransport()
    let url = "https://127.0.0.1:\(server.port)/"
    let kinds = await withTaskGroup(of: TransportError.Kind?.self) { group in
      for _ in 0..<5 {
        group.addTask {
          await transportError {
            let options = HTTPOptions(connectTimeout: 0.2, idleTimeout: nil)
            _ = try await transport.send(HTTPRequest(url: url), options: options)
          }?.kind
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(kinds == Array(repeating: .timeout(.connect), count: 5))
  }

  @Test("limits of any value are limits", arguments: [0, -1, 1e300, .infinity, -.infinity, .nan])
  func anyLimit(_ seconds: Double) async throws {
    let server = try ScriptedServer { _ in .answer("x") }
    let options = HTTPOptions(totalTimeout: seconds, connectTimeout: seconds, idleTimeout: seconds)
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url()), options: options).body.text()
    }
    if seconds <= 0 { #expect(error?.kind == .timeout(.total)) } else { #expect(error == nil) }
  }

  @Test("a body that unpacks to more than the limit is cut off")
  func bomb() async throws {
    // gzip of 100,000 times "x"
    let packed = try #require(Data(base64Encoded: LimitTests.packed))
    let server = try ScriptedServer { _ in [.head(headers: ["Content-Encoding": "gzip"]), .body([UInt8](packed))] }
    let error = await transportError {
      let options = HTTPOptions(maximumBodySize: 99_999)
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url()), options: options).body.text()
    }
    #expect(packed.count < 1_000)
    #expect(error?.kind == .tooLarge)
  }

  @Test("a transport that is let go closes its kept connections")
  func transportGone() async throws {
    let server = try ScriptedServer { _ in .answer("x") }
    do {
      let transport = HTTPTransport()
      #expect(try await transport.send(HTTPRequest(url: server.url())).body.text() == "x")
    }
    #expect(try await server.waitForClose() == .answered)
  }

  @Test("a body outlives the variable that held its transport")
  func bodyKeepsTransport() async throws {
    let gate = Gate()
    let server = try ScriptedServer { _ in [.head(framing: .chunked), .wait(gate), .text("late")] }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url()))
    gate.open()
    #expect(try await response.body.text() == "late")
  }

  @Test("a second reader of one body is told so and the first goes on")
  func twoReaders() async throws {
    let gate = Gate()
    let server = try ScriptedServer { _ in [.head(framing: .chunked), .wait(gate), .text("x")] }
    let body = try await HTTPTransport().send(HTTPRequest(url: server.url())).body
    let results = await withTaskGroup(of: String.self) { group in
      for _ in 0..<2 {
        group.addTask {
          do {
            return String(decoding: try await body.next() ?? [], as: UTF8.self)
          } catch {
            gate.open()
            return (error as? TransportError).map { "\($0.kind)" } ?? ""
          }
        }
      }
      return await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(results == ["x", "other"])
  }

  @Test("every request ends, whenever it is cancelled")
  func cancellations() async throws {
    let server = try ScriptedServer { _ in .stream(Array(repeating: "data: x\n\n", count: 20)) }
    let transport = HTTPTransport()
    var ends: [String: Int] = [:]
    for round in 0..<20 {
      let tasks = (0..<20).map { _ in
        Task {
          await transportError { _ = try await transport.send(HTTPRequest(url: server.url())).body.text() }
        }
      }
      for (index, task) in tasks.enumerated() where (index + round) % 3 == 0 {
        // Spread over the life of the exchanges by giving way a different number of times.
        for _ in 0..<(index * round) { await Task.yield() }
        task.cancel()
      }
      for task in tasks { ends[(await task.value).map { "\($0.kind)" } ?? "complete", default: 0] += 1 }
    }
    #expect(Set(ends.keys).isSubset(of: ["complete", "cancelled"]))
    #expect(ends.values.reduce(0, +) == 400)
  }

  @Test("the limit of open files is raised, and the one before is known")
  func descriptors() {
    FileDescriptorLimit.raise()
    FileDescriptorLimit.raise()
    var limit = rlimit()
    #if canImport(Glibc)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #else
      getrlimit(RLIMIT_NOFILE, &limit)
    #endif
    if let original = FileDescriptorLimit.original {
      #expect(original < UInt64(limit.rlim_cur))
    } else {
      #expect(limit.rlim_cur == limit.rlim_max)
    }
  }

  static let packed =
    "H4sIAAAAAAACA+3BMQEAAADCoNqLbw0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA3ERB/6ghgEA"
}
