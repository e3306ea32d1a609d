// A log of a million calls (2 GB): a word that no call holds, beside `grep -c` on the same bytes, and the last day.

import Foundation
import Storage

func logSearch(_ program: String) async throws -> [Row] {
  let home = NSTemporaryDirectory() + "awl-bench-logs-\(getpid())"
  let folder = home + "/awl/logs"
  defer { try? FileManager.default.removeItem(atPath: home) }
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let now = Timestamp.now()
  let file = folder + "/" + now.rfc3339.prefix(7) + ".jsonl"
  try writeLog(file, count: 1_000_000, until: now)
  let variables = ["XDG_DATA_HOME": home, "HOME": home]
  var ours: [Double] = []
  var theirs: [Double] = []
  var day: [Double] = []
  var start: [Double] = []
  for round in 0..<4 {
    let search = try Measure.run([program, "logs", "search", "zyzzyva"], environment: variables)
    // No call is found, which is an error of usage.
    guard search.exit == 2 else { throw BenchError("the search ended with \(search.exit)") }
    let grep = try Measure.run(["grep", "-c", "zyzzyva", file])
    let last = try Measure.run([program, "logs", "search", "zyzzyva", "--since", "24h"], environment: variables)
    let version = try Measure.run([program, "--version"])
    // The first round brings the file into memory.
    guard round > 0 else { continue }
    ours.append(search.wall)
    theirs.append(grep.wall)
    day.append(last.wall)
    start.append(version.wall)
  }
  let (mine, other) = (Measure.median(ours), Measure.median(theirs))
  return [
    Row(
      "awl logs search, 1,000,000 calls (2 GB), beside grep -c", String(format: "%.2f s", mine),
      String(format: "%.2f s", other), Measure.ratio(mine / other), "≤ 2 ×"),
    Row(
      "the same, only the last day", Measure.milliseconds(Measure.median(day)),
      "start-up \(Measure.milliseconds(Measure.median(start)))", "", "≤ start-up + 20 ms"),
  ]
}

/// Calls of about two kilobytes, one a minute, the last one now.
private func writeLog(_ path: String, count: Int, until now: Timestamp) throws {
  guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
  else {
    throw BenchError("cannot write \(path)")
  }
  let words = String(repeating: "the quick brown fox jumps over the lazy dog and runs away ", count: 28)
  var block: [UInt8] = []
  for number in 0..<count {
    let time = Timestamp(milliseconds: now.milliseconds - Int64(count - number) * 60_000)
    let id = String(format: "01m86q6mfxpvsqdc%010d", number)
    let record =
      #"{"awl":1,"id":"\#(id)","time":"\#(time.rfc3339)","conversation":"\#(id)","provider":"openai","model":"gpt-6-luna","messages":[{"role":"user","parts":[{"type":"text","text":"question \#(number)"}]}],"parts":[{"type":"text","text":"\#(words)"}],"finish":"stop","usage":{"input":10,"cache_read":0,"cache_write":0,"output":5,"reasoning":0},"cost":0.0001,"timing":{"total":1.5},"attempts":1}"#
    guard let line = RecordLine.encode(Array(record.utf8)) else { throw BenchError("a record cannot be encoded") }
    block += line + [0x0A]
    if block.count > 8 << 20 || number == count - 1 {
      try file.write(contentsOf: Data(block))
      block.removeAll(keepingCapacity: true)
    }
  }
  try file.close()
}
