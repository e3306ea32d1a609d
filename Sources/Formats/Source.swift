// Where something stands in a text that a person wrote, and the one error that every reader of a format throws.

/// A place in a source text.
package struct SourcePosition: Sendable, Equatable, Hashable {
  /// Line, from 1. Lines end at LF, CRLF or CR.
  package var line: Int
  /// Column in Unicode scalars, from 1.
  package var column: Int
  /// UTF-8 byte offset, from 0.
  package var offset: Int

  package init(line: Int, column: Int, offset: Int) {
    self.line = line
    self.column = column
    self.offset = offset
  }

  /// The place of byte `offset` in `bytes`. Linear in `offset`: made when an error is worded, not before.
  package init(of offset: Int, in bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { SourcePosition(of: offset, in: $0) }
  }

  /// The place of byte `offset` in `bytes`.
  package init(of offset: Int, in bytes: UnsafeRawBufferPointer) {
    self.init(line: 1, column: 1, offset: 0)
    advance(to: offset, in: bytes)
  }

  /// Goes on to a later byte of the same text, so that who goes through all of it counts each line once.
  package mutating func advance(to later: Int, in bytes: UnsafeRawBufferPointer) {
    let end = min(later, bytes.count)
    var index = offset
    // A byte order mark takes no column.
    if index == 0, bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { index = 3 }
    while index < end {
      let byte = bytes[index]
      if byte == 0x0A || (byte == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)) {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 && byte != 0x0D {
        column += 1
      }
      index += 1
    }
    offset = later
  }
}

/// A text that a reader cannot accept: what is wrong, where, and what to do.
package struct FormatError: Error, Sendable, Equatable {
  /// What is wrong: lower case, no full stop.
  package var message: String
  /// What helps, shown in parentheses.
  package var hint: String?
  package var position: SourcePosition

  package init(_ message: String, hint: String? = nil, at position: SourcePosition) {
    self.message = message
    self.hint = hint
    self.position = position
  }

  /// `FILE:LINE:COLUMN: MESSAGE (HINT)`.
  package func text(file: String) -> String {
    "\(file):\(position.line):\(position.column): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}
