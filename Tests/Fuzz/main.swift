// A seeded fuzzer over the readers: inputs are mutated from samples, and a reader may do anything with them but crash or
// hang. The seed of each round is printed before it runs, so that a crash names the input that caused it.
//
//     Fuzz [--seconds N] [--seed N] [--only NAME]

import Formats
import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// SplitMix64 (Steele, Lea and Flood 2014): small, fast, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// A reader with samples of what it reads.
struct FuzzTarget: Sendable {
  var name: String
  var samples: [String]
  var read: @Sendable ([UInt8], inout SeededGenerator) -> Void
}

/// One mutation of several kinds: flipped bits, cuts, repeats, swapped and foreign pieces, deep nesting.
func mutated(_ sample: [UInt8], _ others: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
  var bytes = sample
  for _ in 0..<Int.random(in: 1...6, using: &random) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
    switch Int.random(in: 0..<9, using: &random) {
    case 0: if place < bytes.count { bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random) }
    case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 4: bytes.removeSubrange(place...)
    case 5:
      guard let other = others.randomElement(using: &random), !other.isEmpty else { break }
      let from = Int.random(in: 0..<other.count, using: &random)
      bytes.insert(contentsOf: other[from..<min(other.count, from + 20)], at: place)
    case 6:
      let piece = bytes[place..<end]
      for _ in 0..<Int.random(in: 1...200, using: &random) { bytes.insert(contentsOf: piece, at: place) }
    case 7:
      let interesting: [[UInt8]] = [
        [0], [0xFF, 0xFE], [0xED, 0xA0, 0x80], Array("\u{FEFF}".utf8), [0x0D], Array("\\u".utf8),
      ]
      bytes.insert(contentsOf: interesting.randomElement(using: &random) ?? [], at: place)
    default: bytes.insert(contentsOf: "{}[]\"':,.-#&*!|>%@`\\ \n\t0".utf8.shuffled(using: &random).prefix(3), at: place)
    }
    if bytes.count > 100_000 { bytes.removeSubrange(100_000...) }
  }
  return bytes
}

/// `bytes` in pieces of random length.
func pieces(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
  var pieces: [[UInt8]] = []
  var at = 0
  while at < bytes.count {
    let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
    pieces.append(Array(bytes[at..<end]))
    at = end
  }
  return pieces
}

let arguments = CommandLine.arguments
func argument(_ name: String) -> String? {
  arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
}
let seconds = argument("--seconds").flatMap(Double.init) ?? 600
let only = argument("--only")
let targets = (FuzzTargets.all + FuzzTargets.retrieval).filter { only == nil || $0.name == only }
var seed = argument("--seed").flatMap(UInt64.init) ?? 1
let clock = ContinuousClock()
let deadline = clock.now + .seconds(seconds)
var rounds = 0
var slowest: (name: String, seed: UInt64, time: Duration) = ("", 0, .zero)

// A round that hangs is ended by this alarm, and the last seed printed tells which it was.
while clock.now < deadline {
  for target in targets {
    let samples = target.samples.map { Array($0.utf8) }
    if rounds % 1000 == 0 {
      print("round \(rounds): \(target.name) from seed \(seed)")
      fflush(nil)
    }
    alarm(30)
    for _ in 0..<50 {
      seed &+= 1
      var random = SeededGenerator(state: seed)
      let input = mutated(samples.randomElement(using: &random) ?? [], samples, &random)
      let time = clock.measure { target.read(input, &random) }
      if time > slowest.time { slowest = (target.name, seed, time) }
    }
  }
  rounds += 1
}
alarm(0)
print(
  "\(rounds * 50) inputs to each of \(targets.count) readers, no crash; slowest: \(slowest.name), seed \(slowest.seed), \(slowest.time)"
)
