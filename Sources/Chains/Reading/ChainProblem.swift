// What is wrong with a chain file. Problems are collected, not thrown: a person wants all of them at once.

import Formats

/// One thing that is wrong with a chain file.
package struct ChainProblem: Sendable, Equatable {
  /// UTF-8 byte offset in the file.
  package var offset: Int
  /// Lower case, no full stop.
  package var message: String
  package var hint: String?

  package init(_ message: String, hint: String? = nil, at offset: Int) {
    self.offset = offset
    self.message = message
    self.hint = hint
  }

  /// `FILE:LINE:COLUMN: MESSAGE (HINT)`.
  package func text(file: String, in source: [UInt8]) -> String {
    FormatError(message, hint: hint, at: SourcePosition(of: offset, in: source)).text(file: file)
  }

  /// As an object, for editors.
  package func json(file: String, in source: [UInt8]) -> JSON {
    let position = SourcePosition(of: offset, in: source)
    return .object([
      ("file", .string(file)), ("line", .number(position.line)), ("column", .number(position.column)),
      ("message", .string(message)), ("hint", hint.map { .string($0) }),
    ])
  }
}

/// A file that is no chain: everything that is wrong with it.
package struct ChainFileError: Error, Sendable {
  package var path: String
  package var source: [UInt8]
  package var problems: [ChainProblem]

  /// One line for each problem, in the order of the file.
  package var lines: [String] { problems.map { $0.text(file: path, in: source) } }
}
