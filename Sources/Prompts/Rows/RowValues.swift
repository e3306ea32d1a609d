// The columns of a row as the variables of a prompt.

import Formats

extension PromptTemplate {
  /// All values for a row: what was typed wins over a column, a column over a default. Columns that the prompt does not
  /// know are none of its business.
  ///
  /// - Throws: what is missing or of the wrong type.
  package func values(of row: Row, typed: [(name: String, value: JSON)]) throws(PromptFileError) -> JSON {
    var given = typed
    for input in inputs where !typed.contains(where: { $0.name == input.name }) {
      guard let cell = row.values[input.name] else { continue }
      given.append((input.name, try value(of: cell, for: input)))
    }
    return try values(given)
  }

  /// A cell in the type that is expected: a table knows only texts, and an empty cell stands for nothing where a default
  /// waits.
  private func value(of cell: JSON, for input: PromptInput) throws(PromptFileError) -> JSON {
    switch (input.kind, cell.string) {
    case (.string, nil) where cell.kind == .number || cell.kind == .bool: return .string(cell.text)
    case (.string, _), (.any, _), (_, nil): return cell
    case (_, let text?):
      guard let value = input.value(of: text) else {
        let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
        throw PromptFileError(file: file, "the column '\(input.name)': '\(shown)' is not \(input.kind.expectation)")
      }
      return value
    }
  }
}
