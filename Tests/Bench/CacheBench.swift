// The cache of a million entries: putting them in, a hit by a store that has nothing open, a hit by one that has, and
// pruning half of it beside copying what stays.

import Foundation
import Storage

/// - Parameter program: not needed; all measurements take it.
func cacheOfAMillion(_ program: String) async throws -> [Row] {
  let count = 1_000_000
  let folder = NSTemporaryDirectory() + "awl-bench-cache-\(getpid())"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let value = [UInt8](repeating: UInt8(ascii: "v"), count: 1000)
  func key(_ number: Int) -> CacheKey { CacheKey(hashing: Array("question \(number)".utf8)) }

  let store = CacheStore(directory: folder)
  let clock = ContinuousClock()
  let filling = try clock.measure {
    for number in 0..<count { try store.put(key(number), value, time: Timestamp(milliseconds: Int64(number))) }
  }
  var cold: [Double] = []
  var warm: [Double] = []
  for round in 0..<500 {
    let wanted = key(round * 1999 % count)
    let fresh = CacheStore(directory: folder)
    var found: [UInt8]?
    cold.append(Measure.seconds(try clock.measure { found = try fresh.get(wanted) }))
    guard found == value else { throw BenchError("a value is missing") }
    warm.append(Measure.seconds(try clock.measure { found = try store.get(wanted) }))
  }

  // What stays, copied by the system's own tool for comparison: the newer half by a prune of a copy beforehand.
  let pruning = try clock.measure { try store.prune(olderThan: Timestamp(milliseconds: Int64(count / 2))) }
  let copying = try Measure.run(["cp", "-r", folder, folder + "-copy"])
  try? FileManager.default.removeItem(atPath: folder + "-copy")
  guard try store.stats().entries == count / 2 else { throw BenchError("pruning took the wrong ones") }

  func microseconds(_ seconds: Double) -> String { String(format: "%.1f µs", seconds * 1e6) }
  let insert = Measure.seconds(filling) / Double(count)
  let prune = Measure.seconds(pruning)
  return [
    Row("cache of 1,000,000: insert", microseconds(insert), "", "", "below 100 µs"),
    Row("cache of 1,000,000: hit, nothing open", microseconds(Measure.median(cold)), "", "", "below 1 ms"),
    Row("cache of 1,000,000: hit, open", microseconds(Measure.median(warm)), "", "", ""),
    Row(
      "cache of 1,000,000: prune of half", Measure.milliseconds(prune), "cp \(Measure.milliseconds(copying.wall))",
      Measure.ratio(prune / copying.wall), "about 1 ×"),
  ]
}
