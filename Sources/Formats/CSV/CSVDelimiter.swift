// Which character separates the fields of a text: the one that splits its first rows most evenly.

enum CSVDelimiter {
  static let candidates: [UInt8] = Array(",;\t|".utf8)
  private static let maximumRows = 20

  /// The delimiter of a text from its start; a comma where none splits it. The one that gives all rows the same number
  /// of fields wins over those that do not, then the one with more fields, then the earlier candidate.
  static func find(in text: [UInt8]) -> UInt8 {
    var best = UInt8(ascii: ",")
    var bestScore = (even: 0, fields: 1)
    for candidate in candidates {
      let widths = widths(of: text.prefix(CSVReader.sample), by: candidate)
      guard let first = widths.first, first > 1 else { continue }
      let score = (even: 100 * widths.count { $0 == first } / widths.count, fields: first)
      if score > bestScore {
        best = candidate
        bestScore = score
      }
    }
    return best
  }

  /// Numbers of fields of the first rows that are not blank.
  private static func widths(of text: ArraySlice<UInt8>, by delimiter: UInt8) -> [Int] {
    var widths: [Int] = []
    var fields = 1
    var isFieldStart = true
    var isQuoted = false
    var isQuotedField = false
    var isBlank = true
    for byte in text {
      if isQuoted {
        // A doubled quote closes and opens again.
        if byte == UInt8(ascii: "\"") { isQuoted = false }
      } else if byte == UInt8(ascii: "\"") {
        isQuotedField = isFieldStart || isQuotedField
        isQuoted = isQuotedField
        isBlank = false
        isFieldStart = false
      } else if byte == delimiter {
        fields += 1
        isFieldStart = true
        isQuotedField = false
        isBlank = false
      } else if byte == 0x0A || byte == 0x0D {
        if !isBlank { widths.append(fields) }
        if widths.count == maximumRows { return widths }
        fields = 1
        isFieldStart = true
        isQuotedField = false
        isBlank = true
      } else {
        isFieldStart = false
        isBlank = false
      }
    }
    // A row that the sample cuts off is counted only where there is no other.
    if widths.isEmpty || text.count < CSVReader.sample, !isBlank, !isQuoted { widths.append(fields) }
    return widths
  }
}
