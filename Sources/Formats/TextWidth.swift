// How many columns text takes in a terminal, by what a reader sees as one character (grapheme cluster): East Asian wide
// characters and emoji take two, combining marks none. A small state machine over scalars and not Swift's `Character`:
// it also says where text may be cut, for text that is still coming, and costs an addition for ASCII.

/// Columns of text in a terminal (UAX #11, UTS #51; tables of Unicode 17.0.0).
package enum TextWidth {
  /// Columns of one code point that stands alone: 0, 1 or 2. Control characters take none.
  package static func columns(ofScalar scalar: UInt32) -> Int {
    if scalar < 0x7F { return scalar < 0x20 ? 0 : 1 }
    if scalar < 0x300 { return scalar < 0xA0 ? 0 : 1 }
    // The commonest of all that follows: Han, and what of Europe stands before it.
    if scalar >= 0x4E00, scalar < 0xA000 { return 2 }
    if scalar >= 0x370, scalar < 0x483 { return 1 }
    if holds(TextWidthTable.zero, scalar) { return 0 }
    return holds(TextWidthTable.wide, scalar) ? 2 : 1
  }

  /// Columns of a text.
  /// - Parameter column: where it begins, which matters for tabs: they stop at every eighth.
  package static func columns(of text: String, from column: Int = 0) -> Int {
    var cluster = TextCluster()
    var end = column
    for scalar in text.unicodeScalars {
      if scalar == "\t" {
        end += 8 - end % 8
        cluster = TextCluster()
      } else {
        end += cluster.add(scalar.value).columns
      }
    }
    return end - column
  }

  /// Columns of one grapheme cluster.
  package static func columns(of character: Character) -> Int { columns(of: String(character)) }

  /// Whether sorted ranges (first and last in turns) hold a value.
  static func holds(_ ranges: [UInt32], _ value: UInt32) -> Bool {
    ranges.withUnsafeBufferPointer { ranges in
      // The number of bounds that lie below: odd between a first and its last.
      var (low, high) = (0, ranges.count / 2)
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle * 2 + 1] < value { low = middle + 1 } else { high = middle }
      }
      return low < ranges.count / 2 && ranges[low * 2] <= value
    }
  }
}

/// Grapheme clusters as scalars come, as far as a terminal cares: marks, joiners, variation selectors, skin tones, flags.
package struct TextCluster: Sendable {
  /// What a scalar does.
  package struct Step: Sendable, Equatable {
    /// It begins a cluster: text may be cut in front of it.
    package var begins: Bool
    /// Columns that it adds to the line.
    package var columns: Int
  }

  private var base: UInt32 = 0
  /// Columns of the cluster so far.
  package private(set) var columns = 0
  private var isJoined = false
  private var isFlagHalf = false
  private var hasSpacingMark = false

  package init() {}

  /// Takes the next scalar.
  @inline(__always)
  package mutating func add(_ scalar: UInt32) -> Step {
    if scalar < 0x7F, scalar >= 0x20 {
      (base, columns, isJoined, isFlagHalf, hasSpacingMark) = (scalar, 1, false, false, false)
      return Step(begins: true, columns: 1)
    }
    return addOther(scalar)
  }

  private mutating func addOther(_ scalar: UInt32) -> Step {
    let hasBegun = base != 0
    switch scalar {
    case 0x200D where hasBegun:
      isJoined = true
      return Step(begins: false, columns: 0)
    case 0xFE0F where hasBegun:
      guard columns == 1, TextWidth.holds(TextWidthTable.emojiVariants, base) else {
        return Step(begins: false, columns: 0)
      }
      columns = 2
      return Step(begins: false, columns: 1)
    case 0x1F1E6...0x1F1FF:
      if isFlagHalf {
        (isFlagHalf, isJoined) = (false, false)
        return Step(begins: false, columns: 0)
      }
      return begin(scalar, 2, isFlagHalf: true)
    case 0x1F3FB...0x1F3FF where hasBegun && isPictographic(base): return Step(begins: false, columns: 0)
    default: break
    }
    if isJoined, isPictographic(scalar), isPictographic(base) {
      isJoined = false
      return Step(begins: false, columns: 0)
    }
    let own = TextWidth.columns(ofScalar: scalar)
    guard own == 0, hasBegun else { return begin(scalar, own) }
    isFlagHalf = false
    guard scalar >= 0x903, !hasSpacingMark, let scalar = Unicode.Scalar(scalar),
      scalar.properties.generalCategory == .spacingMark
    else { return Step(begins: false, columns: 0) }
    hasSpacingMark = true
    columns += 1
    return Step(begins: false, columns: 1)
  }

  private mutating func begin(_ scalar: UInt32, _ width: Int, isFlagHalf: Bool = false) -> Step {
    (base, columns, isJoined, self.isFlagHalf, hasSpacingMark) = (scalar, width, false, isFlagHalf, false)
    return Step(begins: true, columns: width)
  }

  /// Emoji and their kin, widely: what a joiner can join and a skin tone can colour.
  private func isPictographic(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x203C...0x3299, 0x1F000...0x1FAFF: true
    default: false
    }
  }
}
