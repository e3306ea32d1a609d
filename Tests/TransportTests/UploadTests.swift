// Request bodies with files spliced in: bytes on the wire, positions, and files that change.

import Foundation
import Support
import Testing

@testable import Transport

/// A directory that goes away with the test.
final class TemporaryDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "transport-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path
  }
}

private func pseudorandom(_ count: Int) -> [UInt8] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
}

@Suite("An upload")
struct UploadTests {
  @Test("of a file is base64-encoded between the bytes around it", arguments: [0, 1, 2, 3, 4, 1_000, 200_003])
  func splice(_ size: Int) async throws {
    let directory = try TemporaryDirectory()
    let content = pseudorandom(size)
    let path = try directory.file("image.png", content)
    let body = HTTPBody(
      Array("{\"image\":\"\",\"raw\":\"\"}".utf8),
      splices: [
        HTTPBody.Splice(offset: 10, path: path, size: size, isBase64: true),
        HTTPBody.Splice(offset: 19, path: path, size: size, isBase64: false),
      ])
    let server = try ScriptedServer { _ in .answer("got it") }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url(), body: body))
    #expect(try await response.body.text() == "got it")
    let expected =
      Array("{\"image\":\"".utf8) + Array(Data(content).base64EncodedString().utf8) + Array("\",\"raw\":\"".utf8)
      + content + Array("\"}".utf8)
    #expect(body.count == expected.count)
    let sent = try #require(server.requests.first)
    #expect(sent.body == expected)
    #expect(sent.header("Content-Length") == String(expected.count))
  }

  @Test("reads the same bytes in pieces of any size and from any place", arguments: [1, 2, 3, 5, 7, 64])
  func pieces(_ size: Int) throws {
    let directory = try TemporaryDirectory()
    let content = pseudorandom(50)
    let path = try directory.file("a", content)
    let body = HTTPBody(
      Array("<>".utf8),
      splices: [
        HTTPBody.Splice(offset: 1, path: path, size: 50, isBase64: true),
        HTTPBody.Splice(offset: 1, path: path, size: 50, isBase64: false),
      ])
    let expected = [0x3C] + Array(Data(content).base64EncodedString().utf8) + content + [0x3E]
    let reader = try UploadReader(body)
    for start in 0...expected.count {
      #expect(reader.seek(to: start))
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: size)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
        if count == 0 { break }
        all += buffer[..<count]
      }
      #expect(all == Array(expected[start...]))
    }
    #expect(!reader.seek(to: expected.count + 1))
  }

  @Test("of a file that is gone, grew, shrank or is none ends with its path", arguments: [-1, 0, 5, 20])
  func changed(_ size: Int) async throws {
    let directory = try TemporaryDirectory()
    let path =
      size < 0
      ? directory.url.appending(path: "none").path
      : size == 0 ? directory.url.path : try directory.file("a", pseudorandom(size))
    let body = HTTPBody([], splices: [HTTPBody.Splice(offset: 0, path: path, size: 10, isBase64: true)])
    let server = try ScriptedServer([])
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url(), body: body))
    }
    #expect(error?.kind == .upload)
    #expect(error?.message.hasPrefix(path + ": ") == true)
  }

  @Test("goes over a new connection when the server has closed the kept one")
  func closedMeanwhile() async throws {
    let server = try ScriptedServer { _ in .answer("x") + [.close] }
    let transport = HTTPTransport()
    let body = HTTPBody([UInt8](repeating: 1, count: 100_000))
    for number in 0..<3 {
      #expect(try await transport.send(HTTPRequest(url: server.url(), body: body)).body.text() == "x")
      try await server.waitForClose(ofRequest: number)
    }
    #expect(server.counts.accepted == 3)
    #expect(server.requests.map(\.bodySize) == [100_000, 100_000, 100_000])
  }
}
