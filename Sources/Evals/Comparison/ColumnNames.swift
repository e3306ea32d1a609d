// What columns are called where they are compared: no longer than it takes to tell them apart.

extension ResultsHead.Column {
  /// The column's name among its neighbours: the provider where all have one prompt, the prompt where all have one
  /// provider, else both.
  package static func names(_ columns: [ResultsHead.Column]) -> [String] {
    let samePrompt = columns.allSatisfy { $0.prompt == columns[0].prompt }
    let sameProvider = columns.allSatisfy { $0.provider == columns[0].provider }
    return columns.map { column in
      if samePrompt { return short(column.provider) }
      if sameProvider { return short(column.prompt) }
      return "\(short(column.prompt)) · \(short(column.provider))"
    }
  }

  /// Prompt and provider.
  static func fullName(_ column: ResultsHead.Column) -> String { "\(short(column.prompt)) · \(short(column.provider))" }

  /// A label that is a whole prompt is cut to its beginning, on one line.
  private static func short(_ label: String) -> String {
    var text = ""
    var count = 0
    for character in label {
      if count == 40 { return text + "…" }
      text.append(character.isNewline || character == "\t" ? " " : character)
      count += 1
    }
    return text
  }
}
