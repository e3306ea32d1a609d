// Several files that appear together or not at all: each is written under a temporary name in its own directory, reached
// without following a link, and when all are on the device they are renamed one after another; where one rename fails,
// those before it are taken back.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// New files below a directory.
package final class StagedFiles {
  package enum Mode: String, Sendable { case create, overwrite, append }

  private final class Staged {
    let folder: Descriptor
    let path: String
    let name: String
    let temporary: String
    let mode: Mode
    /// The version before, under another name, while the renames are under way.
    var saved: String?
    var isPlaced = false

    init(_ folder: consuming Descriptor, _ path: String, _ name: String, _ mode: Mode) {
      self.folder = folder
      self.path = path
      self.name = name
      self.mode = mode
      temporary = ".awl-\(RecordID.next().text).tmp"
    }
  }

  private let directory: String
  private var staged: [Staged] = []

  /// - Parameter directory: an absolute path that is trusted; links in it are followed.
  package init(below directory: String) { self.directory = directory }

  deinit { discard() }

  /// Writes a file under a temporary name.
  ///
  /// - Parameter path: relative to the directory, without `.` and `..`.
  /// - Throws: `.exists` where a file is to be made and is there; an error where a part of the path is a link.
  package func stage(_ path: String, _ bytes: [UInt8], _ mode: Mode) throws(StorageError) {
    let names = path.split(separator: "/").map(String.init)
    guard let name = names.last else { throw StorageError(path: path, operation: .create, kind: .invalidPath) }
    var folder = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
    var place = directory
    for part in names.dropLast() {
      place = Paths.join(place, part)
      folder = try folder.openingDirectory(part, path: place, makes: true)
    }
    let whole = Paths.join(place, name)
    var before: [UInt8] = []
    var raw = stat()
    let isThere = fstatat(folder.number, name, &raw, AT_SYMLINK_NOFOLLOW) == 0
    if isThere {
      let status = FileStatus(raw)
      if mode == .create { throw StorageError(path: whole, operation: .create, kind: .exists) }
      if status.kind == .directory { throw StorageError(path: whole, operation: .write, kind: .isDirectory) }
      // A link, a pipe or a device is nothing that a chain writes through or away.
      guard status.kind == .regular else { throw StorageError(path: whole, operation: .write, errno: ELOOP) }
      if mode == .append {
        let file = try folder.openingChild(name, path: whole, O_RDONLY | O_NOFOLLOW)
        before = [UInt8](repeating: 0, count: status.size)
        let count = try before.withMutableRaw { (buffer) throws(StorageError) in try file.fill(buffer, at: 0) }
        before.removeSubrange(count...)
      }
    }
    let entry = Staged(folder, whole, name, mode)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    let file = try entry.folder.openingChild(entry.temporary, path: whole, flags)
    staged.append(entry)
    if isThere { _ = fchmod(file.number, raw.st_mode & 0o7777) }
    try before.withRaw { (buffer) throws(StorageError) in try file.writeAll(buffer) }
    try bytes.withRaw { (buffer) throws(StorageError) in try file.writeAll(buffer) }
    try file.synchronize()
  }

  /// Puts all files in their places, or leaves all as they were.
  package func commit() throws(StorageError) {
    do throws(StorageError) {
      for entry in staged { try place(entry) }
    } catch {
      for entry in staged.reversed() where entry.isPlaced || entry.saved != nil {
        if entry.isPlaced { unlinkat(entry.folder.number, entry.name, 0) }
        if let saved = entry.saved { renameat(entry.folder.number, saved, entry.folder.number, entry.name) }
        entry.saved = nil
      }
      discard()
      throw error
    }
    for entry in staged {
      if let saved = entry.saved { unlinkat(entry.folder.number, saved, 0) }
      try entry.folder.synchronize()
    }
    staged = []
  }

  private func place(_ entry: Staged) throws(StorageError) {
    let folder = entry.folder.number
    if entry.mode == .create {
      // Unlike a rename, a link takes nobody's place.
      if linkat(folder, entry.temporary, folder, entry.name, 0) == 0 {
        entry.isPlaced = true
        unlinkat(folder, entry.temporary, 0)
        return
      }
      // Where the file system has no links, look and rename are two steps.
      guard kind(entry) == nil else { throw StorageError(path: entry.path, operation: .create, kind: .exists) }
    } else if staged.count > 1, let kind = kind(entry) {
      let saved = ".awl-\(RecordID.next().text).old"
      // Without links the file itself moves aside.
      guard
        linkat(folder, entry.name, folder, saved, 0) == 0
          || kind == .regular && renameat(folder, entry.name, folder, saved) == 0
      else { throw failure(entry) }
      entry.saved = saved
    }
    guard renameat(folder, entry.temporary, folder, entry.name) == 0 else { throw failure(entry) }
    entry.isPlaced = true
  }

  /// What has the name of the entry now.
  private func kind(_ entry: Staged) -> FileStatus.Kind? {
    var raw = stat()
    return fstatat(entry.folder.number, entry.name, &raw, AT_SYMLINK_NOFOLLOW) == 0 ? FileStatus(raw).kind : nil
  }

  private func failure(_ entry: Staged) -> StorageError {
    StorageError(path: entry.path, operation: .rename, errno: errno)
  }

  /// Gives up what was staged and not committed.
  package func discard() {
    for entry in staged where !entry.isPlaced { unlinkat(entry.folder.number, entry.temporary, 0) }
    staged = []
  }
}
