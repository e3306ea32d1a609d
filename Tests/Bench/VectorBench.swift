// Searching and building a store of vectors: each mode beside a plain loop that sums the same bytes, beside each other,
// and, where they are installed, beside faiss and numpy on the same vectors.

import Foundation
import Retrieval
import Support

/// - Parameter program: not needed; all measurements take it.
func vectors(_ program: String) async throws -> [Row] {
  var rows: [Row] = []
  for (count, dimension) in [(1_000_000, 384), (100_000, 1536)] {
    let store = try VectorStore(count: count, dimension: dimension)
    defer { store.remove() }
    let name = "\(count / 1000)k × \(dimension)"
    rows.append(try building(store, name))
    let reader = try StoreReader.open(store.path)
    rows += try scans(store, reader, name)
    rows += try agreement(store, reader, name)
    rows += try oneShot(store, name)
    rows += try vectorPeers(store, reader, name)
  }
  return rows
}

private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  Measure.seconds(try ContinuousClock().measure(body)) * 1000
}

private func text(_ milliseconds: Double) -> String { String(format: "%.2f ms", milliseconds) }

/// Each mode and a summing loop, one after the other in every round.
private func scans(_ store: VectorStore, _ reader: StoreReader, _ name: String) throws -> [Row] {
  let bytes = store.count * store.dimension * 4
  let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
  memory.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
  defer { memory.deallocate() }
  var times: [String: [Double]] = [:]
  for round in 0..<25 {
    let query = store.queries[round]
    times["sum", default: []].append(milliseconds { sumInTwoThreads(memory, bytes) })
    for mode in SearchMode.allCases {
      for _ in 0..<(mode == .fast ? 3 : 1) {
        let options = SearchOptions(mode: mode, threads: 2)
        times[mode.rawValue, default: []].append(try milliseconds { _ = try reader.search(query, options) })
      }
    }
  }
  for round in 0..<3 {
    let queries = Array(store.queries[(round * 64)..<(round * 64 + 64)])
    for mode in SearchMode.allCases {
      let options = SearchOptions(mode: mode, threads: 2)
      times["64 " + mode.rawValue, default: []].append(try milliseconds { _ = try reader.search(queries, options) })
    }
  }
  let median = times.mapValues(Measure.median)
  func row(_ what: String, _ ours: String, _ theirs: String, _ target: String) -> Row {
    let (left, right) = (median[ours] ?? 0, median[theirs] ?? 0)
    return Row(
      "vectors \(name): \(what)", text(left), "\(theirs) \(text(right))", Measure.ratio(right / left), target)
  }
  return [
    row("float32 scan of the mapped file, beside summing memory", "float32", "sum", "≥ 0.80 ×"),
    row("exact search", "exact", "float32", "≥ 3.5 ×"), row("fast search", "fast", "float32", "≥ 15 ×"),
    row("64 queries, exact", "64 exact", "64 float32", ""), row("64 queries, fast", "64 fast", "64 float32", ""),
  ]
}

/// The bandwidth to measure against: nothing but additions, eight at a time.
private func sumInTwoThreads(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
  let address = UInt(bitPattern: memory)
  let threads = (0..<2).map { half in
    JoinableThread {
      guard let start = UnsafeRawPointer(bitPattern: address) else { return }
      let words = (start + half * (bytes / 2)).assumingMemoryBound(to: SIMD32<UInt32>.self)
      var sum = SIMD32<UInt32>()
      for index in 0..<(bytes / 2 / 128) { sum &+= words[index] }
      if sum[0] == 12345 { print(sum) }
    }
  }
  for thread in threads { thread.join() }
}

/// Exact search beside the Float32 scan, hit by hit, and what fast search misses.
private func agreement(_ store: VectorStore, _ reader: StoreReader, _ name: String) throws -> [Row] {
  var differing = 0
  var missed = 0
  var hits = 0
  for first in stride(from: 0, to: store.queries.count, by: 50) {
    let queries = Array(store.queries[first..<(first + 50)])
    let wanted = try reader.search(queries, SearchOptions(mode: .float32))
    let exact = try reader.search(queries, SearchOptions(mode: .exact))
    let fast = try reader.search(queries, SearchOptions(mode: .fast))
    for index in queries.indices {
      if wanted[index] != exact[index] { differing += 1 }
      hits += wanted[index].count
      missed += wanted[index].filter { !fast[index].contains($0) }.count
    }
  }
  return [
    Row(
      "vectors \(name): queries where exact differs from float32", "\(differing) of \(store.queries.count)", "", "", "0"
    ),
    Row("vectors \(name): hits that fast misses", "\(missed) of \(hits)", "", "", "0 of 10000"),
  ]
}

/// Beside `dd` with fsync of as many bytes on the same disk, in a process of its own for its memory.
private func building(_ store: VectorStore, _ name: String) throws -> Row {
  let copy = store.path + "-dd"
  defer { try? FileManager.default.removeItem(atPath: copy) }
  let writing = try Measure.run([
    "dd", "if=/dev/zero", "of=" + copy, "bs=1M", "count=\(store.size >> 20)", "conv=fsync",
  ])
  let (ours, theirs) = (Measure.rate(store.size, store.seconds), Measure.rate(store.size, writing.wall))
  return Row(
    "vectors \(name): building a store", ours, "dd \(theirs)", Measure.ratio(writing.wall / store.seconds), "≥ 0.7 ×")
}

/// A fresh process that opens the store and asks once, beside one that does nothing.
private func oneShot(_ store: VectorStore, _ name: String) throws -> [Row] {
  let bench = CommandLine.arguments[0]
  var times: [String: [Double]] = [:]
  for round in 0..<15 {
    for mode in ["none"] + SearchMode.allCases.map(\.rawValue) {
      let cost = try Measure.run([bench, "search-once", store.path, mode, "\(store.dimension)", "\(round)"])
      guard cost.exit == 0 else { throw BenchError("searching once failed") }
      times[mode, default: []].append(cost.wall * 1000)
    }
  }
  let median = times.mapValues(Measure.median)
  let (none, fast) = (median["none"] ?? 0, median["fast"] ?? 0)
  let (exact, float) = (median["exact"] ?? 0, median["float32"] ?? 0)
  return [
    Row("vectors \(name): one shot, fast, above start-up", text(fast - none), "start-up \(text(none))", "", "≤ 25 ms"),
    Row(
      "vectors \(name): one shot, exact", text(exact), "float32 \(text(float))", Measure.ratio(float / exact), "≥ 4 ×"),
  ]
}

/// What a process of `oneShot` does. The query is made in every mode, so that its time is part of the start-up.
func searchOnce(_ path: String, _ mode: String, dimension: Int, seed: Int) throws {
  var data = VectorData(dimension: dimension, seed: UInt64(1000 + seed))
  let query = data.next()
  guard let mode = SearchMode(rawValue: mode) else { return }
  let hits = try StoreReader.open(path).search(query, SearchOptions(mode: mode, threads: 2))
  if hits.count != 10 { exit(3) }
}
