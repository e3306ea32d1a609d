// One ranking out of several: by ranks (reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009), or by scores
// brought to one scale (convex combination: Bruch, Gai and Ingber, 2022). Items are told apart by a key, and ties are
// ordered by it, so the outcome does not hang on the order of the rankings' making.

/// An item of a ranking.
package struct Ranked<Key: Hashable & Comparable & Sendable>: Sendable, Equatable {
  package var key: Key
  package var score: Double

  package init(_ key: Key, _ score: Double) {
    self.key = key
    self.score = score
  }
}

/// Joins rankings.
package enum Fusion {
  /// The constant that keeps first places from deciding alone, as in the paper.
  package static let rankConstant = 60.0

  /// The sum of 1 / (60 + rank) over the rankings that an item is in; ranks count from 1. Only the order within a ranking
  /// counts.
  package static func reciprocalRanks<Key>(_ rankings: [[Ranked<Key>]]) -> [Ranked<Key>] {
    var scores: [Key: Double] = [:]
    for ranking in rankings {
      var seen: Set<Key> = []
      for item in ranking where seen.insert(item.key).inserted {
        scores[item.key, default: 0] += 1 / (rankConstant + Double(seen.count))
      }
    }
    return sorted(scores)
  }

  /// `alpha` × the first ranking's score + (1 − `alpha`) × the second's, each brought to 0…1 by its smallest and largest.
  /// An item that a ranking does not have counts 0 there; where all scores of a ranking are equal, they count 1.
  package static func convex<Key>(_ first: [Ranked<Key>], _ second: [Ranked<Key>], alpha: Double) -> [Ranked<Key>] {
    let alpha = min(max(alpha, 0), 1)
    var scores: [Key: Double] = [:]
    for (ranking, weight) in [(first, alpha), (second, 1 - alpha)] {
      let finite = ranking.map(\.score).filter(\.isFinite)
      guard let least = finite.min(), let most = finite.max() else { continue }
      var seen: Set<Key> = []
      for item in ranking where item.score.isFinite && seen.insert(item.key).inserted {
        let part = most > least ? (item.score - least) / (most - least) : 1
        scores[item.key, default: 0] += weight * part
      }
    }
    return sorted(scores)
  }

  private static func sorted<Key>(_ scores: [Key: Double]) -> [Ranked<Key>] {
    scores.map { Ranked($0.key, $0.value) }.sorted { $0.score != $1.score ? $0.score > $1.score : $0.key < $1.key }
  }
}
