// Hits with the chunks around them: those before and after in the same source, joined where they meet, so that no chunk is
// given twice.

/// A run of chunks of one source.
package struct Passage: Sendable, Equatable {
  /// Numbers of chunks in the order of their source.
  package var chunks: ClosedRange<Int>
  /// The hits in it, the best first.
  package var hits: [Int]
}

package enum Neighbours {
  /// Widens hits by `count` chunks to either side, in the order of the best hit of each passage.
  ///
  /// - Parameters:
  ///   - hits: Numbers of chunks, the best first.
  ///   - source: The chunks of the source that a chunk belongs to; a passage never leaves it.
  package static func expand(_ hits: [Int], by count: Int, source: (Int) -> ClosedRange<Int>) -> [Passage] {
    let ranks = Dictionary(hits.enumerated().map { ($1, $0) }) { first, _ in first }
    var passages: [Passage] = []
    for hit in hits {
      let bounds = source(hit)
      guard bounds.contains(hit) else { continue }
      let start = hit - bounds.lowerBound > count ? hit - count : bounds.lowerBound
      let end = bounds.upperBound - hit > count ? hit + count : bounds.upperBound
      var wide = Passage(chunks: start...end, hits: [hit])
      // Joins every passage of the source that meets it; the first keeps its place.
      var place: Int?
      var index = 0
      while index < passages.count {
        let other = passages[index].chunks
        let meets =
          bounds.contains(other.lowerBound) && other.lowerBound <= wide.chunks.upperBound + 1
          && wide.chunks.lowerBound <= other.upperBound + 1
        guard meets else {
          index += 1
          continue
        }
        let first = min(other.lowerBound, wide.chunks.lowerBound)
        wide.chunks = first...max(other.upperBound, wide.chunks.upperBound)
        wide.hits += passages[index].hits.filter { $0 != hit }
        passages.remove(at: index)
        place = place ?? index
      }
      wide.hits.sort { ranks[$0, default: 0] < ranks[$1, default: 0] }
      passages.insert(wide, at: place ?? passages.count)
    }
    return passages
  }
}
