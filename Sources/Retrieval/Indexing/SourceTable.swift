// What a store knows of the files it was made from, as one of its attachments: enough to tell without reading a file that
// it did not change. Little-endian, sources in the order of their names:
//
//     0   8  "awl src\n"      8   4  version, 1      12   4  number of sources
//     then for each:
//     0   4  bytes of the name      4   4  rows      8   4  root (see `IndexSettings`)     12   4  zeros
//     16  8  size      24  8  modified      32  8  changed      40  8  device      48  8  inode
//     56  8  what the settings were      64  32  SHA-256 of the contents      96  the name, UTF-8

import Storage

/// What is known of one source.
package struct SourceState: Sendable, Equatable {
  package var stamp: FileStamp
  /// SHA-256 of the contents, 32 bytes.
  package var digest: [UInt8]
  /// Of the settings that its rows were made with.
  package var settings: UInt64
  package var rows: Int
  /// Which of the paths that are indexed it was found under.
  package var root: Int

  package init(stamp: FileStamp, digest: [UInt8], settings: UInt64, rows: Int, root: Int) {
    self.stamp = stamp
    self.digest = digest
    self.settings = settings
    self.rows = rows
    self.root = root
  }
}

/// All sources by name.
package struct SourceTable: Sendable, Equatable {
  package static let attachment = "sources"
  package var sources: [String: SourceState] = [:]

  private static let magic = Array("awl src\n".utf8)
  private static let version = 1
  private static let entrySize = 96

  package init() {}

  /// The table of a store, empty where it has none.
  package init(_ reader: StoreReader) throws(StoreError) {
    guard let bytes = try reader.attachment(SourceTable.attachment) else {
      self.init()
      return
    }
    try self.init(bytes, path: reader.directory)
  }

  /// - Parameter path: named in errors.
  package init(_ bytes: [UInt8], path: String) throws(StoreError) {
    func damaged() -> StoreError { StoreError(path: path, kind: .damaged(what: "its list of sources")) }
    guard bytes.count >= 16, bytes.starts(with: SourceTable.magic) else { throw damaged() }
    let found = Int(number(bytes, 8, 4))
    guard found == SourceTable.version else {
      throw StoreError(path: path, kind: .version(found: found, supported: SourceTable.version))
    }
    let count = Int(number(bytes, 12, 4))
    guard count <= bytes.count / SourceTable.entrySize else { throw damaged() }
    sources.reserveCapacity(count)
    var at = 16
    for _ in 0..<count {
      guard at + SourceTable.entrySize <= bytes.count else { throw damaged() }
      let start = at + SourceTable.entrySize
      let size = Int(number(bytes, at, 4))
      guard size <= bytes.count - start else { throw damaged() }
      func word(_ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: at + offset, as: UInt64.self)) }
      }
      let stamp = FileStamp(
        size: Int(clamping: word(16)), modified: Int64(bitPattern: word(24)), changed: Int64(bitPattern: word(32)),
        device: word(40), inode: word(48))
      let name = String(decoding: bytes[start..<(start + size)], as: UTF8.self)
      sources[name] = SourceState(
        stamp: stamp, digest: Array(bytes[(at + 64)..<start]), settings: word(56), rows: Int(number(bytes, at + 4, 4)),
        root: Int(number(bytes, at + 8, 4)))
      at = start + size
    }
  }

  package var bytes: [UInt8] {
    var bytes = SourceTable.magic
    append(UInt32(SourceTable.version), to: &bytes)
    append(UInt32(sources.count), to: &bytes)
    for (name, state) in sources.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      append(UInt32(name.utf8.count), to: &bytes)
      append(UInt32(clamping: state.rows), to: &bytes)
      append(UInt32(clamping: state.root), to: &bytes)
      append(UInt32(0), to: &bytes)
      append(UInt64(clamping: state.stamp.size), to: &bytes)
      append(state.stamp.modified, to: &bytes)
      append(state.stamp.changed, to: &bytes)
      append(state.stamp.device, to: &bytes)
      append(state.stamp.inode, to: &bytes)
      append(state.settings, to: &bytes)
      bytes += state.digest.prefix(32) + [UInt8](repeating: 0, count: max(0, 32 - state.digest.count))
      bytes += name.utf8
    }
    return bytes
  }
}

extension StoreWriter {
  /// Keeps what is known of the sources from the next commit on.
  package func attach(_ table: SourceTable) { attach(SourceTable.attachment, table.bytes) }
}
