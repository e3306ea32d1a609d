// What can be wrong with a prompt file or with the values that it is given: words made once, with the place in the file.

import Formats

/// A prompt that cannot be read or rendered.
package struct PromptFileError: Error, Sendable, Equatable {
  package var file: String
  /// `nil` where the whole file is meant.
  package var position: SourcePosition?
  package var message: String
  package var hint: String?

  package init(file: String, _ error: FormatError) {
    self.file = file
    position = error.position
    message = error.message
    hint = error.hint
  }

  package init(file: String, _ message: String, hint: String? = nil) {
    self.file = file
    self.message = message
    self.hint = hint
  }

  /// `FILE:LINE:COLUMN: MESSAGE (HINT)`.
  package var text: String {
    let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
    return "\(place): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}
