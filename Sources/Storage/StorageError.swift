// What can go wrong with a file, as a value: where, while doing what, and of which kind.
// The system's error number is sorted into kinds once, here, so that callers act on the kind and never on a number;
// the words a person reads are made here as well.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A failed operation on a file or directory.
///
/// Its description reads `PATH: cannot write, no space left on the device (free some space)`.
package struct StorageError: Error, Equatable, Sendable {
  /// What was being done.
  package enum Operation: String, Sendable {
    case open, read, write, create, lock, rename, remove, list, inspect
    case synchronize = "save"
  }

  /// The kinds a caller may want to tell apart.
  package enum Kind: Equatable, Sendable {
    /// Nothing has this name.
    case notFound
    /// A file was needed and a directory was found.
    case isDirectory
    /// A directory was needed, or a part of the path is a file.
    case notDirectory
    /// Something with this name is there already.
    case exists
    /// The owner or mode of the file or of its directory forbids it.
    case permission
    /// No space, quota or file size is left.
    case diskFull
    /// The file system is mounted read-only.
    case readOnly
    /// Another process works with it.
    case inUse
    /// The file is larger than the reader accepts; the limit in bytes.
    case tooLarge(limit: Int)
    /// The bytes at this offset are not what was written.
    case corrupt(offset: Int)
    /// The file carries a format version that this program does not read.
    case version(found: Int, supported: Int)
    /// The path is empty or holds a NUL byte.
    case invalidPath
    /// The bytes given are not one JSON object on one line.
    case invalidRecord
    /// Any other error number of the system (`errno`).
    case other(Int32)
  }

  package let path: String
  package let operation: Operation
  package let kind: Kind

  package init(path: String, operation: Operation, kind: Kind) {
    self.path = path
    self.operation = operation
    self.kind = kind
  }

  /// Sorts a system error number into its kind.
  package init(path: String, operation: Operation, errno number: Int32) {
    self.init(path: path, operation: operation, kind: Kind(errno: number))
  }
}

extension StorageError.Kind {
  /// The kind of a system error number.
  package init(errno number: Int32) {
    switch number {
    case ENOENT: self = .notFound
    case EISDIR: self = .isDirectory
    case ENOTDIR: self = .notDirectory
    case EEXIST, ENOTEMPTY: self = .exists
    case EACCES, EPERM: self = .permission
    case ENOSPC, EDQUOT, EFBIG: self = .diskFull
    case EROFS: self = .readOnly
    default: self = .other(number)
    }
  }
}

extension StorageError: CustomStringConvertible {
  package var description: String { "\(path.isEmpty ? "(empty path)" : path): \(reason)" }

  /// The description without its path: what is wrong, and a hint where there is a way forward.
  package var reason: String {
    switch kind {
    case .notFound: "no such file or directory"
    case .isDirectory: "is a directory (name a file)"
    case .notDirectory: "a part of this path is not a directory"
    case .exists: "cannot \(operation.rawValue), it exists already"
    case .permission: "cannot \(operation.rawValue), permission denied (check owner and mode)"
    case .diskFull: "cannot \(operation.rawValue), no space left on the device (free some space)"
    case .readOnly: "cannot \(operation.rawValue), the file system is read-only (choose another place)"
    case .inUse: "is in use by another process (wait for its end)"
    case .tooLarge(let limit): "is larger than \(limit) bytes, the most that is read"
    case .corrupt(let offset): "is damaged at byte \(offset)"
    case .version(let found, let supported) where found > supported:
      "has format version \(found), this program reads up to \(supported) (update it)"
    case .version(let found, let supported):
      "has format version \(found), this program reads \(supported) (write it anew)"
    case .invalidPath: "is not a usable path"
    case .invalidRecord: "cannot \(operation.rawValue), a record must be one JSON object on one line"
    case .other(let number): "cannot \(operation.rawValue), \(systemErrorText(number))"
    }
  }
}

private func systemErrorText(_ number: Int32) -> String {
  guard let text = strerror(number) else { return "system error \(number)" }
  let words = String(cString: text)
  return words.prefix(1).lowercased() + words.dropFirst()
}
