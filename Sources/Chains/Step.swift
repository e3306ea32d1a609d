// A step: its kind, and what every kind may carry besides.

import Formats

/// How a step touches the world, which decides whom it waits for.
package enum Effect: Int, Sendable, Comparable {
  /// Computes, or asks a model: as soon as its inputs are ready.
  case pure
  /// Looks at the world: beside others that do, behind those that change it.
  case looks
  /// Changes the world, or talks to a person: behind all that touch the world above it.
  case changes

  package static func < (left: Effect, right: Effect) -> Bool { left.rawValue < right.rawValue }
}

/// A step of a chain.
package struct Step: Sendable {
  package var id: String
  package var offset: Int
  package var kind: any StepKind
  package var modifiers = Modifiers()
  package var effect: Effect
  /// Names whose values the step itself takes: without one it is skipped.
  package var uses: [NameUse] = []
  /// Names that only steps within it take: it waits for them.
  package var innerUses: [NameUse] = []
  /// Steps of the same block that it waits for, by their places.
  package var needs: [Int] = []
  package var mayBeSkipped = false

  /// The key that its kind has in the file.
  package var kindName: String { type(of: kind).keys[0] }

  package struct Modifiers: Sendable {
    package var name: String?
    package var condition: ChainExpression?
    package var each: Each?
    package var loop: Loop?
    package var budget = BudgetLimits()
    package var retry: Retry?
    /// Seconds for each try, and for all of them.
    package var timeout: Double?
    package var deadline: Double?
    package var cache: CacheUse?
    package var onError: OnError = .fail
  }

  /// `for`.
  package struct Each: Sendable {
    package enum ItemError: String, Sendable, CaseIterable { case fail, keep, drop }
    package var list: ChainExpression
    package var name: String
    package var width: Int
    package var onError: ItemError
  }

  /// `loop`: a fold over rounds.
  package struct Loop: Sendable {
    package enum Condition: Sendable { case whileTrue(ChainExpression), until(ChainExpression), none }
    package var state: [(key: String, value: ChainValue)]
    package var condition: Condition
    package var most: Int
    package var next: [(key: String, value: ChainValue)]
  }

  package enum OnError: Sendable {
    case fail, skip
    case value(ChainValue)
    case steps(Block)
  }
}

/// A kind of step: how it is read, what can be known of it beforehand, and what it does.
package protocol StepKind: Sendable {
  /// The key that makes a step one of this kind; the first is its name.
  static var keys: [String] { get }
  /// What the value of each key may be.
  static var shapes: [Shape] { get }
  /// Other keys of a step that belong to this kind.
  static var siblings: [Shape.Field] { get }

  /// Reads the kind's own keys. The step's shape has been checked; what else is wrong is reported to the reader.
  /// - Returns: nil where nothing can be made of it, which has been reported.
  init?(_ step: JSON, _ reader: ChainReader)

  var effect: Effect { get }
  /// The members of its value, where they are always the same.
  var members: [String]? { get }
  /// What a member of its value can be, where that is a choice of texts.
  var choices: [String: [String]] { get }
  /// Whether its value may be missing although it ran.
  var mayHaveNoValue: Bool { get }
  /// Blocks within it, by what they are called.
  var blocks: [(label: String, block: Block)] { get }

  /// Whether its answers cost something, so that they are kept.
  var isPaid: Bool { get }

  /// Whether it reaches beyond models and files (a program, a server, a person), which tests of chains do not.
  var isOutside: Bool { get }

  /// Whether its value is a list: a list that stands for it in a test is its value, not one value for each time.
  var givesList: Bool { get }
  /// Whether it may be done again where nobody knows how far it came.
  var isRepeatable: Bool { get }

  /// What a person may be asked to allow before it runs; nil where there is nothing to ask.
  func approval(_ context: StepContext) throws(StepFailure) -> ApprovalRequest?
  /// Does what the step is for. Gives `nil` where the value is missing.
  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome?
  /// What it does with the inputs that it has; two that are equal do the same.
  func describe(_ context: StepContext) throws(StepFailure) -> JSON
}

extension StepKind {
  package static var siblings: [Shape.Field] { [] }
  package var members: [String]? { nil }
  package var choices: [String: [String]] { [:] }
  package var mayHaveNoValue: Bool { false }
  package var isPaid: Bool { false }
  package var isOutside: Bool { false }
  package var givesList: Bool { false }
  package var isRepeatable: Bool { false }
  package func approval(_ context: StepContext) throws(StepFailure) -> ApprovalRequest? { nil }
  package var blocks: [(label: String, block: Block)] { [] }
}

/// A step that only computes: it runs where it stands, without a task.
package protocol ImmediateStep: StepKind {
  func compute(_ context: StepContext) throws(StepFailure) -> StepOutcome
}

extension ImmediateStep {
  package var effect: Effect { .pure }
  package func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? { try compute(context) }
}
