// Code of a suite's in JavaScript and Python, run in one process for each language that stays for the whole run: calls go
// in as lines of JSON over a pipe and come back as such. Nothing is run that a person has not said yes to; whoever makes
// the workers has asked.

import Formats
import Processes
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A piece of code that is to be run on an output.
package struct CodeCall: Sendable {
  package enum Kind: String, Sendable { case assertion, transform }

  package var code: String
  package var kind: Kind
  package var output: JSON
  package var context: JSON
  package var language = CodeLanguage.javascript

  init(code: String, kind: Kind, output: JSON, context: JSON, language: CodeLanguage? = nil) {
    self.code = code
    self.kind = kind
    self.output = output
    self.context = context
    let path = code.hasPrefix("file://") ? code : ""
    self.language = language ?? (path.hasSuffix(".py") || path.contains(".py:") ? .python : .javascript)
  }
}

package enum CodeLanguage: String, Sendable, CaseIterable {
  case javascript, python

  var program: String { self == .javascript ? "node" : "python3" }
}

/// Runs code.
package final class CodeWorkers: Sendable {
  private let variables: [String: String]
  private let workers = Mutex<[CodeLanguage: CodeWorker]>([:])

  /// - Parameter variables: the environment of the programs, without keys.
  package init(variables: [String: String]) { self.variables = variables }

  /// - Parameter place: where the code stands, for words.
  func run(_ call: CodeCall, at place: String) async throws(CellFault) -> JSON {
    let worker = workers.withLock { workers in
      if let worker = workers[call.language] { return worker }
      let worker = CodeWorker(call.language, variables)
      workers[call.language] = worker
      return worker
    }
    let reply = try await worker.run(call)
    if let problem = reply["error"]?.string {
      throw CellFault("assertion", "\(place): \(quoted(problem, limit: 300))", 2)
    }
    return reply["result"] ?? .null
  }

  /// Ends the programs.
  package func close() { workers.withLock { $0.values.forEach { $0.close() } } }
}

/// One program that runs code.
private final class CodeWorker: Sendable {
  private struct State {
    var waiting: [Int: CheckedContinuation<Result<JSON, CellFault>, Never>] = [:]
    var next = 0
    var pipe: Int32 = -1
    var directory: String?
    var buffer: [UInt8] = []
    var isStarted = false
    var end: CellFault?
    var task: Task<Void, Never>?
  }

  private let language: CodeLanguage
  private let variables: [String: String]
  private let state = Mutex(State())
  private let thread = SerialThread(name: "awl-code")

  init(_ language: CodeLanguage, _ variables: [String: String]) {
    self.language = language
    self.variables = variables
  }

  deinit { close() }

  func close() {
    let (pipe, directory, task) = state.withLock { state in
      defer { (state.pipe, state.directory) = (-1, nil) }
      return (state.pipe, state.directory, state.task)
    }
    if pipe >= 0 { _ = systemClose(pipe) }
    task?.cancel()
    if let directory {
      unlink(directory + "/calls")
      rmdir(directory)
    }
  }

  func run(_ call: CodeCall) async throws(CellFault) -> JSON {
    let result: Result<JSON, CellFault> = await withCheckedContinuation { continuation in
      thread.enqueue { self.send(call, continuation) }
    }
    return try result.get()
  }

  /// Blocks while the program reads what was sent before.
  private func send(_ call: CodeCall, _ continuation: CheckedContinuation<Result<JSON, CellFault>, Never>) {
    let started = state.withLock { state in
      defer { state.isStarted = true }
      return state.isStarted
    }
    if !started { start() }
    let (id, pipe, end) = state.withLock { state -> (Int, Int32, CellFault?) in
      guard state.end == nil else { return (0, -1, state.end) }
      state.next += 1
      state.waiting[state.next] = continuation
      return (state.next, state.pipe, nil)
    }
    if let end { return continuation.resume(returning: .failure(end)) }
    var writer = JSONWriter(capacity: 1024)
    writer.beginObject()
    writer.member("id", id)
    writer.member("kind", call.kind.rawValue)
    writer.member("code", call.code)
    writer.member("output", call.output)
    writer.member("context", call.context)
    writer.endObject()
    let line = writer.bytes + [0x0A]
    var offset = 0
    while offset < line.count {
      let written = line.withUnsafeBytes { write(pipe, $0.baseAddress.map { $0 + offset }, line.count - offset) }
      if written < 0 {
        if errno == EINTR { continue }
        return ended(CellFault("assertion", "\(language.program) cannot be written to", 2))
      }
      offset += written
    }
  }

  private func start() {
    var template = Array("/tmp/awl-code.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return ended(CellFault("assertion", "no temporary directory", 2)) }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = directory + "/calls"
    guard mkfifo(path, 0o600) == 0 else { return ended(CellFault("assertion", "no pipe in \(directory)", 2)) }
    // For reading as well, so that opening waits for nobody.
    let pipe = open(path, O_RDWR | O_CLOEXEC)
    guard pipe >= 0 else { return ended(CellFault("assertion", "no pipe in \(directory)", 2)) }
    var child = ChildProcess(
      language == .javascript ? ["node", "-e", CodeScripts.javascript] : ["python3", "-u", "-c", CodeScripts.python],
      environment: variables)
    child.input = .file(path)
    child.limits.outputBytes = 0
    let program = language.program
    let task = Task { [weak self, child] in
      var words = "\(program) ended"
      do throws(ChildError) {
        let result = try await child.run { [weak self] which, bytes in
          if which == .standard { self?.receive(bytes) }
        }
        words += ": \(result.ending)"
      } catch {
        words = error.kind == .notFound ? "\(program) is not installed, and the suite has code for it" : error.message
      }
      self?.ended(CellFault("assertion", words, 2))
    }
    state.withLock { state in
      state.pipe = pipe
      state.directory = directory
      state.task = task
    }
  }

  private func receive(_ bytes: [UInt8]) {
    let replies = state.withLock { state in
      state.buffer += bytes
      var replies: [(CheckedContinuation<Result<JSON, CellFault>, Never>, JSON)] = []
      while let end = state.buffer.firstIndex(of: 0x0A) {
        let line = Array(state.buffer[..<end])
        state.buffer.removeFirst(end + 1)
        // What code prints itself is none of ours.
        guard line.starts(with: CodeScripts.mark),
          let reply = try? JSON.parse(Array(line.dropFirst(CodeScripts.mark.count))),
          let id = reply["id"]?.int, let waiting = state.waiting.removeValue(forKey: id)
        else { continue }
        replies.append((waiting, reply))
      }
      return replies
    }
    for (continuation, reply) in replies { continuation.resume(returning: .success(reply)) }
  }

  private func ended(_ fault: CellFault) {
    let waiting = state.withLock { state in
      state.end = fault
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: .failure(fault)) }
  }
}

private func systemClose(_ number: Int32) -> Int32 { close(number) }
