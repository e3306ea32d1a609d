// What .gitignore files say (gitignore(5)): patterns with their folder, negation, `dir/` and `/anchored`. The last pattern
// that matches decides, and files deeper down are asked first. A folder that is ignored is not entered, so nothing in it
// can be taken back, as with git.

/// The rules of one ignore file.
package struct IgnoreRules: Sendable {
  package enum Verdict: Sendable, Equatable { case ignored, kept }

  private struct Rule {
    var glob: Glob
    var isNegated: Bool
    var isForFolders: Bool
    /// Compared with the whole path below the file's folder, else with the name alone.
    var isAnchored: Bool
  }

  private let rules: [Rule]

  package var isEmpty: Bool { rules.isEmpty }

  package init(_ bytes: [UInt8]) {
    var text = bytes[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    rules = text.split(whereSeparator: { $0 == 0x0A }).compactMap { IgnoreRules.rule($0) }
  }

  private static func rule(_ line: ArraySlice<UInt8>) -> Rule? {
    var pattern = line
    if pattern.last == 0x0D { pattern = pattern.dropLast() }
    if pattern.first == UInt8(ascii: "#") { return nil }
    // Spaces at the end count only behind a backslash.
    while pattern.last == 0x20, pattern.dropLast().last != UInt8(ascii: "\\") { pattern = pattern.dropLast() }
    var isNegated = false
    if pattern.first == UInt8(ascii: "!") {
      isNegated = true
      pattern = pattern.dropFirst()
    }
    var isForFolders = false
    if pattern.last == 0x2F {
      isForFolders = true
      pattern = pattern.dropLast()
    }
    guard !pattern.isEmpty else { return nil }
    let isAnchored = pattern.contains(0x2F)
    if pattern.first == 0x2F { pattern = pattern.dropFirst() }
    return Rule(glob: Glob(pattern), isNegated: isNegated, isForFolders: isForFolders, isAnchored: isAnchored)
  }

  /// What the rules say of a path; `nil` when none matches.
  ///
  /// - Parameters:
  ///   - path: Below the folder of the ignore file, in UTF-8.
  ///   - name: The last part of the path.
  package func verdict(path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isFolder: Bool) -> Verdict? {
    for rule in rules.reversed() where isFolder || !rule.isForFolders {
      if rule.glob.matches(rule.isAnchored ? path : name) { return rule.isNegated ? .kept : .ignored }
    }
    return nil
  }
}
