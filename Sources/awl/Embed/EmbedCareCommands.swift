// `awl embed compact|verify`: a store kept small, and looked over.

import Formats
import Models
import Retrieval
import Storage

struct EmbedCompactCommand: PlainCommand {
  static let name = "embed compact"
  static let summary = "write a store into one segment, without the rows that were removed"
  static let usage = "STORE"
  static let groups: [FlagGroup] = []
  static let notes = ["Needs as much free space as the store takes. Who searches meanwhile sees the store as it was."]
  static let examples = [
    ("awl embed compact notes.store", "after much was changed"), ("awl embed info notes.store", "how much was removed"),
    ("awl embed verify notes.store", "whether it holds"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedCompactCommand {
    guard arguments.words.count == 1 else { throw UsageError("one store is expected", hint: "awl embed compact STORE") }
    return EmbedCompactCommand(store: arguments.words[0])
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { _ throws(Failure) in
      do throws(StoreError) {
        try StoreWriter(store, indexers: Indexing.indexers).compact()
        let reader = try StoreReader.open(store)
        program.output.write(
          "\(Figures.count(reader.count, "row")) in \(Figures.count(reader.segments.count, "segment"))\n")
      } catch {
        throw error.failure
      }
      return .done
    }
  }
}

struct EmbedVerifyCommand: PlainCommand {
  static let name = "embed verify"
  static let summary =
    "compare all of a store with its checksums, or measure how often --fast finds what the exact search finds"
  static let usage = "STORE [--recall] [--json]"
  static let notes = [
    "Exit code 2 where a file is damaged; awl embed sync STORE --rebuild makes it anew from its files."
  ]
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("recall", "measure --fast on this store, with a 95 % interval"),
        Flag("queries", value: "N", "rows that are asked for their neighbours (200)"),
        Flag("count", "k", value: "N", "neighbours of each (10)"), Flag("json", "one JSON object"),
      ])
  ]
  static let examples = [
    ("awl embed verify notes.store", "after a crash"), ("awl embed verify big.store --recall", "what --fast misses"),
    ("awl embed verify big.store --recall --queries 1000 -k 10", "a narrower interval"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let store: String
  private let measuresRecall: Bool
  private let queries: Int
  private let count: Int
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EmbedVerifyCommand {
    guard arguments.words.count == 1 else { throw UsageError("one store is expected", hint: "awl embed verify STORE") }
    for flag in ["queries", "count"] where arguments.has(flag) && !arguments.has("recall") {
      throw UsageError("--\(flag) is for --recall")
    }
    return EmbedVerifyCommand(
      store: arguments.words[0], measuresRecall: arguments.has("recall"),
      queries: try arguments.int("queries", in: 1...1_000_000) ?? 200,
      count: try arguments.int("count", in: 1...10_000) ?? 10,
      isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    StoreReading.run(program, store) { reader throws(Failure) in
      if measuresRecall { return try measure(reader, program) }
      let problems = reader.verify()
      if isJSON {
        let object = JSON.object([
          ("rows", .number(reader.count)), ("segments", .number(reader.segments.count)),
          ("damaged", .array(problems.map { .string($0.description) })),
        ])
        program.output.write(pretty: object)
      } else {
        for problem in problems { program.output.write(untrusted: problem.description + "\n") }
        let held = problems.isEmpty ? "all hold" : "\(problems.count) damaged"
        program.output.write(
          "\(Figures.count(reader.count, "row")) in \(Figures.count(reader.segments.count, "segment")): \(held)\n")
      }
      return problems.isEmpty ? .done : .usage
    }
  }

  private func measure(_ reader: StoreReader, _ program: Program) throws(Failure) -> ExitCode {
    guard reader.dimension > 0 else { throw Failure("\(store): has no vectors", .usage) }
    var options = SearchOptions()
    options.kernels = try program.vectorKernels
    let found: RecallMeasurement
    do throws(StoreError) { found = try reader.recall(queries: queries, k: count, options) } catch {
      throw error.failure
    }
    if isJSON {
      let object = JSON.object([
        ("found", .number(found.found)), ("wanted", .number(found.wanted)), ("recall", .number(found.recall)),
        ("low", .number(found.interval.lowerBound)), ("high", .number(found.interval.upperBound)),
      ])
      program.output.write(pretty: object)
    } else {
      let interval = [found.interval.lowerBound, found.interval.upperBound].map { Figures.fixed($0 * 100, 2) }
      program.output.write(
        "--fast finds \(Figures.fixed(found.recall * 100, 2)) % of the exact hits (95 % interval \(interval[0]) to "
          + "\(interval[1]) %; \(found.wanted - found.found) of \(found.wanted) missed)\n")
    }
    return .done
  }
}
