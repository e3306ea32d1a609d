// The formats of `awl data`: by a flag, by a file's name, or by how the text begins where that leaves no doubt.

import Formats

enum DataFormat: String, CaseIterable, Sendable {
  case json, yaml, csv, tsv, jsonl

  static let names = allCases.map(\.rawValue)

  /// One row after the other, however many there are.
  var isRows: Bool { self == .csv || self == .tsv || self == .jsonl }

  /// The format that a flag names.
  init?(_ flag: String, in arguments: Arguments) throws(UsageError) {
    guard let name = arguments.string(flag) else { return nil }
    let aliases = ["yml": "yaml", "ndjson": "jsonl"]
    guard let format = DataFormat(rawValue: aliases[name] ?? name) else {
      throw .unknown("format", name, among: DataFormat.names, hint: DataFormat.names.joined(separator: ", "))
    }
    self = format
  }

  init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: "."), !fileName[dot...].contains("/") else { return nil }
    switch fileName[fileName.index(after: dot)...].lowercased() {
    case "json": self = .json
    case "yaml", "yml": self = .yaml
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    default: return nil
    }
  }

  /// By the first bytes of a text; `nil` where they fit several. An object or array that ends with its line and has another
  /// line behind it is one of many.
  init?(start bytes: [UInt8]) {
    let first = bytes.first { $0 > 0x20 && $0 < 0x80 }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
    let body = bytes.drop { $0 <= 0x20 || $0 >= 0x80 }
    guard let end = body.firstIndex(of: 0x0A), body[end...].contains(where: { $0 > 0x20 }),
      (try? JSON.parse(Array(body[..<end]))) != nil
    else {
      self = .json
      return
    }
    self = .jsonl
  }
}
