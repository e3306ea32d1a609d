// faiss and numpy (from PyPI, `make bench-peers`) on the very vectors of a segment, mapped by a process that answers one
// line at a time, so that both sides take turns in one run.

import Foundation
import Retrieval

private let script = """
  import sys, time
  import numpy as np, faiss
  path, count, stride, dimension, queries = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
  faiss.omp_set_num_threads(2)
  rows = np.array(np.memmap(path, np.float32, 'r', 4096, (count, stride))[:, :dimension])
  queries = np.fromfile(queries, np.float32).reshape(-1, dimension)
  queries /= np.linalg.norm(queries, axis=1, keepdims=True)
  index = faiss.IndexFlatIP(dimension)
  index.add(rows)
  print('ready', flush=True)
  for line in sys.stdin:
    what, first, number = line.split()
    asked = queries[int(first):int(first) + int(number)]
    start = time.perf_counter()
    if what == 'faiss':
      scores, found = index.search(asked, 10)
    elif what == 'numpy':
      scores = rows @ asked[0]
      best = np.argpartition(scores, -10)[-10:]
      found = best[np.argsort(-scores[best])][None, :]
    else:
      product = asked @ rows.T
      found = np.zeros((1, 10), int)
    print((time.perf_counter() - start) * 1000, *found[0], flush=True)
  """

/// Nothing where the peers are not installed.
func vectorPeers(_ store: VectorStore, _ reader: StoreReader, _ name: String) throws -> [Row] {
  guard let folder = ProcessInfo.processInfo.environment["BENCH_PEERS"] else { return [] }
  let python = folder + "/bin/python"
  guard FileManager.default.isExecutableFile(atPath: python) else { return [] }
  let file = store.path + "-queries"
  defer { try? FileManager.default.removeItem(atPath: file) }
  try store.queries.flatMap { $0 }.withUnsafeBytes { try Data($0).write(to: URL(filePath: file)) }
  let peer = Process()
  peer.executableURL = URL(filePath: python)
  let stride = (store.dimension + 63) / 64 * 64
  peer.arguments = ["-c", script, store.segmentPath, "\(store.count)", "\(stride)", "\(store.dimension)", file]
  peer.environment = ["OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PATH": Measure.path]
  let (input, output) = (Pipe(), Pipe())
  peer.standardInput = input
  peer.standardOutput = output
  peer.standardError = FileHandle.nullDevice
  try peer.run()
  defer {
    try? input.fileHandleForWriting.close()
    peer.waitUntilExit()
  }
  func line() throws -> [Substring] {
    var bytes: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self).split(separator: " ")
  }
  func ask(_ what: String, _ first: Int, _ count: Int) throws -> (time: Double, ids: [String]) {
    try input.fileHandleForWriting.write(contentsOf: Data("\(what) \(first) \(count)\n".utf8))
    let words = try line()
    guard let time = words.first.flatMap({ Double($0) }) else { throw BenchError("the peer gave up") }
    return (time, words.dropFirst().map { "row-\($0)" })
  }
  guard try line() == ["ready"] else { return [Row("vectors \(name): peers", "not installed", "", "", "")] }

  var times: [String: [Double]] = [:]
  var agreeing = 0
  let rounds = 15
  for round in 0..<rounds {
    let query = store.queries[round]
    let faiss = try ask("faiss", round, 1)
    times["faiss", default: []].append(faiss.time)
    times["numpy", default: []].append(try ask("numpy", round, 1).time)
    for mode in [SearchMode.exact, .fast] {
      let clock = ContinuousClock()
      var hits: [SearchHit] = []
      let time = try clock.measure { hits = try reader.search(query, SearchOptions(mode: mode, threads: 2)) }
      times[mode.rawValue, default: []].append(Measure.seconds(time) * 1000)
      if mode == .exact, Set(hits.map(\.id)) == Set(faiss.ids) { agreeing += 1 }
    }
  }
  for round in 0..<3 {
    times["sgemm", default: []].append(try ask("sgemm", round * 64, 64).time)
    for mode in SearchMode.allCases {
      let queries = Array(store.queries[(round * 64)..<(round * 64 + 64)])
      let clock = ContinuousClock()
      let time = try clock.measure { _ = try reader.search(queries, SearchOptions(mode: mode, threads: 2)) }
      times["64 " + mode.rawValue, default: []].append(Measure.seconds(time) * 1000)
    }
  }
  let median = times.mapValues(Measure.median)
  let best = (median["faiss"] ?? 0) < (median["numpy"] ?? 0) ? "faiss" : "numpy"
  func row(_ what: String, _ ours: String, _ theirs: String, _ target: String) -> Row {
    let (left, right) = (median[ours] ?? 0, median[theirs] ?? 0)
    return Row(
      "vectors \(name): \(what)", String(format: "%.2f ms", left), String(format: "\(theirs) %.2f ms", right),
      Measure.ratio(right / left), target)
  }
  return [
    row("exact, beside the better of faiss and numpy", "exact", best, "≥ 4 ×"),
    row("fast, beside the better of faiss and numpy", "fast", best, "≥ 25 ×"),
    row("64 queries, float32, beside OpenBLAS", "64 float32", "sgemm", "≥ 1.2 ×"),
    row("64 queries, exact, beside OpenBLAS", "64 exact", "sgemm", ""),
    row("64 queries, fast, beside OpenBLAS", "64 fast", "sgemm", "≥ 3.5 ×"),
    Row("vectors \(name): same ten as faiss", "\(agreeing) of \(rounds)", "", "", "all"),
  ]
}
