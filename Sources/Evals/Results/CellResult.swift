// What came of one cell: one test with its variables, asked of one prompt and one provider, once. It is all that reports,
// statistics and a later run know of it, and it is a line of `results.jsonl`.

import Formats
import Models

/// The result of one cell.
package struct CellResult: Sendable, Equatable {
  /// How a cell ended. An error is neither a pass nor a failure: nothing is known of the answer.
  package enum Outcome: String, Sendable, Equatable { case pass, fail, error }

  /// Hexadecimal, from what was asked and how it is judged: equal cells of two runs have equal ids.
  package var id: String
  /// The test's id: its own, else from its variables and assertions. The same over prompts, providers and repeats.
  package var test: String
  /// The place of the test in its suite, from 0; a variables' combination is a row of its own.
  package var row: Int
  /// The label of the prompt and of the provider. Both together name a column; labels are unique in a suite.
  package var prompt: String
  package var provider: String
  /// From 0.
  package var repetition: Int
  package var description: String?
  /// An object: the variables as the prompt got them.
  package var vars: JSON
  /// An object, or nil where the test has none.
  package var metadata: JSON?
  /// What was sent, as text; of a chat its JSON.
  package var input: String
  /// What came: a text, or a value where a transform made one. Null where nothing came.
  package var output: JSON
  package var outcome: Outcome
  /// From 0 to 1 where the assertions say nothing else; 0 for an error.
  package var score: Double
  /// Why it failed, in one line; empty where it passed.
  package var reason: String
  /// What went wrong; nil unless `outcome` is `.error`.
  package var error: CellError?
  package var assertions: [AssertionResult]
  /// Scores by metric, in their order.
  package var named: [NamedScore]
  package var usage: Usage?
  /// What judges took, which is no part of `usage` and `cost`.
  package var judgeUsage: Usage?
  /// US dollars; nil where the price is not known.
  package var cost: Double?
  package var judgeCost: Double?
  /// Seconds until the answer was whole. Of an answer from the cache: as it took when it was paid for, nil where nobody
  /// knows.
  package var latency: Double?
  package var isCached: Bool
  package var finish: FinishReason?
  /// Milliseconds since 1970, UTC, when the cell ended.
  package var time: Int

  package init(
    id: String, test: String, row: Int, prompt: String, provider: String, repetition: Int = 0, vars: JSON,
    input: String = "", output: JSON = .null, outcome: Outcome, score: Double
  ) {
    self.id = id
    self.test = test
    self.row = row
    self.prompt = prompt
    self.provider = provider
    self.repetition = repetition
    self.vars = vars
    self.input = input
    self.output = output
    self.outcome = outcome
    self.score = score
    reason = ""
    assertions = []
    named = []
    isCached = false
    time = 0
  }

  package var passed: Bool { outcome == .pass }
}

/// Why a cell has no verdict.
package struct CellError: Sendable, Equatable {
  /// The model error's name (`rateLimit`, `timeout`, …), or `judge`, `assertion`, `render`, `transform`.
  package var kind: String
  package var message: String
  /// The exit code that it stands for.
  package var code: Int

  package init(kind: String, message: String, code: Int) {
    self.kind = kind
    self.message = message
    self.code = code
  }
}

/// What an assertion found.
package struct AssertionResult: Sendable, Equatable {
  /// As it is written in the suite, `not-` included.
  package var kind: String
  /// What is expected, rendered; nil where the kind has no value.
  package var value: JSON?
  package var metric: String?
  package var weight: Double
  package var pass: Bool
  package var score: Double
  /// One sentence; of a judge, its own words.
  package var reason: String
  /// The members of a set, else empty.
  package var parts: [AssertionResult]
  /// Where several judges decided.
  package var votes: [JudgeVote] = []
  /// It waits for another that did not pass, and counts as nothing; `pass` says only that it fails nothing.
  package var isSkipped = false

  package init(
    kind: String, value: JSON? = nil, metric: String? = nil, weight: Double = 1, pass: Bool, score: Double,
    reason: String, parts: [AssertionResult] = []
  ) {
    self.kind = kind
    self.value = value
    self.metric = metric
    self.weight = weight
    self.pass = pass
    self.score = score
    self.reason = reason
    self.parts = parts
  }
}

/// A score under a name of the suite's.
package struct NamedScore: Sendable, Equatable {
  package var name: String
  package var score: Double
  /// The sum of the weights that it is the mean over.
  package var weight: Double

  package init(_ name: String, _ score: Double, weight: Double = 1) {
    self.name = name
    self.score = score
    self.weight = weight
  }
}
