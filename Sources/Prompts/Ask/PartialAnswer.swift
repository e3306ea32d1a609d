// A JSON answer as far as it has come, for showing it while it streams. A value is given only when the text has grown by
// a sixteenth since the last one: each is a copy of all there is, and so all of them together stay linear in the answer.

import Formats

package struct PartialAnswer: Sendable {
  private var reader = PartialJSON()
  /// Whether a value has begun: talk and fences before it are passed over.
  private var hasBegun = false
  private var hasFailed = false
  private var length = 0
  private var shownLength = 0
  private let schema: JSONSchema

  package init(_ schema: JSONSchema) { self.schema = schema }

  /// Takes the next piece of text; gives the value so far when it is time to show it. An answer that is an object or an
  /// array is shown; of a scalar there is nothing to show before its end.
  package mutating func push(_ text: String) -> JSON? {
    guard !hasFailed, !reader.isComplete else { return nil }
    var piece = Array(text.utf8)[...]
    if !hasBegun {
      guard let start = piece.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }) else {
        return nil
      }
      hasBegun = true
      piece = piece[start...]
    }
    length += piece.count
    do throws(FormatError) {
      try reader.push(piece)
    } catch {
      // What follows the value, such as the end of a fence, is no fault of it; the end judges.
      hasFailed = true
      return nil
    }
    guard length - shownLength >= shownLength / 16 + 1, let value = reader.snapshot() else { return nil }
    shownLength = length
    return schema.unrestricted(value)
  }
}
