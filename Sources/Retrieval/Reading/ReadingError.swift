// Why a file gave no text, as a value: a caller that reads many files counts these and goes on.

import Formats
import Storage

/// A file that cannot be read as text.
package enum ReadingError: Error, Equatable, Sendable {
  case storage(StorageError)
  /// The file says it is of a format and is not.
  case format(path: String, FormatError)
  /// Not text: it has NUL bytes in it.
  case binary(path: String)
  /// It was written to while it was read; what was read of it may be half of each.
  case changed(path: String)
  /// Formats that are read as a whole have a limit, in bytes.
  case tooLarge(path: String, limit: Int)
  /// Another program reads this format, and it is not there.
  case needsProgram(path: String, program: String, hint: String)
  /// The other program failed; what it said last.
  case programFailed(path: String, program: String, message: String)
}

extension ReadingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .storage(let error): error.description
    case .format(let path, let error): error.text(file: path)
    case .binary(let path): "\(path): is not text"
    case .changed(let path): "\(path): changed while it was read (read it again)"
    case .tooLarge(let path, let limit): "\(path): is larger than \(limit) bytes, the most that is read of this format"
    case .needsProgram(let path, let program, let hint): "\(path): needs \(program), which is not here (\(hint))"
    case .programFailed(let path, let program, let message): "\(path): \(program) failed: \(message)"
    }
  }
}
