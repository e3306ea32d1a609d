// Why a step did not give a value, as those who decide what follows need to know it.

import Formats
import Models

package struct StepFailure: Error, Sendable {
  package enum Kind: Sendable, Equatable {
    /// One of `Retry.reasons`.
    case passing(String)
    case other
    /// The step `stop`: no failure, but the end.
    case stop
    /// Something else failed, and nothing new is begun.
    case halted
    case interrupted
    /// A budget is spent.
    case budget
    /// The run cannot be written down any more.
    case journal
  }

  package var kind: Kind
  /// What the program's exit code will be.
  package var code: Int32
  package var message: String
  package var hint: String?
  /// Of the step: `labels[3]`; empty where it is the chain itself.
  package var path: String
  /// Where in the file; nil where it is no place in it.
  package var offset: Int?

  package init(
    _ message: String, hint: String? = nil, _ code: ExitCode, kind: Kind = .other, path: String = "",
    at offset: Int? = nil
  ) {
    self.kind = kind
    self.code = code.rawValue
    self.message = message
    self.hint = hint
    self.path = path
    self.offset = offset
  }

  init(_ error: ModelError) {
    let reason: String? =
      switch error.kind {
      case .rateLimit: "rate_limit"
      case .overloaded: "overloaded"
      case .server: "server"
      case .network, .truncated: "network"
      case .timeout: "timeout"
      case .invalidOutput: "invalid"
      default: nil
      }
    self.init(
      error.text, error.exitCode,
      kind: error.kind == .cancelled
        ? .interrupted : error.kind == .budget ? .budget : reason.map { .passing($0) } ?? .other)
  }

  static let halted = StepFailure("not begun, since another step failed", .bug, kind: .halted)
  static let interrupted = StepFailure("interrupted", .interrupted, kind: .interrupted)

  /// Whether it ends the run whatever a step says of its errors.
  var endsRun: Bool {
    switch kind {
    case .stop, .halted, .interrupted, .journal: true
    default: false
    }
  }

  /// `MESSAGE (HINT)`.
  package var text: String { message + (hint.map { " (\($0))" } ?? "") }
}

/// What a step gave.
package struct StepOutcome: Sendable {
  package var value: Value
  package var usage: StepUsage
  /// For people: how it went.
  package var note: String?
  /// Of what was read: on resuming it is read again, and this tells whether it changed. The value is not kept then.
  package var fingerprint: String?

  package init(_ value: JSON, isTainted: Bool = false, usage: StepUsage = StepUsage(), note: String? = nil) {
    self.init(Value(value, isTainted: isTainted), usage: usage, note: note)
  }

  init(_ value: Value, usage: StepUsage = StepUsage(), note: String? = nil) {
    self.value = value
    self.usage = usage
    self.note = note
  }
}

/// What the calls of a step took.
package struct StepUsage: Sendable, Equatable {
  package var calls = 0
  package var input = 0
  package var output = 0
  /// US dollars, as far as prices are known.
  package var cost = 0.0

  package init() {}

  package static func + (left: StepUsage, right: StepUsage) -> StepUsage {
    var sum = left
    sum.calls += right.calls
    sum.input += right.input
    sum.output += right.output
    sum.cost += right.cost
    return sum
  }

  package var json: JSON {
    .object([
      ("calls", .number(calls)), ("input_tokens", .number(input)), ("output_tokens", .number(output)),
      ("cost", .number(cost)),
    ])
  }

  package init(_ json: JSON) {
    calls = json["calls"]?.int ?? 0
    input = json["input_tokens"]?.int ?? 0
    output = json["output_tokens"]?.int ?? 0
    cost = json["cost"]?.double ?? 0
  }
}
