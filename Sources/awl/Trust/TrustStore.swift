// Which files a person has said yes to: by their place and by what they and the files they name hold. Kept beside the
// user's configuration, for its owner alone; a project cannot write it.

import Formats
import Models
import Storage

/// The file of trusted files: `{"awl":1,"files":{"/home/me/p/awl.yaml":{"sha256":"…","time":"…"}}}`
struct TrustStore: Sendable {
  let path: String

  struct Entry: Sendable, Equatable {
    var file: String
    var digest: String
    var time: String
  }

  /// - Throws: a message for a person.
  func entries() throws(Failure) -> [Entry] {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: 1 << 24)
    } catch {
      if error.kind == .notFound { return [] }
      throw Failure(error.description, .usage)
    }
    guard let json = try? JSON.parse(bytes, .file), let version = json["awl"]?.int, let files = json["files"] else {
      throw Failure("\(path): no file of trusted files (remove it, and trust your files again)", .usage)
    }
    guard version == 1 else { throw Failure("\(path): written by a newer awl (format \(version))", .usage) }
    return files.members.compactMap { file, entry in
      guard let digest = entry["sha256"]?.string else { return nil }
      return Entry(file: file, digest: digest, time: entry["time"]?.string ?? "")
    }
  }

  func add(_ entry: Entry) throws(Failure) {
    try write(try entries().filter { $0.file != entry.file } + [entry])
  }

  /// Whether there was one.
  func remove(_ file: String) throws(Failure) -> Bool {
    let before = try entries()
    let after = before.filter { $0.file != file }
    if after.count < before.count { try write(after) }
    return after.count < before.count
  }

  private func write(_ entries: [Entry]) throws(Failure) {
    let files = entries.sorted { $0.file < $1.file }.map { entry in
      (
        entry.file,
        JSON.object([("sha256", .string(entry.digest)), ("time", .string(entry.time))]) as JSON?
      )
    }
    let json = JSON.object([("awl", .number(1)), ("files", .object(files))])
    do throws(StorageError) {
      if let directory = Paths.parent(path) { try Files.makeDirectories(directory) }
      try Files.replace(path, Array((json.prettyText + "\n").utf8), mode: 0o600)
    } catch {
      throw Failure(error.description, .usage)
    }
  }
}
