// Sets of rows beside Swift's own sets.

import Retrieval
import Testing

@Suite struct RowBitmapTests {
  @Test("behaves as a set of numbers below its count", arguments: [0, 1, 63, 64, 65, 300])
  func set(count: Int) {
    let thirds = Set((0..<count).filter { $0 % 3 == 0 })
    let fifths = Set((0..<count).filter { $0 % 5 == 0 })
    func bitmap(_ rows: Set<Int>) -> RowBitmap {
      var bitmap = RowBitmap(count: count)
      for row in rows { bitmap[row] = true }
      bitmap[count] = true
      bitmap[-1] = true
      return bitmap
    }
    func rows(_ bitmap: RowBitmap) -> Set<Int> { Set((-1...count).filter { bitmap[$0] }) }
    var both = bitmap(thirds)
    both.formIntersection(bitmap(fifths))
    #expect(rows(both) == thirds.intersection(fifths))
    var either = bitmap(thirds)
    either.formUnion(bitmap(fifths))
    #expect(rows(either) == thirds.union(fifths))
    #expect(either.members == thirds.union(fifths).count)
    var rest = RowBitmap(count: count, all: true)
    #expect(rest.members == count)
    rest.subtract(bitmap(thirds))
    #expect(rows(rest) == Set(0..<count).subtracting(thirds))
    rest.invert()
    #expect(rest == bitmap(thirds))
  }
}
