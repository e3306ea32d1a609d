// Ids that sort by time of making, in the shape of a ULID: 48 bits of Unix milliseconds, 80 random bits, as 26
// characters of Crockford's base 32, lower case. Two made in one millisecond of one process count up, so their order
// is the order of making; this needs the one piece of state that the whole process shares.

import Synchronization

/// The id of a record, safe as a file name.
package struct RecordID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  private static let last = Mutex<RecordID?>(nil)

  /// A new id, greater than every one this process made before, also when the clock was set back.
  package static func next() -> RecordID { next(at: .now()) }

  static func next(at time: Timestamp) -> RecordID {
    last.withLock { last in
      let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
      let id: RecordID
      if let last, last.high >> 16 >= milliseconds {
        let (low, carried) = last.low.addingReportingOverflow(1)
        id = RecordID(high: last.high &+ (carried ? 1 : 0), low: low)
      } else {
        id = RecordID(high: milliseconds << 16 | UInt64.random(in: 0...0xFFFF), low: .random(in: 0...UInt64.max))
      }
      last = id
      return id
    }
  }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads the 26 characters of an id in lower case; nil for anything else.
  package init?(_ text: String) {
    guard text.utf8.count == 26 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for (index, character) in text.utf8.enumerated() {
      guard let digit = alphabet.firstIndex(of: character), index > 0 || digit < 8 else { return nil }
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(digit)
    }
    self.init(high: high, low: low)
  }

  /// The 26 characters.
  package var text: String {
    var characters = [UInt8](repeating: 0, count: 26)
    var high = high
    var low = low
    for index in stride(from: 25, through: 0, by: -1) {
      characters[index] = alphabet[Int(low & 31)]
      low = low >> 5 | high << 59
      high >>= 5
    }
    return String(decoding: characters, as: UTF8.self)
  }

  package var description: String { text }

  /// When it was made.
  package var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

  package static func < (left: RecordID, right: RecordID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// Crockford's alphabet has no i, l, o and u.
private let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
