// Disks that fail: full, read-only, a home that is not there. The answer is shown all the same.

import Foundation
import Support
import Testing

private let echo = ["prompt", "-m", "builtin/echo"]

@Suite("full and read-only disks", .enabled(if: Mount.isPermitted, "mounting is not permitted here"), .serialized)
struct DiskTests {
  @Test("a full disk costs the log and not the answer, and what was logged stays readable") func full() async throws {
    let mount = try Mount(size: "64k")
    let variables = ["XDG_DATA_HOME": mount.path]
    let text = String(repeating: "0123456789abcdef", count: 1_000)
    var results: [ProcessResult] = []
    while results.last.map({ $0.errorText.isEmpty }) ?? true, results.count < 20 {
      results.append(try await runProgram(echo + ["\(results.count) " + text], environment: variables))
    }
    let last = try #require(results.last)
    #expect(results.count > 1)
    #expect(last.errorText.contains("could not be logged") && last.errorText.contains("no space left"))
    for (number, result) in results.enumerated() {
      #expect(result.text == "\(number) \(text)\n" && result.exit == .code(0))
    }
    let log = try await runProgram(["logs", "list", "-k", "100", "--jsonl"], environment: variables)
    #expect(log.text.split(separator: "\n").count == results.count - 1)
    #expect(log.errorText.isEmpty, "\(log.errorText)")
  }

  @Test("a disk that fills while a file is written leaves the old file, and the answer goes to stdout")
  func fullOutput() async throws {
    let mount = try Mount(size: "64k")
    let path = mount.path + "/answer"
    try Data("old\n".utf8).write(to: URL(filePath: path))
    let text = String(repeating: "0123456789abcdef", count: 10_000)
    let result = try await runProgram(echo + ["-o", path], stdin: .text(text))
    #expect(result.text == text + "\n")
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains("no space left") && result.errorText.contains("stdout instead"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: mount.path) == ["answer"])
  }

  @Test("a read-only disk costs the log and not the answer, and the log there can be read") func readOnly() async throws
  {
    let mount = try Mount(size: "64k")
    let variables = ["XDG_DATA_HOME": mount.path]
    _ = try await runProgram(echo + ["before"], environment: variables)
    try mount.remountReadOnly()
    let result = try await runProgram(echo + ["after"], environment: variables)
    #expect(result.text == "after\n" && result.exit == .code(0))
    #expect(result.errorText.contains("could not be logged") && result.errorText.contains("read-only"))
    let log = try await runProgram(["logs", "list", "--jsonl"], environment: variables)
    #expect(log.text.contains("before") && !log.text.contains("after"), "\(log.errorText)")
    let quiet = try await runProgram(echo + ["-n", "after"], environment: variables)
    #expect(quiet.text == "after\n" && quiet.errorText.isEmpty)
  }

  @Test("a cache on a full or read-only disk is told of once, and costs nothing else") func cache() async throws {
    let place = try CountingServer()
    let mount = try Mount(size: "16k")
    let variables = ["XDG_CACHE_HOME": mount.path]
    let first = try await place.ask(["first"], environment: variables)
    #expect(first.errorText.isEmpty, "\(first.errorText)")
    var last = first
    for number in 0..<20 where last.errorText.isEmpty {
      last = try await place.ask(["\(number) " + String(repeating: "x", count: 3000)], environment: variables)
      #expect(last.exit == .code(0) && last.text.hasPrefix("answer "))
    }
    #expect(last.errorText.contains("going on without the cache") && last.errorText.contains("no space left"))
    #expect(last.errorText.split(separator: "\n").count == 1, "\(last.errorText)")
    #expect(try await place.ask(["--cache", "only", "first"], environment: variables).text == "answer 0\n")
    try mount.remountReadOnly()
    #expect(try await place.ask(["--cache", "only", "first"], environment: variables).text == "answer 0\n")
    let readOnly = try await place.ask(["new"], environment: variables)
    #expect(readOnly.exit == .code(0) && readOnly.errorText.contains("going on without the cache"))
  }
}

/// A small file system for as long as this value lives.
final class Mount: Sendable {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  static let isPermitted: Bool = geteuid() == 0 && (try? Mount(size: "64k")) != nil

  init(size: String) throws {
    directory = try TemporaryDirectory("mount")
    try Mount.run("mount", ["-t", "tmpfs", "-o", "size=\(size)", "none", directory.path])
  }

  deinit { try? Mount.run("umount", ["-l", directory.path]) }

  func remountReadOnly() throws { try Mount.run("mount", ["-o", "remount,ro", directory.path]) }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw SupportError("\(program) failed") }
  }
}
