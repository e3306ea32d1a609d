// The file of keys, for those who do not want them in the environment: `$XDG_CONFIG_HOME/awl/keys.json`, readable by its
// owner alone.

import Formats
import Storage

/// Keys by provider, in a file of mode 0600.
package struct KeyFile: Sendable {
  package let path: String
  /// Format version that this program writes.
  private static let version = 1
  /// No key file is larger than this, in bytes.
  private static let limit = 1 << 20

  package init(_ path: String) { self.path = path }

  /// The keys by provider; none where there is no file.
  /// - Throws: a message for a person: the file cannot be read, is damaged, or of a newer version.
  package func read() throws(KeyFileError) -> [(provider: String, key: String)] {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: KeyFile.limit)
    } catch {
      if error.kind == .notFound { return [] }
      throw KeyFileError(error.description)
    }
    let json: JSON
    do throws(FormatError) {
      json = try JSON.parse(bytes, .file)
    } catch {
      // The text around a fault may be a key: only its place is told.
      throw KeyFileError(
        "\(path):\(error.position.line):\(error.position.column): not JSON (awl keys set writes it anew after you remove it)"
      )
    }
    guard let found = json["awl"]?.int, let keys = json["keys"], keys.kind == .object else {
      throw KeyFileError("\(path): no file of keys (awl keys set writes it anew after you remove it)")
    }
    guard found <= KeyFile.version else {
      throw KeyFileError("\(path): written by a newer awl (format \(found); this one reads \(KeyFile.version))")
    }
    return keys.members.compactMap { name, value in value.string.map { (name, $0) } }
  }

  /// Sets a key, or removes it. Gives whether there was one.
  @discardableResult
  package func set(_ provider: String, to key: String?) throws(KeyFileError) -> Bool {
    var keys = try read()
    let position = keys.firstIndex { $0.provider == provider }
    if let position { keys.remove(at: position) }
    if let key { keys.append((provider, key)) }
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("awl", KeyFile.version)
    writer.key("keys")
    writer.beginObject()
    for (provider, key) in keys.sorted(by: { $0.provider < $1.provider }) { writer.member(provider, key) }
    writer.endObject()
    writer.endObject()
    do throws(StorageError) {
      if let directory = Paths.parent(path) { try Files.makeDirectories(directory) }
      try Files.replace(path, writer.bytes + [0x0A], mode: 0o600)
      try Files.setMode(path, 0o600)
    } catch {
      throw KeyFileError(error.description)
    }
    return position != nil
  }
}

/// Why the file of keys cannot be used; never with a key in it.
package struct KeyFileError: Error, Sendable, Equatable {
  package var message: String
  init(_ message: String) { self.message = message }
}
