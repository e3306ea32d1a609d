// The flags of `awl prompt --each`, and what contradicts them.

import Formats

extension PromptCommand {
  /// Which rows are asked for, and how.
  struct RowsFlags: Sendable {
    /// The table's path, or `-`.
    var table: String
    var width: Int
    var stopsAtFailure: Bool
    var limit: Int?
    var sample: Int?

    static let flags = [
      Flag("each", value: "ROWS", "one answer for each row of a .csv, .tsv, .jsonl or .json; columns are variables"),
      Flag("width", "j", value: "N", "rows asked at once (8)"),
      Flag("fail-fast", "the first row that fails ends the run"),
      Flag("limit", value: "N", "the first N rows alone"),
      Flag("sample", value: "N", "N rows by chance, the same with the same --seed"),
    ]

    /// `nil` without `--each`.
    init?(_ arguments: Arguments) throws(UsageError) {
      guard let table = arguments.string("each") else {
        for flag in ["width", "fail-fast", "limit", "sample"] where arguments.has(flag) {
          throw UsageError("--\(flag) is for rows", hint: "--each ROWS")
        }
        return nil
      }
      guard !table.isEmpty else { throw UsageError("--each is empty", hint: "--each FILE, or --each - for stdin") }
      self.table = table
      width = try arguments.int("width", in: 1...4096) ?? 8
      stopsAtFailure = arguments.has("fail-fast")
      limit = try arguments.int("limit", in: 1...Int.max)
      sample = try arguments.int("sample", in: 1...10_000_000)
      if sample != nil, table == "-" { throw UsageError("--sample needs a file: stdin is read once") }
      for flag in ["continue", "conversation", "file", "attach", "json", "jsonl", "verbose"] where arguments.has(flag) {
        throw UsageError(
          "--\(flag) and --each exclude each other",
          hint: flag == "file" ? "a text for all rows: -p NAME=@FILE" : nil)
      }
      if arguments.words.contains("-") {
        throw UsageError("a word '-' has no meaning with --each", hint: "a variable from stdin: -p NAME=@-")
      }
      if arguments.has("usage") {
        throw UsageError("--usage and --each exclude each other", hint: "the last line tells tokens and money")
      }
      if arguments.strings("model").count > 1 { throw UsageError("--each takes one model") }
      if let output = arguments.string("output"), RowsFlags.outputFormat(output) == nil {
        throw UsageError("--output \(output): rows are written as .jsonl, .csv or .tsv")
      }
    }

    static func outputFormat(_ path: String) -> RowFormat? {
      let format = RowFormat(fileName: path)
      return format == .json ? nil : format
    }
  }
}
