// Columns of text in a terminal, against wcwidth's values.

import Testing

@testable import Formats

@Suite("text width") struct TextWidthTests {
  @Test("a string takes the columns that wcswidth gives", arguments: TextWidthData.strings)
  func strings(text: String, columns: Int) {
    #expect(
      TextWidth.columns(of: text) == columns, "\(text) \(text.unicodeScalars.map { String($0.value, radix: 16) })")
  }

  @Test("a code point takes the columns that wcwidth gives") func scalars() {
    for (scalar, columns) in TextWidthData.scalars {
      #expect(TextWidth.columns(ofScalar: scalar) == columns, "\(String(scalar, radix: 16))")
    }
  }

  @Test(
    "a tab goes to the next stop",
    arguments: [("\t", 0, 8), ("a\tb", 0, 9), ("\t", 7, 1), ("\t\t", 4, 12), ("日\t", 0, 8), ("1234567\t", 0, 8)])
  func tabs(text: String, from column: Int, columns: Int) {
    #expect(TextWidth.columns(of: text, from: column) == columns)
  }

  @Test("widths of clusters add up to the string's") func clusters() {
    for (text, columns) in TextWidthData.strings {
      #expect(text.reduce(0) { $0 + TextWidth.columns(of: $1) } == columns, "\(text)")
    }
  }

  @Test("control characters take nothing") func controls() {
    for scalar in [0, 7, 0x1B, 0x7F, 0x9B] as [UInt32] { #expect(TextWidth.columns(ofScalar: scalar) == 0) }
  }

  @Test("the tables are sorted and do not overlap") func tables() {
    for table in [TextWidthTable.wide, TextWidthTable.zero, TextWidthTable.emojiVariants] {
      #expect(table.count.isMultiple(of: 2))
      for (index, pair) in zip(table, table.dropFirst()).enumerated() {
        #expect(index.isMultiple(of: 2) ? pair.0 <= pair.1 : pair.0 < pair.1)
      }
    }
    for start in stride(from: 0, to: TextWidthTable.zero.count, by: 2) {
      #expect(!TextWidth.holds(TextWidthTable.wide, TextWidthTable.zero[start]))
    }
  }
}
