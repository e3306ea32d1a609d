// Every mode and instruction set beside all products written out.

import CVectorKernels
import Testing

@testable import Retrieval

@Suite struct SearchTests {
  /// All rows by score, then id, straight from the definition.
  private func ranking(_ reader: StoreReader, _ query: [Float]) throws -> [(id: String, score: Double)] {
    var unit = [Float](repeating: 0, count: query.count)
    _ = awl_normalise(query, query.count, &unit)
    var all: [(id: String, score: Double)] = []
    try reader.forEachRow { place in
      let score = awl_exact_product(try reader.vector(place), unit, unit.count)
      all.append((try reader.record(place).id, score))
      return true
    }
    return all.sorted { $0.score != $1.score ? $0.score > $1.score : $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }

  @Test(
    "exact and Float32 search give the ids and scores of all products, with every instruction set",
    arguments: [1, 3, 64, 100, 384], VectorKernels.names)
  func exact(dimension: Int, name: String) throws {
    guard let kernels = VectorKernels.named(name) else { return }
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(1500, dimension, seed: 1))
    try fill(directory.path, clustered(700, dimension, seed: 2), from: 1500)
    let reader = try StoreReader.open(directory.path)
    for query in clustered(6, dimension, seed: 3) {
      let wanted = try ranking(reader, query)
      for mode in [SearchMode.exact, .float32] {
        for k in [1, 10, 3000] {
          let hits = try reader.search(query, SearchOptions(k: k, mode: mode, kernels: kernels))
          #expect(hits.map(\.id) == wanted.prefix(k).map(\.id))
          #expect(hits.map(\.score) == wanted.prefix(k).map(\.score))
        }
      }
    }
  }

  @Test("the bar that a row must reach rises and never falls, and is no higher than the score")
  func bar() {
    let bar = SharedBar()
    #expect(bar.value == -.infinity)
    for (score, value) in [(-0.5, -0.5), (-0.75, -0.5), (-0.25, -0.25), (0, 0), (-1, 0), (0.125, 0.125)] {
      bar.raise(to: score)
      #expect(Double(bar.value) == value)
    }
    bar.raise(to: 0.1 + 0.1)
    #expect(Double(bar.value) <= 0.2 && Double(bar.value) > 0.1999999)
    bar.raise(to: 0.5)
    #expect(bar.value == 0.5)
    bar.raise(to: 0.25)
    #expect(bar.value == 0.5)
  }

  @Test("fast search finds what exact search finds, with the same scores")
  func fast() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(3000, 256, seed: 4))
    let reader = try StoreReader.open(directory.path)
    var found = 0
    for query in clustered(20, 256, seed: 5) {
      let exact = try reader.search(query)
      let fast = try reader.search(query, SearchOptions(mode: .fast))
      found += exact.filter { hit in fast.contains(hit) }.count
    }
    #expect(found >= 198)
    let recall = try reader.recall(queries: 50)
    #expect(recall.wanted == 500 && recall.found >= 490)
    #expect(recall.interval.contains(recall.recall) || recall.found == recall.wanted)
  }

  @Test("the instruction sets agree in fast mode to the bit", arguments: VectorKernels.names)
  func fastKernels(name: String) throws {
    guard let kernels = VectorKernels.named(name), let scalar = VectorKernels.named("scalar") else { return }
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(500, 130, seed: 6))
    let reader = try StoreReader.open(directory.path)
    for query in clustered(10, 130, seed: 7) {
      let one = try reader.search(query, SearchOptions(mode: .fast, kernels: kernels))
      #expect(try one == reader.search(query, SearchOptions(mode: .fast, kernels: scalar)))
    }
  }

  @Test("many queries at once give what each gives alone", arguments: SearchMode.allCases, [1, 5, 64])
  func batch(mode: SearchMode, count: Int) throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(1300, 96, seed: 8))
    let reader = try StoreReader.open(directory.path)
    let queries = clustered(count, 96, seed: 9)
    let together = try reader.search(queries, SearchOptions(k: 7, mode: mode))
    for (query, hits) in zip(queries, together) {
      #expect(try hits == reader.search(query, SearchOptions(k: 7, mode: mode, threads: 1)))
    }
  }

  @Test("equal scores are ordered by id, also across segments", arguments: SearchMode.allCases)
  func ties(mode: SearchMode) throws {
    let directory = try StoreDirectory()
    let vector: [Float] = [1, 2, 3]
    try fill(directory.path, Array(repeating: vector, count: 40), from: 10)
    try fill(directory.path, Array(repeating: vector, count: 10))
    let hits = try StoreReader.open(directory.path).search(vector, SearchOptions(k: 5, mode: mode))
    #expect(hits.map(\.id) == ["r0", "r1", "r10", "r11", "r12"])
  }

  @Test("a filter is applied before ranking, a least score after it", arguments: SearchMode.allCases, [1, 30, 700])
  func filters(mode: SearchMode, every: Int) throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(4000, 64, seed: 10))
    let reader = try StoreReader.open(directory.path)
    var rows = RowBitmap(count: 4000)
    for row in stride(from: 0, to: 4000, by: every) { rows[row] = true }
    let query = clustered(1, 64, seed: 11)[0]
    let wanted = try ranking(reader, query).filter { (Int($0.id.dropFirst()) ?? 1) % every == 0 }
    let hits = try reader.search(query, SearchOptions(k: 10, mode: mode, allowed: [rows]))
    if mode != .fast { #expect(hits.map(\.id) == wanted.prefix(10).map(\.id)) }
    #expect(hits.count == min(10, wanted.count))
    #expect(hits.allSatisfy { rows[$0.place.row] })
    let bar = wanted[min(3, wanted.count - 1)].score
    let above = try reader.search(query, SearchOptions(k: 10, mode: mode, minimumScore: bar, allowed: [rows]))
    #expect(above.map(\.id) == wanted.prefix(4).map(\.id))
  }

  @Test("nothing is found for k = 0, and all for k beyond the rows")
  func edges() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(5, 8, seed: 12))
    let reader = try StoreReader.open(directory.path)
    #expect(try reader.search([1, 0, 0, 0, 0, 0, 0, 0], SearchOptions(k: 0)).isEmpty)
    #expect(try reader.search([1, 0, 0, 0, 0, 0, 0, 0], SearchOptions(k: .max / 4)).count == 5)
  }

  @Test(
    "a query that cannot be compared is refused",
    arguments: [[Float](repeating: 0, count: 4), [1, .nan, 0, 0], [1, .infinity, 0, 0], [1, 2, 3]])
  func queries(query: [Float]) throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(5, 4, seed: 13))
    let reader = try StoreReader.open(directory.path)
    #expect(throws: StoreError.self) { try reader.search(query) }
  }

  @Test("vectors of any length that can be measured are normalised")
  func extremes() throws {
    let directory = try StoreDirectory()
    let vectors: [[Float]] = [[0x1p-149, 0, 0], [3e38, 3e38, 0], [0, 0, -1e-30], [1, 1, 1]]
    try fill(directory.path, vectors)
    let reader = try StoreReader.open(directory.path)
    for mode in SearchMode.allCases {
      let hits = try reader.search([0x1p-132, 0, 0], SearchOptions(mode: mode))
      #expect(hits.map(\.id) == ["r0", "r1", "r3", "r2"])
      #expect(hits[0].score == 1)
    }
  }
}
