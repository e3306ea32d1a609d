// A transform of an output or of variables: an expression or function of the suite's in JavaScript or Python. It is code
// and needs a person's yes like any other.

import Formats

/// A transform of a suite.
package struct Transform: Sendable, Equatable {
  /// The code, or `file://PATH`, with `:function` where one is named.
  package var code: String
  package var place: String

  init?(_ value: JSON, _ file: SuiteFile, _ problems: inout SuiteProblems, _ needs: inout [Suite.TrustNeed]) {
    guard let code = value.string else {
      problems.add(file.problem("a transform is a text", at: value, isError: true))
      return nil
    }
    self.code = code.hasPrefix("file://") ? "file://" + file.path(code) : code
    place = "\(file.name):\(value.position.line)"
    needs.append(
      Suite.TrustNeed(kind: .code, file: file.name, line: value.position.line, what: "a transform runs code"))
  }

  func apply(_ subject: AssertionSubject) async throws(CellFault) -> JSON {
    let context = JSON.object([("vars", subject.scope.vars), ("prompt", .object([("label", .string(subject.prompt))]))])
    return try await subject.world.code.run(
      CodeCall(code: code, kind: .transform, output: subject.output, context: context), at: place)
  }
}
