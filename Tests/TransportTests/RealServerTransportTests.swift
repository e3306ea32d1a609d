// The transport before nginx: HTTP/2 over TLS, with several streams on one connection.

import Support
import Testing
import Transport

@Suite("HTTP/2 with nginx") struct RealServerTransportTests {
  @Test(
    "requests at once share one connection, as streams", .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func streams() async throws {
    let gate = Gate("all are here")
    let server = try ScriptedServer { _ in .answer("ok", type: "text/plain").after(.wait(gate)) }
    let nginx = try await Nginx.start(upstream: server.port)
    let transport = HTTPTransport(configuration: HTTPConfiguration(certificateFile: nginx.certificateFile))
    // The first tells the client what the server speaks.
    let first = try await transport.send(HTTPRequest(method: "GET", url: nginx.url("/text")))
    #expect(first.httpVersion == "2")
    _ = try await first.body.collect(limit: 1 << 20)
    let answers = try await withThrowingTaskGroup(of: (String, Bool, [UInt8]).self) { group in
      for number in 0..<8 {
        group.addTask {
          let response = try await transport.send(
            HTTPRequest(url: nginx.url("/proxy/\(number)"), body: HTTPBody(Array("question".utf8))))
          return (response.httpVersion, response.timing.isConnectionReused, try await response.body.collect(limit: 100))
        }
      }
      // None is answered before all have come: they are on the wire at the same time.
      try await server.waitUntilReached(gate, times: 8)
      gate.open()
      var answers: [(String, Bool, [UInt8])] = []
      for try await answer in group { answers.append(answer) }
      return answers
    }
    #expect(answers.allSatisfy { $0.0 == "2" && $0.2 == Array("ok".utf8) })
    #expect(answers.filter(\.1).count >= 7, "they share the connection that was there")
    try await nginx.stop()
  }
}
