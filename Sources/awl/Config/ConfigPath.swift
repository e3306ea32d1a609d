// Paths of values as people write them: keys joined by dots. A name with a dot in it (`gpt-5.5`) needs no quotes where
// the table says which of the keys are names, and takes them where it is written.

import Formats

enum ConfigPath {
  static func text(_ path: [String]) -> String {
    path.map { $0.utf8.contains(UInt8(ascii: ".")) ? "\"\($0)\"" : $0 }.joined(separator: ".")
  }

  /// The keys of a path, read along the table.
  /// - Throws: which key is unknown.
  static func parse(_ text: String) throws(UsageError) -> (path: [String], key: ConfigShape) {
    let pieces = split(text)
    guard !pieces.contains(""), !pieces.isEmpty else {
      throw UsageError("'\(text)' is no key", hint: "such as model or options.temperature; see awl help config")
    }
    if let found = find(pieces[...], .keys(ConfigTable.root)) { return found }
    throw unknown(text, pieces)
  }

  private static func unknown(_ text: String, _ pieces: [String]) -> UsageError {
    let names = ConfigTable.root.map(\.name)
    guard let root = ConfigTable.root.first(where: { $0.name == pieces[0] }) else {
      let near = nearest(to: pieces[0], among: names).map { "did you mean '\($0)'?" }
      return UsageError("unknown key '\(pieces[0])'", hint: near ?? "see awl help config")
    }
    if let last = pieces.last, let known = innerKeys(root.shape)?.map(\.name) {
      let near = nearest(to: last, among: known).map { "did you mean '\($0)'?" }
      return UsageError("unknown key '\(text)'", hint: near ?? known.joined(separator: ", "))
    }
    return UsageError("unknown key '\(text)'", hint: "see awl help config")
  }

  /// The key that was meant: one of nearly the same letters, or one that is a word of it, as `model` is of
  /// `default_model`.
  static func nearest(to name: String, among known: [String]) -> String? {
    EditDistance.suggestion(for: name, among: known)
      ?? known.first { name.split(separator: "_").contains(Substring($0)) }
  }

  private static func innerKeys(_ shape: ConfigShape) -> [ConfigKey]? {
    switch shape {
    case .keys(let keys): keys
    case .names(_, let inner), .list(let inner): innerKeys(inner)
    default: nil
    }
  }

  private static func find(_ pieces: ArraySlice<String>, _ shape: ConfigShape) -> ([String], ConfigShape)? {
    guard let first = pieces.first else { return ([], shape) }
    switch shape {
    case .keys(let keys):
      guard let key = keys.first(where: { $0.name == first }),
        let (rest, found) = find(pieces.dropFirst(), key.shape)
      else { return nil }
      return ([first] + rest, found)
    case .names(_, let inner):
      // The longest name that leaves a key behind it; else all of it is the name.
      for count in stride(from: pieces.count - 1, through: 1, by: -1) {
        let name = pieces.prefix(count).joined(separator: ".")
        if let (rest, found) = find(pieces.dropFirst(count), inner) { return ([name] + rest, found) }
      }
      return ([pieces.joined(separator: ".")], inner)
    case .textMap: return ([pieces.joined(separator: ".")], .text)
    default: return nil
    }
  }

  /// At dots that stand in no quotes.
  private static func split(_ text: String) -> [String] {
    var pieces = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ".", !isQuoted {
        pieces.append("")
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    return pieces
  }
}
