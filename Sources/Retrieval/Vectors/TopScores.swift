// The best k so far: a heap with the worst on top. Equal scores are ordered by id, which is looked up only then.

struct ScoredRow: Sendable {
  var score: Double
  var place: RowReference
}

struct TopScores {
  let k: Int
  /// Rows below this are of no interest even while there is room.
  let minimum: Double
  private(set) var rows: [ScoredRow] = []
  private let comesFirst: (RowReference, RowReference) throws(StoreError) -> Bool

  /// - Parameter comesFirst: Whether the id of the first row comes before that of the second.
  init(
    k: Int, minimum: Double,
    comesFirst: @escaping (RowReference, RowReference) throws(StoreError) -> Bool
  ) {
    self.k = k
    self.minimum = minimum
    self.comesFirst = comesFirst
  }

  /// What a row must reach to matter.
  var threshold: Double { rows.count < k ? minimum : max(minimum, rows.first?.score ?? .infinity) }

  mutating func insert(_ row: ScoredRow) throws(StoreError) {
    guard k > 0, row.score >= minimum else { return }
    if rows.count < k {
      rows.append(row)
      var index = rows.count - 1
      while index > 0, try isWorse(rows[index], rows[(index - 1) / 2]) {
        rows.swapAt(index, (index - 1) / 2)
        index = (index - 1) / 2
      }
      return
    }
    guard let worst = rows.first, try isWorse(worst, row) else { return }
    rows[0] = row
    var index = 0
    while true {
      var smallest = index
      for child in [2 * index + 1, 2 * index + 2] where child < rows.count {
        if try isWorse(rows[child], rows[smallest]) { smallest = child }
      }
      if smallest == index { return }
      rows.swapAt(index, smallest)
      index = smallest
    }
  }

  /// All rows, the best first.
  mutating func sorted() throws(StoreError) -> [ScoredRow] {
    var rows = rows
    var failure: StoreError?
    rows.sort { left, right in
      do throws(StoreError) { return try isWorse(right, left) } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return rows
  }

  private func isWorse(_ left: ScoredRow, _ right: ScoredRow) throws(StoreError) -> Bool {
    if left.score != right.score { return left.score < right.score }
    if left.place == right.place { return false }
    return try comesFirst(right.place, left.place)
  }
}
