// Speed of awl, as ratios measured side by side in one run: medians of interleaved rounds, since the machine is shared.
// The table goes to stdout, progress to stderr.
//
//     Bench PATH-OF-AWL [NAME…]      the whole, or the measurements whose name contains one of the words
//     Bench search-once STORE MODE DIMENSION SEED    used by itself: one search in a process of its own
//     Bench calls URL COUNT WIDTH    used by itself: calls through the client, in a process of their own

import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "calls", arguments.count == 4 {
  await runCalls(url: arguments[1], count: Int(arguments[2]) ?? 0, width: Int(arguments[3]) ?? 1)
  exit(0)
}
if arguments.first == "search-once", arguments.count == 5 {
  try searchOnce(arguments[1], arguments[2], dimension: Int(arguments[3]) ?? 0, seed: Int(arguments[4]) ?? 0)
  exit(0)
}
guard let program = arguments.first, FileManager.default.isExecutableFile(atPath: program) else {
  FileHandle.standardError.write(Data("usage: Bench PATH-OF-AWL [NAME…] (make bench)\n".utf8))
  exit(2)
}
let measurements: [(name: String, run: (String) async throws -> [Row])] = [
  ("start-up", startUp), ("prompt", promptLatency), ("stream", streaming), ("markdown", markdown),
  ("calls", manyCalls),
  ("in-flight", inFlight), ("cache", cacheOfAMillion), ("limiter", limiterOfAThousand),
  ("logs", logSearch), ("json", json), ("schema", schemaValidation),
  ("formats", formats), ("text retrieval", textRetrieval), ("vectors", vectors), ("embed", embedCommands),
  ("chain steps", chainSteps), ("chain calls", chainCalls),
  ("chain start", chainStart), ("chain million", chainMillion), ("eval cases", evalCases),
  ("eval million", evalMillion), ("peers", peers),
]
var rows: [Row] = []
for measurement in measurements {
  let wanted = arguments.dropFirst()
  guard wanted.isEmpty || wanted.contains(where: { measurement.name.contains($0) }) else { continue }
  FileHandle.standardError.write(Data("measuring \(measurement.name) …\n".utf8))
  do {
    rows += try await measurement.run(program)
  } catch {
    rows.append(Row(measurement.name, "failed: \(error)", "", "", ""))
  }
}
print("| what | awl | beside it | ratio | target |\n|---|---|---|---|---|")
for row in rows { print("| \(row.what) | \(row.ours) | \(row.theirs) | \(row.ratio) | \(row.target) |") }
