// The names that can be seen from a place in a chain: steps above, in this block and in those around it; items of `for`,
// state of `loop`. A name is looked up while the file is read, so what is seen later is not there yet, and a cycle
// cannot be written.

import Formats

/// A step, an item, a counter or a state, as those who use it know it.
struct KnownName: Sendable {
  enum Kind: Sendable { case step, item, state, counter, value }
  var kind: Kind
  var offset: Int
  /// A step's place in its block.
  var index = 0
  /// Whether there may be no value when it has run.
  var mayBeSkipped = false
  /// The members that its value has, where that is known.
  var members: [String]?
  /// For each member, the values that it can have, where that is known.
  var choices: [String: [String]] = [:]
}

/// A name as a step uses it.
package struct NameUse: Sendable, Equatable {
  /// The level of inputs, which are in no frame.
  static let inputLevel = -1

  package var name: String
  /// How many frames stand around the one that the name is in.
  package var level: Int
  /// A step's place in its block; 0 for names of other kinds.
  package var index: Int
  package var isStep: Bool
  /// Something stands in for the value where there is none.
  package var isGuarded: Bool
  /// Only the record `steps.ID` is used, which is there whatever became of the step.
  package var isRecord: Bool
}

struct NameScope {
  struct Frame {
    var names: [String: KnownName] = [:]
  }
  private(set) var frames: [Frame] = []

  static let reserved: Set<String> = [
    "inputs", "vars", "secrets", "run", "steps", "value", "index", "round", "loop",
  ]
  /// Words of expressions, which could never be used as names.
  static let words: Set<String> = [
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "null",
  ]

  mutating func push(_ names: [String: KnownName] = [:]) { frames.append(Frame(names: names)) }

  @discardableResult
  mutating func pop() -> Frame { frames.removeLast() }

  mutating func set(_ name: String, _ known: KnownName) {
    if !frames.isEmpty { frames[frames.count - 1].names[name] = known }
  }

  /// The innermost of a name, with its level.
  func find(_ name: String) -> (known: KnownName, level: Int)? {
    for level in frames.indices.reversed() {
      if let known = frames[level].names[name] { return (known, level) }
    }
    return nil
  }

  /// Everything that can be seen, for suggestions.
  var visible: [String] { frames.flatMap { $0.names.keys } + NameScope.reserved }

  /// Why a name cannot be given here; `nil` where it can.
  func objection(to name: String, what: String) -> (message: String, hint: String?)? {
    if NameScope.reserved.contains(name) { return ("'\(name)' is a reserved name", "give the \(what) another") }
    if NameScope.words.contains(name) { return ("'\(name)' is a word of expressions", "give the \(what) another name") }
    guard let (_, level) = find(name) else { return nil }
    return level == frames.count - 1
      ? ("the name '\(name)' is used twice", "give one of the two another name")
      : ("'\(name)' hides a name from outside", "give the \(what) another name")
  }
}
