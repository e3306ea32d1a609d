// A run as spans, one JSON object a line, with the names of OpenTelemetry's conventions for generative AI. They are still
// marked as in development there, so the file says which version is meant. No prompt and no answer is in it.

import Formats
import Models
import Storage
import Synchronization

package final class RunTrace: Sendable {
  /// https://opentelemetry.io/docs/specs/semconv/gen-ai/
  private static let schema = "https://opentelemetry.io/schemas/1.37.0"

  private struct Open {
    var id: String
    var start: Int64
    var kind: String
    var name: String?
  }

  private struct State {
    var open: [String: Open] = [:]
    var lines: [UInt8] = []
    var file: AppendFile?
    var problem: String?
  }

  private let redactor: Redactor
  private let trace: String
  private let root: String
  private let start: Int64
  private let state: Mutex<State>

  /// - Throws: where the file cannot be written. Blocks.
  package init(_ path: String, redactor: Redactor) throws(StepFailure) {
    do throws(StorageError) {
      try Files.replace(path, [])
      state = Mutex(State(file: AppendFile(path)))
    } catch {
      throw StepFailure(error.description, .usage)
    }
    self.redactor = redactor.forRuns(with: [])
    trace = Self.id(16)
    root = Self.id(8)
    start = Timestamp.now().milliseconds
    write(
      .object([
        (
          "resource",
          .object([("service.name", .string("awl")), ("service.version", .string(Version.number))])
        ),
        ("schemaUrl", .string(Self.schema)), ("status", .string("development")),
      ]))
  }

  private static func id(_ bytes: Int) -> String {
    let digits = Array("0123456789abcdef")
    return String((0..<2 * bytes).map { _ in digits[Int.random(in: 0..<16)] })
  }

  package func tell(_ event: RunEvent) {
    let now = Timestamp.now().milliseconds
    switch event {
    case .started(let path, let kind, let name):
      state.withLock { $0.open[path] = Open(id: Self.id(8), start: now, kind: kind, name: name) }
    case .computed(let path):
      span(path, Open(id: Self.id(8), start: now, kind: "computed", name: nil), now, [], nil)
    case .ended(let path, _, let usage, _):
      var attributes: [(String, JSON?)] = []
      if usage.calls > 0 {
        attributes = [
          ("gen_ai.usage.input_tokens", .number(usage.input)), ("gen_ai.usage.output_tokens", .number(usage.output)),
          ("awl.calls", .number(usage.calls)), ("awl.cost_usd", .number(usage.cost)),
        ]
      }
      close(path, now, attributes, nil)
    case .skipped(let path): close(path, now, [("awl.step.state", .string("skipped"))], nil)
    case .failed(let path, let failure):
      if failure.kind != .stop { close(path, now, [], failure.message) }
    case .called(let path, let call): called(path, call, now)
    case .blocked, .items, .itemEnded, .retried, .kept, .warning: break
    }
  }

  /// Ends the trace. Blocks.
  package func finish(_ result: RunResult, name: String) -> String? {
    let now = Timestamp.now().milliseconds
    let failure = result.failure.flatMap { $0.kind == .stop ? nil : $0.message }
    line(
      "invoke_workflow \(name)", root, nil, start, now,
      [
        ("gen_ai.operation.name", .string("invoke_workflow")), ("gen_ai.workflow.name", .string(name)),
        ("awl.run.id", .string(result.id)), ("awl.cost_usd", .number(result.spent.dollars)),
        ("awl.calls", .number(result.spent.calls)),
      ], failure)
    return state.withLock { state in
      flush(&state)
      state.file = nil
      return state.problem
    }
  }

  private func close(_ path: String, _ now: Int64, _ attributes: [(String, JSON?)], _ error: String?) {
    guard let open = state.withLock({ $0.open.removeValue(forKey: path) }) else { return }
    span(path, open, now, attributes, error)
  }

  private func span(
    _ path: String, _ open: Open, _ now: Int64, _ attributes: [(String, JSON?)], _ error: String?
  ) {
    var all: [(String, JSON?)] = [
      ("awl.step.path", .string(path)), ("awl.step.kind", .string(open.kind)),
      ("awl.step.name", open.name.map { .string($0) }),
    ]
    var name = "step \(path)"
    if open.kind == "run" || open.kind == "http" {
      name = "execute_tool \(path)"
      all += [("gen_ai.operation.name", .string("execute_tool")), ("gen_ai.tool.name", .string(path))]
    }
    line(name, open.id, parent(of: path), open.start, now, all + attributes, error)
  }

  private func called(_ path: String, _ call: ModelCallFacts, _ now: Int64) {
    let attributes: [(String, JSON?)] = [
      ("gen_ai.operation.name", .string(call.operation)), ("gen_ai.provider.name", .string(call.provider)),
      ("gen_ai.request.model", .string(call.model)), ("gen_ai.response.model", call.servedModel.map { .string($0) }),
      ("gen_ai.usage.input_tokens", .number(call.input)), ("gen_ai.usage.output_tokens", .number(call.output)),
      ("gen_ai.response.finish_reasons", call.finish.map { .array([.string($0)]) }),
      ("awl.cost_usd", call.cost.map { .number($0) }), ("awl.attempts", .number(call.attempts)),
      ("awl.cached", call.isCached ? true : nil), ("awl.step.path", .string(path)),
    ]
    let start = now - Int64(call.seconds * 1000)
    line("\(call.operation) \(call.model)", Self.id(8), parent(of: path + "["), start, now, attributes, call.error)
  }

  /// The innermost open step around a path: `a#2/b[3]` lies in `a#2/b`, else in `a`.
  private func parent(of path: String) -> String {
    var bytes = Array(path.utf8)
    return state.withLock { state in
      while let cut = bytes.lastIndex(where: { "/[#!".utf8.contains($0) }) {
        bytes.removeSubrange(cut...)
        if let open = state.open[String(decoding: bytes, as: UTF8.self)] { return open.id }
      }
      return root
    }
  }

  private func line(
    _ name: String, _ id: String, _ parent: String?, _ start: Int64, _ end: Int64, _ attributes: [(String, JSON?)],
    _ error: String?
  ) {
    write(
      .object([
        ("traceId", .string(trace)), ("spanId", .string(id)), ("parentSpanId", parent.map { .string($0) }),
        ("name", .string(name)), ("startTimeUnixNano", .string("\(start)000000")),
        ("endTimeUnixNano", .string("\(end)000000")), ("attributes", .object(attributes)),
        (
          "status",
          .object([
            ("code", .string(error == nil ? "STATUS_CODE_OK" : "STATUS_CODE_ERROR")),
            ("message", error.map { .string($0) }),
          ])
        ),
      ]))
  }

  private func write(_ json: JSON) {
    var bytes = json.utf8
    redactor.redact(&bytes)
    let line = bytes
    state.withLock { state in
      state.lines += line + [0x0A]
      if state.lines.count > 1 << 16 { flush(&state) }
    }
  }

  private func flush(_ state: inout State) {
    guard state.lines.popLast() != nil else { return }
    do throws(StorageError) { try state.file?.append(state.lines) } catch { state.problem = error.description }
    state.lines = []
  }
}

/// One call of a model, for a trace.
package struct ModelCallFacts: Sendable {
  /// `chat`, `embeddings`
  package var operation: String
  package var provider: String
  package var model: String
  package var servedModel: String?
  package var input: Int
  package var output: Int
  package var finish: String?
  package var cost: Double?
  package var attempts: Int
  package var seconds: Double
  package var isCached: Bool
  package var error: String?

  init(_ outcome: Outcome, _ target: Target) {
    operation = "chat"
    provider = target.provider.name
    model = target.model
    servedModel = outcome.reply.servedModel
    input = outcome.reply.usage?.totalInput ?? 0
    output = outcome.reply.usage?.output ?? 0
    finish = outcome.reply.finish?.rawValue
    cost = outcome.cost
    attempts = outcome.attempts
    seconds = outcome.timing.total
    isCached = outcome.isCached
    error = outcome.error?.text
  }
}
