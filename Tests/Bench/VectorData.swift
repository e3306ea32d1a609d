// Vectors like those of sentence embeddings: they crowd on one side of the origin, in clusters of unequal size, and
// spread more along some directions than along others. Uniform random vectors would prove nothing: in them nothing is
// near anything.

import Foundation
import Retrieval

/// Makes the same vectors in each run.
struct VectorData {
  let dimension: Int
  private let centres: [[Float]]
  private let spread: [Float]
  private var state: UInt64

  init(dimension: Int, seed: UInt64 = 1) {
    self.dimension = dimension
    state = seed
    var generator = VectorRandom(state: 7)
    // Standard deviations that fall off as a power law, in no particular order of the coordinates.
    let widths = (1...dimension).map { 1 / pow(Float($0), 0.3) }.shuffled(using: &generator)
    let shift = (0..<dimension).map { 1.2 * widths[$0] * generator.normal() }
    spread = widths
    centres = (0..<2000).map { _ in (0..<dimension).map { shift[$0] + 0.9 * widths[$0] * generator.normal() } }
  }

  mutating func next(into vector: UnsafeMutableBufferPointer<Float>) {
    var generator = VectorRandom(state: state)
    defer { state = generator.state }
    // A cluster's share falls with its number.
    let uniform = Float(generator.next() >> 40) / Float(1 << 24)
    let centre = centres[Int(uniform * uniform * Float(centres.count))]
    for index in 0..<dimension { vector[index] = centre[index] + 0.8 * spread[index] * generator.normal() }
  }

  mutating func next() -> [Float] {
    [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
      next(into: buffer)
      count = dimension
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct VectorRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Nearly normal: four uniform numbers added up, mean 0, variance 1.
  mutating func normal() -> Float {
    let bits = next()
    let sum = Int(bits & 0xFFFF) + Int(bits >> 16 & 0xFFFF) + Int(bits >> 32 & 0xFFFF) + Int(bits >> 48)
    return (Float(sum) - 131_070) * (1 / 37_837)
  }
}

/// A store of such vectors in a temporary folder.
struct VectorStore {
  let path: String
  let count: Int
  let dimension: Int
  /// Seconds that building took, the making of the vectors left out.
  var seconds = 0.0
  let queries: [[Float]]

  init(count: Int, dimension: Int) throws {
    path = NSTemporaryDirectory() + "awl-bench-vectors-\(getpid())-\(dimension)"
    self.count = count
    self.dimension = dimension
    var data = VectorData(dimension: dimension)
    let writer = try StoreWriter(path, model: "bench/model", dimension: dimension)
    let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1000 * dimension)
    defer { piece.deallocate() }
    let clock = ContinuousClock()
    for first in stride(from: 0, to: count, by: 1000) {
      for row in 0..<1000 { data.next(into: .init(rebasing: piece[(row * dimension)..<((row + 1) * dimension)])) }
      seconds += Measure.seconds(
        try clock.measure {
          for row in 0..<min(1000, count - first) {
            let vector = UnsafeBufferPointer(rebasing: piece[(row * dimension)..<((row + 1) * dimension)])
            try writer.add(StoreRecord(id: "row-\(first + row)"), vector)
          }
        })
    }
    seconds += Measure.seconds(try clock.measure { try writer.commit() })
    var asking = VectorData(dimension: dimension, seed: 99)
    queries = (0..<1000).map { _ in asking.next() }
  }

  var segmentPath: String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return path + "/" + (names.first { $0.hasSuffix(".seg") } ?? "")
  }

  var size: Int { ((try? FileManager.default.attributesOfItem(atPath: segmentPath))?[.size] as? Int) ?? 0 }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
