// A suite as it is run: prompts × providers × tests, all checked, nothing of its file's form left in it.

import Formats
import Models
import Prompts

/// A suite.
package struct Suite: Sendable {
  /// The file that it was read from; nil where flags alone said it.
  package var file: String?
  package var description: String?
  package var prompts: [SuitePrompt] = []
  package var providers: [SuiteProvider] = []
  package var tests: [TestSource] = []
  package var defaultTest = TestCase()
  package var options = SuiteOptions()
  /// Metrics that are computed from others after a run, in this order.
  package var derived: [DerivedMetric] = []
  /// Who judges where no test names a judge; several decide together.
  package var judges: [JSON] = []
  /// Files that a report is written to after the run.
  package var outputs: [String] = []
  /// Visible to templates as `env.X`.
  package var environment: [String: String] = [:]
  /// The suite as it was read, for exports.
  package var config: JSON = .object([])
  /// What needs a person's yes before it is run, with its place.
  package var trustNeeds: [TrustNeed] = []

  package init() {}

  /// What a file asks for that needs trust.
  package struct TrustNeed: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case address, code }
    package var kind: Kind
    package var file: String
    package var line: Int
    /// A sentence: `the assertion 'python' runs code`.
    package var what: String
  }
}

/// What a suite says of how it is run.
package struct SuiteOptions: Sendable, Equatable {
  package var repeats = 1
  /// Cells asked at once.
  package var width: Int?
  /// Milliseconds between two calls; with it, one cell at a time.
  package var delay: Int?
  package var usesCache: Bool?
  /// Seconds that a call may take.
  package var timeout: Double?
  package var strict: Bool?
  /// Dollars.
  package var maximumCost: Double?

  package init() {}
}

/// A metric that is computed from others.
package struct DerivedMetric: Sendable {
  package var name: String
  package var value: MetricExpression
}

/// A model with the settings of a suite, or another thing that answers.
package struct SuiteProvider: Sendable {
  package enum Kind: Sendable {
    /// A name for `ModelNames`.
    case model(String)
    /// A program that gets the prompt as its last argument.
    case program([String])
    case endpoint(HTTPEndpoint)
  }

  package var label: String
  package var kind: Kind
  package var baseURL: String?
  /// The variable that holds the key.
  package var keyVariable: String?
  package var parameters = Parameters()
  /// Fields of the request's body.
  package var fields: [BodyField] = []
  package var headers: [(name: String, value: String)] = []
  package var schema: OutputSchema?
  package var tools: [Tool] = []
  package var toolChoice: ToolChoice = .auto
  package var system: String?
  /// A template's expression over the output.
  package var transform: Transform?
  /// Labels of the prompts that it is asked; nil for all.
  package var prompts: [String]?
  /// Milliseconds before each call.
  package var delay: Int?
  /// Seconds that a call may take.
  package var timeout: Double?
  /// What makes it another one: part of each cell's id.
  package var identity: String
  package var file: String = ""
  package var position: SourcePosition?

  package init(label: String, kind: Kind, identity: String) {
    self.label = label
    self.kind = kind
    self.identity = identity
  }
}
