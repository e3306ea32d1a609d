// Stores in temporary directories, with vectors from a seeded generator.

import Formats
import Foundation
import Storage

@testable import Retrieval

final class StoreDirectory: Sendable {
  let parent: String
  let path: String

  init() throws {
    parent = NSTemporaryDirectory() + "awl-store-" + RecordID.next().text
    path = Paths.join(parent, "store")
    try Files.makeDirectories(parent)
  }

  deinit { try? FileManager.default.removeItem(atPath: parent) }

  /// A copy of the store as it lies on disk now.
  func copy(_ name: String) throws -> String {
    let target = Paths.join(parent, name)
    try FileManager.default.copyItem(atPath: path, toPath: target)
    return target
  }
}

/// Makes the same "random" numbers in each run (SplitMix64, Steele, Lea and Flood 2014).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Vectors around a few centres, all of them off to one side, as embeddings are.
func clustered(_ count: Int, _ dimension: Int, seed: UInt64) -> [[Float]] {
  var generator = Seeded(seed)
  func noise(_ size: Float) -> [Float] {
    (0..<dimension).map { _ in
      (Float.random(in: -1...1, using: &generator) + .random(in: -1...1, using: &generator)) * size
    }
  }
  let shift = noise(0.5)
  let centres = (0..<8).map { _ in noise(1) }
  return (0..<count).map { index in
    let own = noise(0.6)
    return (0..<dimension).map { shift[$0] + centres[index % centres.count][$0] + own[$0] }
  }
}

/// Writes rows `r0`, `r1`, … with these vectors in one commit.
func fill(_ directory: String, _ vectors: [[Float]], from first: Int = 0) throws {
  let writer = try StoreWriter(directory, model: "test/model", dimension: vectors[0].count)
  for (index, vector) in vectors.enumerated() {
    let id = "r\(first + index)"
    let record = StoreRecord(
      id: id, text: "text of \(id)", source: "file\(index % 3).md", lines: 1...(index + 1), bytes: 0..<(10 * index),
      heading: index % 2 == 0 ? "" : "Guide > Part", metadata: index % 5 == 0 ? nil : ["n": .number(index)])
    try writer.add(record, vector)
  }
  try writer.commit()
}
