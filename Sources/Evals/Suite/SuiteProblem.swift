// What is wrong with a suite, told all at once. Whatever would be passed over without a word elsewhere is a warning here,
// and an error where the suite is strict.

import Formats

/// Something wrong with a suite's files.
package struct SuiteProblem: Error, Sendable, Equatable {
  package var file: String
  package var position: SourcePosition?
  package var message: String
  package var hint: String?
  /// The suite cannot be run; else it is passed over unless the suite is strict.
  package var isError: Bool

  package var text: String {
    let place = position.map { "\(file):\($0.line):\($0.column): " } ?? "\(file): "
    return place + message + (hint.map { " (\($0))" } ?? "")
  }
}

/// The problems of a suite, in the order in which they were found.
package struct SuiteProblems: Sendable {
  package private(set) var all: [SuiteProblem] = []
  /// A suite of thousands of tests that all have the same mistake says so once and counts the rest.
  package private(set) var left = 0
  private static let most = 50

  package init() {}

  package mutating func add(_ problem: SuiteProblem) {
    guard all.count < SuiteProblems.most || problem.isError else {
      left += 1
      return
    }
    if !all.contains(problem) { all.append(problem) }
  }

  package var errors: [SuiteProblem] { all.filter(\.isError) }
}

/// A file of a suite that is being read: its name and where paths in it lead.
package struct SuiteFile: Sendable {
  /// As it is named in errors.
  package var name: String
  /// What relative paths begin at.
  package var directory: String

  package init(name: String, directory: String) {
    self.name = name
    self.directory = directory
  }

  package func problem(
    _ message: String, hint: String? = nil, at value: JSON? = nil, isError: Bool = false
  ) -> SuiteProblem {
    SuiteProblem(file: name, position: value?.position, message: message, hint: hint, isError: isError)
  }

  package func problem(_ error: FormatError, isError: Bool = true) -> SuiteProblem {
    SuiteProblem(
      file: name, position: error.position, message: error.message, hint: error.hint, isError: isError)
  }

  /// The path that a text in this file means; `file://` in front says nothing.
  package func path(_ text: String) -> String {
    let path = text.hasPrefix("file://") ? String(text.dropFirst(7)) : text
    if path.hasPrefix("/") || directory.isEmpty || directory == "." { return path }
    return directory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
  }

  /// Warns of the keys of an object that nobody knows.
  package func checkKeys(
    _ object: JSON, known: [String], of what: String, _ problems: inout SuiteProblems
  ) {
    for (key, value) in object.members where !known.contains(key) {
      let near = EditDistance.suggestion(for: key, among: known)
      problems.add(
        SuiteProblem(
          file: name, position: object.keyPosition(key) ?? value.position, message: "unknown key '\(key)' of \(what)",
          hint: near.map { "did you mean '\($0)'?" }, isError: false))
    }
  }
}
