// What a kind of assertion is: a check of its arguments, made when the suite is read, and a verdict over an answer. A kind
// says what it found as a fact; `not-`, weights and thresholds over the whole test are none of its business. Adding one
// is a file and a line in the table.

import Formats
import Models
import Prompts

/// What an assertion found.
package struct Finding: Sendable, Equatable {
  package var pass: Bool
  /// From 0 to 1.
  package var score: Double
  /// What is the case, in one sentence, whether it passed or not: `the output has 12 words`.
  package var fact: String
  /// What a judge took for it.
  package var usage: Usage?
  package var cost: Double?

  package init(_ pass: Bool, score: Double? = nil, _ fact: String) {
    self.pass = pass
    self.score = score ?? (pass ? 1 : 0)
    self.fact = fact
  }
}

/// What an assertion is written with.
package struct AssertionArguments: Sendable {
  /// Without `not-`.
  package var kind: String
  package var value: JSON?
  package var threshold: Double?
  package var config: JSON
  /// The grader as it is written, if any.
  package var provider: JSON?
  /// Several graders that decide together; empty where one does.
  package var judges: [JSON] = []
  package var rubricPrompt: JSON?
  package var file: SuiteFile

  func wrong(_ message: String, hint: String? = nil) -> AssertionProblem {
    AssertionProblem(message: "'\(kind)' \(message)", hint: hint)
  }

  /// The value as a text; numbers as they are written.
  func text() throws(AssertionProblem) -> String {
    guard let value, let text = value.string ?? value.numberText ?? value.bool.map({ $0 ? "true" : "false" }) else {
      throw wrong("needs a 'value' that is a text")
    }
    return text
  }

  /// The value as a number.
  func number() -> Double? { value?.double ?? value?.string.flatMap { Double($0) } }
}

/// What is wrong with an assertion's arguments.
package struct AssertionProblem: Error, Sendable, Equatable {
  package var message: String
  package var hint: String?

  package init(message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}

/// An answer that is judged, with all that is known of it.
package struct AssertionSubject: Sendable {
  /// A text, or the value that a transform made of it.
  package var output: JSON
  package var text: String
  /// The prompt as it was sent.
  package var prompt: String
  package var scope: CaseScope
  package var answer: CellAnswer
  package var world: EvalWorld
  package var options = TestOptions()
  /// Where judges' answers are kept until the cell is.
  package var journal: RowJournal?
  package var repetition = 0
  /// The judge that is to decide now, of several.
  var judge: JSON?
  /// The cell was an error in an earlier sitting.
  var isAnew = false

  package init(output: JSON, prompt: String, scope: CaseScope, answer: CellAnswer, world: EvalWorld) {
    self.output = output
    text = output.string ?? output.text
    self.prompt = prompt
    self.scope = scope
    self.answer = answer
    self.world = world
  }

  mutating func set(output: JSON) {
    self.output = output
    text = output.string ?? output.text
  }
}

/// A kind of assertion with its arguments.
package protocol AssertionCheck: Sendable {
  /// - Throws: why there is no verdict: the cell is an error then.
  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding
}

/// A check that needs nothing but the output's text.
struct TextCheck: AssertionCheck {
  let check: @Sendable (String) throws(CellFault) -> Finding

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding { try check(subject.text) }
}

/// A line of the table of kinds.
package struct AssertionKind: Sendable {
  package var names: [String]
  var make: @Sendable (AssertionArguments) throws(AssertionProblem) -> any AssertionCheck
  /// It runs code of the suite's: it needs a person's yes.
  var runsCode = false
  /// Its value is not a template.
  var keepsValue = false

  init(
    _ names: String..., runsCode: Bool = false, keepsValue: Bool = false,
    make: @escaping @Sendable (AssertionArguments) throws(AssertionProblem) -> any AssertionCheck
  ) {
    self.names = names
    self.make = make
    self.runsCode = runsCode
    self.keepsValue = keepsValue
  }
}

package enum AssertionKinds {
  static let table: [AssertionKind] =
    SubstringAssertions.kinds + EqualityAssertions.kinds + LengthAssertions.kinds + JSONAssertions.kinds
    + MarkupAssertions.kinds + SQLAssertions.kinds + OverlapAssertions.kinds + MeasureAssertions.kinds
    + ToolAssertions.kinds + RefusalAssertions.kinds + CodeAssertions.kinds + JudgeAssertions.kinds

  private static let byName: [String: AssertionKind] = {
    var table: [String: AssertionKind] = [:]
    for kind in AssertionKinds.table { for name in kind.names { table[name] = kind } }
    return table
  }()

  package static func kind(named name: String) -> AssertionKind? { byName[name] }

  package static var names: [String] { Array(byName.keys) + ["assert-set", "any", "select-best", "max-score"] }

  /// Kinds of promptfoo's that are known and not there, each with why.
  package static let missing: [String: String] = [
    "meteor": "it needs WordNet", "moderation": "it asks a service of OpenAI's",
    "classifier": "it asks a service of Hugging Face's", "search-rubric": "it needs a judge that searches the web",
    "pi": "it asks a service", "guardrails": "providers tell of it in their own ways",
    "human": "it asks a person", "webhook": "it sends answers away", "ruby": "javascript and python are there",
    "trace-span-count": "there are no traces", "trace-span-duration": "there are no traces",
    "trace-error-spans": "there are no traces", "skill-used": "there are no traces",
    "agent-rubric": "there are no agents",
    "trajectory:tool-used": "there are no traces", "trajectory:tool-args-match": "there are no traces",
    "trajectory:tool-sequence": "there are no traces", "trajectory:tool-set": "there are no traces",
    "trajectory:step-count": "there are no traces", "trajectory:goal-success": "there are no traces",
  ]
}
