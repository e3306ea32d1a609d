// `awl embed` as a user runs it: a folder indexed, found unchanged, asked by keywords; vectors made elsewhere imported and
// asked once, each by a fresh process, beside the cheapest process of the same program and beside a plain Float32 scan.

import Foundation
import Retrieval
import Support

func embedCommands(_ program: String) async throws -> [Row] {
  try folder(program) + importing(program)
}

private func text(_ seconds: Double) -> String { String(format: "%.1f ms", seconds * 1000) }

/// 2,500 files of 8 kB.
private func folder(_ program: String) throws -> [Row] {
  let home = try TemporaryDirectory("bench")
  let environment = ["HOME": home.path, "AWL_OFFLINE": "1"]
  let bytes = mixedText(20_000_000)
  for (number, start) in stride(from: 0, to: bytes.count, by: 8000).enumerated() {
    try home.write("docs/\(number / 50)/\(number).md", bytes: Array(bytes[start..<min(start + 8000, bytes.count)]))
  }
  func run(_ words: [String], measuresSize: Bool = false) throws -> RunCost {
    let cost = try Measure.run([program] + words, environment: environment, measuresSize: measuresSize)
    guard cost.exit == 0 else { throw BenchError("\(words.joined(separator: " ")) failed") }
    return cost
  }
  let (store, docs) = (home.file("s"), home.file("docs"))
  let added = try run(["embed", "add", store, docs, "-m", "none"], measuresSize: true)
  let hashed = try run(["embed", "add", home.file("h"), docs, "-m", "builtin/hash-384"], measuresSize: true)
  var times: [String: [Double]] = [:]
  for _ in 0..<15 {
    for (name, words) in [
      ("start", ["--version"]), ("sync", ["embed", "sync", store]),
      ("sync with vectors", ["embed", "sync", home.file("h")]),
      ("keyword", ["embed", "search", store, "w1 w30000 word17of", "--mode", "keyword"]),
      ("hybrid", ["embed", "search", home.file("h"), "w1 w30000 word17of"]),
    ] { times[name, default: []].append(try run(words).wall) }
  }
  let median = times.mapValues(Measure.median)
  let start = median["start"] ?? 0
  func row(_ what: String, _ name: String, _ target: String) -> Row {
    Row("embed: \(what)", text((median[name] ?? 0) - start), "start-up \(text(start))", "", target)
  }
  return [
    Row(
      "embed: 20 MB in 2,500 files added, keywords alone", Measure.rate(bytes.count, added.wall), "", "", "≥ 30 MB/s"),
    Row(
      "embed: the same with builtin/hash-384", Measure.rate(bytes.count, hashed.wall),
      String(format: "%.0f MB resident", Double(hashed.resident) / 1e6), "", ""),
    row("sync of 2,500 files that did not change, above start-up", "sync", "≤ 60 ms"),
    row("the same of a store with vectors", "sync with vectors", "≤ 60 ms"),
    row("keyword query one-shot, above start-up", "keyword", "≤ 5 ms"),
    row("hybrid query one-shot, above start-up", "hybrid", ""),
  ]
}

/// A million vectors as a .npy file.
private func importing(_ program: String) throws -> [Row] {
  let (count, dimension) = (1_000_000, 384)
  let home = try TemporaryDirectory("bench")
  let environment = ["HOME": home.path, "AWL_OFFLINE": "1"]
  var data = VectorData(dimension: dimension)
  let path = home.file("v.npy")
  _ = FileManager.default.createFile(
    atPath: path, contents: Data(NumPyHeader.float32(rows: count, dimension: dimension)))
  guard let file = FileHandle(forWritingAtPath: path) else { throw BenchError("cannot write \(path)") }
  try file.seekToEnd()
  for _ in 0..<(count / 10_000) {
    var piece: [Float] = []
    for _ in 0..<10_000 { piece += data.next() }
    try file.write(contentsOf: piece.withUnsafeBytes { Data($0) })
  }
  try file.close()
  let store = home.file("s")
  let imported = try Measure.run(
    [program, "embed", "import", store, path, "-q"], environment: environment, measuresSize: true)
  guard imported.exit == 0 else { throw BenchError("import failed") }
  try FileManager.default.removeItem(atPath: path)
  let size = try FileManager.default.contentsOfDirectory(atPath: store).reduce(0) { sum, name in
    sum + ((try FileManager.default.attributesOfItem(atPath: store + "/" + name)[.size] as? Int) ?? 0)
  }
  let written = try Measure.run(
    ["dd", "if=/dev/zero", "of=\(home.file("dd"))", "bs=1M", "count=\(size >> 20)", "conv=fsync"])
  try FileManager.default.removeItem(atPath: home.file("dd"))
  var queries = VectorData(dimension: dimension, seed: 1000)
  var times: [String: [Double]] = [:]
  for round in 0..<15 {
    let query = home.file("q.f32")
    try queries.next().withUnsafeBytes { try Data($0).write(to: URL(filePath: query)) }
    let search = [program, "embed", "search", store, "--vector", query]
    for (name, command) in [
      ("start", [program, "--version"]), ("fast", search + ["--fast"]), ("exact", search),
      ("float32", [CommandLine.arguments[0], "search-once", store, "float32", "\(dimension)", "\(round)"]),
    ] {
      let cost = try Measure.run(command, environment: environment)
      guard cost.exit == 0 else { throw BenchError("\(name) failed") }
      times[name, default: []].append(cost.wall)
    }
  }
  let median = times.mapValues(Measure.median)
  let (start, fast) = (median["start"] ?? 0, median["fast"] ?? 0)
  let (exact, scan) = (median["exact"] ?? 0, median["float32"] ?? 0)
  return [
    Row(
      "embed import: 1,000,000 × 384", Measure.rate(size, imported.wall), "dd \(Measure.rate(size, written.wall))",
      Measure.ratio(written.wall / imported.wall), "≥ 0.7 ×"),
    Row("embed import: resident", String(format: "%.0f MB", Double(imported.resident) / 1e6), "", "", "≤ 128 MB"),
    Row(
      "embed search --vector --fast in a million, above start-up", text(fast - start), "start-up \(text(start))", "",
      "≤ 25 ms"),
    Row(
      "embed search --vector in a million, beside a Float32 scan", text(exact), text(scan), Measure.ratio(scan / exact),
      "≥ 4 ×"),
    Row(
      "embed search --vector --fast in a million, beside a Float32 scan", text(fast), text(scan),
      Measure.ratio(scan / fast), ""),
  ]
}
