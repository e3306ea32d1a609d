// "did you mean": the nearest known name to a name nobody knows, used for keys, flags, commands, models and steps.
// The distance is Damerau-Levenshtein in its restricted form (no part is edited twice), over case-folded Unicode
// scalars. Names longer than 128 scalars are never compared: nobody mistypes those, and the cost stays bounded.

/// Edit distance between names, and the suggestions made from it.
package enum EditDistance {
  /// The longest name, in Unicode scalars, that is compared at all.
  package static let longestName = 128

  /// The nearest known name, or nil when none is near enough.
  ///
  /// Near enough is a distance of at most a third of the name's length, and at least one edit. A candidate that
  /// goes on where the name stops (`temp` for `temperature`, three scalars or more) counts as one edit away.
  /// Case is ignored; ties go to the longer common prefix, then to the earlier candidate.
  /// ```
  /// EditDistance.suggestion(for: "promt", among: ["model", "prompt"])  // "prompt"
  /// ```
  package static func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
    nearest(to: name, among: candidates, limit: 1).first
  }

  /// The known names that are near enough, nearest first, at most `limit` of them, each once.
  package static func nearest(
    to name: String, among candidates: some Sequence<String>, limit: Int
  ) -> [String] {
    let wanted = folded(name)
    guard limit > 0, !wanted.isEmpty, wanted.count <= longestName else { return [] }
    let allowed = max(1, wanted.count / 3)
    var found: [(name: String, distance: Int, prefix: Int)] = []
    for candidate in candidates where candidate != name {
      let other = folded(candidate)
      let prefix = commonPrefix(wanted, other)
      let distance =
        prefix == wanted.count && prefix >= 3 && other.count > prefix ? 1 : distance(wanted, other, atMost: allowed)
      guard let distance, !found.contains(where: { $0.name == candidate }) else { continue }
      let place =
        found.firstIndex { ($0.distance, -$0.prefix) > (distance, -prefix) } ?? found.endIndex
      guard place < limit else { continue }
      found.insert((candidate, distance, prefix), at: place)
      if found.count > limit { found.removeLast() }
    }
    return found.map(\.name)
  }

  /// Edits (insert, delete, replace, swap of neighbours) between two names, case ignored; nil above `limit` or for
  /// names that are too long to compare.
  package static func distance(_ first: String, _ second: String, atMost limit: Int) -> Int? {
    distance(folded(first), folded(second), atMost: limit)
  }

  /// Three rows of the usual table are kept: the one being filled, the one above, and the one above that for swaps.
  private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar], atMost limit: Int) -> Int? {
    guard first.count <= longestName, second.count <= longestName else { return nil }
    guard abs(first.count - second.count) <= limit else { return nil }
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    var twoAbove = [Int](repeating: 0, count: second.count + 1)
    var above = Array(0...second.count)
    var row = above
    for i in 1...first.count {
      row[0] = i
      var smallest = i
      for j in 1...second.count {
        let cost = first[i - 1] == second[j - 1] ? 0 : 1
        var best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
        if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
          best = min(best, twoAbove[j - 2] + 1)
        }
        row[j] = best
        smallest = min(smallest, best)
      }
      // A swap reaches back two rows, so both must be past the limit before nothing can come back under it.
      if smallest > limit, above.min() ?? 0 > limit { return nil }
      (twoAbove, above, row) = (above, row, twoAbove)
    }
    return above[second.count] <= limit ? above[second.count] : nil
  }

  /// The scalars of a name without case. Of a name that is too long, one scalar too many: it must stay too long.
  private static func folded(_ name: String) -> [Unicode.Scalar] {
    Array(String(name.unicodeScalars.prefix(longestName + 1)).lowercased().unicodeScalars)
  }

  private static func commonPrefix(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    var count = 0
    while count < first.count, count < second.count, first[count] == second[count] { count += 1 }
    return count
  }
}
