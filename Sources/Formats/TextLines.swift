// Lines of a text by its bytes: Swift takes CR LF for one character that is no line feed, so that a text from Windows would
// be one line.

extension String {
  /// The text between line ends (LF, CR LF), as often empty as two of them stand side by side; a text that ends with one
  /// has an empty line behind it, as `split` of a separator gives it.
  package var lines: [Substring] {
    utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      Substring(line.last == 0x0D && line.endIndex < utf8.endIndex ? line.dropLast() : line)
    }
  }
}
