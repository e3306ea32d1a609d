// A part of a suite for one of several machines. Which part a test falls into hangs on its id alone: a test that is added
// or taken away moves no other, and every machine comes to the same split without hearing of the others.

import Storage

/// One of so many parts.
package struct Shard: Sendable, Hashable, CustomStringConvertible {
  /// From 1.
  package let number: Int
  package let count: Int

  package static let most = 10_000

  /// Reads `2/4`; nil where it is none of its parts.
  package init?(_ text: String) {
    let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count == 2, let number = Int(pieces[0]), let count = Int(pieces[1]), (1...Shard.most).contains(count),
      (1...count).contains(number)
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  package var description: String { "\(number)/\(count)" }

  /// Whether a test is of this part.
  ///
  /// - Parameter test: its id, whatever its form: equal tests have equal ids and stay together.
  package func holds(_ test: String) -> Bool {
    let word = SHA256.hash(Array(test.utf8)).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return word % UInt64(count) == UInt64(number - 1)
  }
}
