// What was typed, kept for the next time: one entry a line, line feeds and backslashes escaped. Several processes append
// to it; a damaged line costs that line alone.

import Storage

/// A file of earlier entries, readable by its owner alone.
struct HistoryFile: Sendable {
  /// Entries that are kept, and bytes of a longest one.
  static let entryLimit = 1_000
  static let lengthLimit = 1 << 16
  /// A larger file is cut down to the entries that are kept.
  static let sizeLimit = 1 << 20

  let path: String

  init(_ path: String) { self.path = path }

  /// The last entries, the oldest first. A file that cannot be read holds none.
  func load() -> [String] {
    guard let bytes = try? Files.read(path) else { return [] }
    var entries: [String] = []
    for line in bytes.split(separator: 0x0A) {
      guard let entry = Self.entry(line), entry != entries.last else { continue }
      entries.append(entry)
    }
    let kept = Array(entries.suffix(Self.entryLimit))
    if bytes.count > Self.sizeLimit { cutDown() }
    return kept
  }

  /// Adds an entry. What cannot be written is forgotten: a history is a comfort.
  func append(_ entry: String) {
    guard !entry.isEmpty, entry.utf8.count <= Self.lengthLimit, Self.lastEntry(of: path) != entry else { return }
    _ = try? AppendFile(path).append(Self.line(entry))
  }

  /// Keeps the last entries, also those that others have added meanwhile.
  private func cutDown() {
    try? AppendFile(path).replacing { (file) throws(StorageError) in
      let lines = try Files.read(path).split(separator: 0x0A).suffix(Self.entryLimit)
      for line in lines { try file.write(line + [0x0A]) }
      try file.commit()
    }
  }

  private static func lastEntry(of path: String) -> String? {
    guard let bytes = try? Files.read(path), let line = bytes.split(separator: 0x0A).last else { return nil }
    return entry(line)
  }

  static func line(_ entry: String) -> [UInt8] {
    var line: [UInt8] = []
    for byte in entry.utf8 {
      switch byte {
      case 0x0A: line += [0x5C, 0x6E]
      case 0x5C: line += [0x5C, 0x5C]
      default: line.append(byte)
      }
    }
    return line
  }

  /// The entry of a line; `nil` where the line is damaged.
  static func entry(_ line: ArraySlice<UInt8>) -> String? {
    guard line.count <= 2 * lengthLimit else { return nil }
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in line {
      if isEscaped {
        guard byte == 0x6E || byte == 0x5C else { return nil }
        bytes.append(byte == 0x6E ? 0x0A : 0x5C)
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte < 0x20, byte != 0x09 {
        return nil
      } else {
        bytes.append(byte)
      }
    }
    guard !isEscaped, !bytes.isEmpty else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
