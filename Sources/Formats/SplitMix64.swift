// A small generator of random numbers with a seed (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
// generators"), for what is to be the same on every machine.

/// SplitMix64.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to below `bound`, evenly but for a bias below `bound` / 2⁶⁴ (Lemire 2019, ACM TOMACS 29).
  package mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}
