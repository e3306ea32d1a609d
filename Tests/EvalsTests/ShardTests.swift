// Parts of a suite for several machines.

import Testing

@testable import Evals

@Suite("shards") struct ShardTests {
  @Test(
    "a part is written as its number of so many, and nothing else",
    arguments: [
      ("1/1", true), ("2/4", true), ("4/4", true), ("0/4", false), ("5/4", false), ("/4", false), ("1/", false),
      ("1", false), ("1/2/3", false), ("a/b", false), ("-1/2", false), ("1/10001", false), ("", false),
    ])
  func words(text: String, isPart: Bool) {
    #expect((Shard(text) != nil) == isPart)
    if isPart { #expect(Shard(text)?.description == text) }
  }

  @Test(
    "each test is of one part, the parts are of about the same size, and a new test moves no other",
    arguments: [1, 2, 3, 7, 16])
  func split(count: Int) throws {
    let shards = try (1...count).map { try #require(Shard("\($0)/\(count)")) }
    var sizes = [Int](repeating: 0, count: count)
    for number in 0..<4000 {
      let holders = shards.indices.filter { shards[$0].holds("test \(number)") }
      #expect(holders.count == 1)
      sizes[holders[0]] += 1
    }
    let fair = 4000 / count
    #expect(sizes.allSatisfy { $0 > fair / 2 && $0 < fair * 2 }, "\(sizes)")
    // The split is a fact about ids that other machines and later versions must find, too.
    #expect(try #require(Shard("1/2")).holds("a") && #require(Shard("2/2")).holds("d"))
  }
}
