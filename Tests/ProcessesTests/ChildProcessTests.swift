// Children as they come: well-behaved ones, and those that print without end, ignore signals, fork, close their pipes or
// never read. Each is contained, and what it did is told.

import Foundation
import Processes
import Testing

private let variables = ChildEnvironment.allowed(ProcessInfo.processInfo.environment)

private func shell(
  _ script: String, input: ChildProcess.Input = .none, timeout: Double? = 60,
  change: (inout ChildProcess) -> Void = { _ in }
) async throws -> ChildResult {
  var child = ChildProcess(["/bin/sh", "-c", script], environment: variables)
  child.input = input
  child.limits.timeout = timeout
  child.limits.grace = 0.3
  change(&child)
  return try await child.run()
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("child processes") struct ChildProcessTests {
  @Test("both outputs, the exit code and the times come back") func ordinary() async throws {
    let result = try await shell("echo out; echo err >&2; exit 3")
    #expect(result.exit == .code(3) && result.stop == nil && !result.isSuccess)
    #expect(text(result.output) == "out\n" && text(result.errors) == "err\n")
    #expect(!result.isOutputTruncated && result.seconds > 0 && result.ending == "exit code 3")
  }

  @Test("words are arguments: no shell reads them") func words() async throws {
    let words = ["a b", "$HOME", "`id`", "*", "", "é\n"]
    let result = try await ChildProcess(["printf", "<%s>"] + words, environment: variables).run()
    #expect(text(result.output) == words.map { "<\($0)>" }.joined())
  }

  @Test("bytes, a file or nothing are read from standard input") func input() async throws {
    let bytes = [UInt8](repeating: 0x61, count: 3_000_000)
    #expect(try await shell("cat", input: .bytes(bytes)).output == bytes)
    #expect(
      text(try await shell("cat | wc -c", input: .none).output).trimmingCharacters(
        in: .whitespacesAndNewlines) == "0")
    #expect(text(try await shell("head -1", input: .file("/etc/passwd")).output).contains(":"))
    // A child that does not read is no failure.
    #expect(try await shell("exit 0", input: .bytes(bytes)).isSuccess)
  }

  @Test("the environment is what is given: allowed names alone") func environment() async throws {
    let all = [
      "PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "sk-secret", "LC_ALL": "C", "MINE": "1",
      "LD_PRELOAD": "x",
    ]
    let allowed = ChildEnvironment.allowed(all, also: ["MINE"])
    #expect(allowed == ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "MINE": "1"])
    let result = try await ChildProcess(["env"], environment: allowed).run()
    #expect(
      Set(text(result.output).split(separator: "\n")) == [
        "PATH=/usr/bin:/bin", "LC_ALL=C", "MINE=1",
      ])
  }

  #if os(Linux)
    @Test("a program that cannot start leaves no dead process behind") func noZombies() async throws {
      let child = ChildProcess(["/etc/passwd"], environment: variables)
      for _ in 0..<40 { await #expect(throws: ChildError.self) { _ = try await child.run() } }
      let dead = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter { id in
        // `ID (NAME) STATE PARENT …`; it may be gone by now.
        let line = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
        return line.split(separator: ")").last?.hasPrefix(" Z \(getpid()) ") == true
      }
      // Children of other tests die meanwhile, and are waited for soon.
      #expect(dead.count < 30, "\(dead.count)")
    }
  #endif

  @Test("no descriptor of this process is open in the child") func descriptors() async throws {
    let leaked = open("/etc/passwd", O_RDONLY)
    defer { close(leaked) }
    let result = try await shell("ls /proc/self/fd | sort -n | tr '\\n' ' '")
    // The listing has one of its own.
    #expect(text(result.output).split(separator: " ").compactMap { Int($0) }.allSatisfy { $0 <= 3 })
    #expect(!text(result.output).split(separator: " ").contains("\(leaked)") || leaked <= 3)
  }

  @Test("it leads its own group, with no signal ignored or blocked") func group() async throws {
    signal(SIGPIPE, SIG_IGN)
    let result = try await shell("ps -o pid=,pgid= -p $$; grep -E 'Sig(Ign|Blk)' /proc/self/status")
    let words = text(result.output).split(whereSeparator: \.isWhitespace)
    try #require(words.count == 6)
    #expect(words[0] == words[1])
    // 32 and 33 are the C library's own.
    let ignored = try #require(UInt64(words[5], radix: 16))
    #expect(words[3] == "0000000000000000" && ignored & ~0x1_8000_0000 == 0, "\(words)")
  }

  @Test("the working directory is where relative programs are found") func directory() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "awl-child-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appending(path: "here")
    try Data("#!/bin/sh\npwd\n".utf8).write(to: script)
    #expect(chmod(script.path, 0o755) == 0)
    let result = try await ChildProcess(["./here"], environment: variables, directory: folder.path)
      .run()
    #expect(text(result.output).hasSuffix("\(folder.lastPathComponent)\n"))
    // A relative folder of PATH does not count: it would be the stranger's.
    await #expect(throws: ChildError.self) {
      try await ChildProcess(["here"], environment: ["PATH": ".:"], directory: folder.path).run()
    }
  }

  @Test(
    "what cannot be started is told, by kind",
    arguments: [
      (["no-such-program-here"], nil, ChildError.Kind.notFound),
      (["/nowhere/at/all"], nil, .notFound),
      (["/etc/passwd"], nil, .notExecutable), (["true"], "/nowhere", .directory),
      ([], nil, .invalid),
      (["printf", "a\u{0}b"], nil, .invalid),
    ] as [([String], String?, ChildError.Kind)])
  func refused(arguments: [String], directory: String?, kind: ChildError.Kind) async throws {
    do {
      _ = try await ChildProcess(arguments, environment: variables, directory: directory).run()
      Issue.record("it started")
    } catch {
      #expect(error.kind == kind, "\(error.message)")
    }
  }

  @Test("an output of gigabytes is cut and costs no memory") func flood() async throws {
    let result = try await shell("head -c 1000000000 /dev/zero; echo end >&2") {
      $0.limits.outputBytes = 1000
    }
    #expect(result.isSuccess && result.isOutputTruncated && result.output.count == 1000)
    #expect(text(result.errors) == "end\n")
    let ended = try await shell("cat /dev/zero") {
      $0.limits.outputBytes = 1000
      $0.limits.endsWhenFull = true
    }
    #expect(ended.stop == .outputFull && ended.output.count == 1000)
  }

  @Test(
    "what takes too long is ended, whatever it does against it",
    arguments: [
      "sleep 1000", "trap '' TERM INT HUP; while :; do sleep 0.01; done",
      "exec 1>&- 2>&-; sleep 1000",
      "trap '' TERM; sleep 1000 & trap '' TERM; wait; while :; do :; done", "kill -STOP $$",
      "cat /dev/zero",
      "(while :; do :; done) & (trap '' TERM; sleep 1000) & wait",
    ])
  func timeout(script: String) async throws {
    let result = try await shell(script, timeout: 0.3)
    #expect(result.stop == .timeout)
    #expect(
      result.exit == .signal(Int(SIGTERM)) || result.exit == .signal(Int(SIGKILL)), "\(result.exit)"
    )
  }

  @Test("what it leaves running is killed with it, and holds nothing up") func leftovers()
    async throws
  {
    let result = try await shell("sleep 1000 & echo $!; exit 0", timeout: 60)
    #expect(result.isSuccess && result.stop == nil)
    let id = try #require(pid_t(text(result.output).trimmingCharacters(in: .newlines)))
    // Killed; it may be a zombie until init takes it.
    let state = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
    #expect(state.isEmpty || state.contains(") Z") || state.contains(") X"), "\(state)")
  }

  @Test("one that leaves its group and keeps the pipe does not hold the caller") func escaped()
    async throws
  {
    let script =
      "import os,time\nif os.fork()==0:\n os.setsid()\n time.sleep(3)\nelse:\n print('left')"
    var child = ChildProcess(["python3", "-c", script], environment: variables)
    child.limits.timeout = 60
    let result = try await child.run()
    #expect(result.isSuccess && text(result.output) == "left\n")
    #expect(result.stop == nil)
  }

  @Test("limits of processor time, memory and file size hold") func limits() async throws {
    let busy = try await shell("while :; do :; done") { $0.limits.processorSeconds = 1 }
    #expect(busy.exit == .signal(Int(SIGXCPU)) && busy.processorSeconds > 0.5)
    let hungry = try await shell("exec python3 -c 'b=bytearray(2_000_000_000)'") {
      $0.limits.memoryBytes = 500 << 20
    }
    #expect(hungry.exit == .code(1) && text(hungry.errors).contains("MemoryError"))
    let path = NSTemporaryDirectory() + "/awl-limit-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let long = try await shell("exec head -c 1000000 /dev/zero > '\(path)'") {
      $0.limits.fileBytes = 4096
    }
    #expect(!long.isSuccess)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == 4096)
  }

  @Test("cancelling the task ends the child and its group") func cancelled() async throws {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let task = Task {
      var child = ChildProcess(
        ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"],
        environment: variables)
      child.limits.grace = 0.2
      return try await child.run { _, bytes in continuation.yield(bytes) }
    }
    for await bytes in stream {
      #expect(text(bytes) == "ready\n")
      break
    }
    task.cancel()
    let result = try await task.value
    #expect(result.stop == .cancelled && result.exit == .signal(Int(SIGKILL)))
  }

  @Test("a cancelled task starts nothing") func cancelledBefore() async throws {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await ChildProcess(["sleep", "1000"], environment: variables).run()
    }
    task.cancel()
    #expect(try await task.value.stop == .cancelled)
  }

  @Test("output is handed on as it comes") func streaming() async throws {
    let (stream, continuation) = AsyncStream<String>.makeStream()
    let child = ChildProcess(
      ["/bin/sh", "-c", "for i in 1 2 3; do echo $i; echo e$i >&2; done"], environment: variables)
    let result = try await child.run { which, bytes in
      continuation.yield("\(which): \(text(bytes))")
    }
    continuation.finish()
    var output = ""
    for await piece in stream where piece.hasPrefix("standard: ") { output += piece.dropFirst(10) }
    #expect(output == "1\n2\n3\n" && result.output == Array(output.utf8))
    #expect(text(result.errors) == "e1\ne2\ne3\n")
  }

  @Test("many at once: none mixes up with another") func many() async throws {
    try await withThrowingTaskGroup(of: (Int, ChildResult).self) { group in
      for index in 0..<60 {
        group.addTask {
          (index, try await shell("cat; exit \(index)", input: .bytes(Array("\(index)".utf8))))
        }
      }
      for try await (index, result) in group {
        #expect(result.exit == .code(index) && text(result.output) == "\(index)")
      }
    }
  }
}
