// Which paths are indexed and what of them, and how texts are cut.

import Retrieval

struct EmbedRootFlags: Sendable {
  let paths: [String]
  let table: String?
  let template: IndexRoot
  let inputName: String

  static let flags = [
    Flag("each", value: "ROWS", "a .jsonl, .csv or .tsv whose rows are records under their own ids; - is stdin"),
    Flag("id", value: "COLUMN", "the column of ids (id or _id)"),
    Flag("text", value: "A,B,…", "the columns of text (text, content, …; else all)"),
    Flag("meta", value: "A,B,…", "the columns to filter by (all others)"),
    Flag("include", value: "GLOB", repeats: true, "only such files (repeatable)"),
    Flag("exclude", value: "GLOB", repeats: true, "no such files or folders (repeatable)"),
    Flag("hidden", "files whose names begin with a dot, too"),
    Flag("no-ignore", "what .gitignore leaves out, too"),
    Flag("links", "follow symbolic links"),
    Flag("as", value: "NAME", "what stdin is called (stdin)"),
  ]

  init(_ arguments: Arguments, paths: [String]) throws(UsageError) {
    func list(_ name: String) throws(UsageError) -> [String]? {
      guard let text = arguments.string(name) else { return nil }
      let names = text.split(separator: ",").map(String.init)
      if names.isEmpty { throw UsageError("--\(name) names no column") }
      return names
    }
    self.paths = paths
    table = arguments.string("each")
    if table != nil, !paths.isEmpty { throw UsageError("--each and paths exclude each other") }
    if paths.contains("-"), paths.count > 1 { throw UsageError("- is stdin, and stands alone") }
    if paths.contains("") { throw UsageError("a path is empty") }
    inputName = arguments.string("as") ?? "stdin"
    if inputName.isEmpty || inputName.hasPrefix("/") || inputName.hasPrefix("./") {
      throw UsageError("--as: '\(inputName)' is no name for stdin")
    }
    template = IndexRoot(
      name: "", include: arguments.strings("include"), exclude: arguments.strings("exclude"),
      honoursIgnoreFiles: !arguments.has("no-ignore"), takesHidden: arguments.has("hidden"),
      followsLinks: arguments.has("links"),
      columns: RowColumns(id: arguments.string("id"), text: try list("text") ?? [], metadata: try list("meta")),
      isTable: table != nil)
  }

  var isAny: Bool { table != nil || !paths.isEmpty }
  var usesInput: Bool { table == "-" || paths == ["-"] }

  /// stdin as a source.
  var input: IndexRoot {
    var root = template
    root.name = inputName
    return root
  }

  /// The paths as roots of a store.
  func roots(_ names: SourceNames) -> [IndexRoot] {
    (table.map { [$0] } ?? paths).map { path in
      var root = template
      root.name = names.name(SourceNames.resolved(path))
      return root
    }
  }
}

struct EmbedChunkFlags: Sendable {
  let strategy: ChunkOptions.Strategy?
  let isAutomatic: Bool
  let size: Int?
  let overlap: Int?

  static let flags = [
    Flag("chunk", value: "HOW", "auto, \(ChunkOptions.Strategy.allCases.map(\.rawValue).joined(separator: ", "))"),
    Flag("chunk-size", value: "N", "most tokens of a part (300)"),
    Flag("overlap", value: "N", "tokens that the next part repeats (0)"),
  ]

  init(_ arguments: Arguments) throws(UsageError) {
    let name = arguments.string("chunk")
    isAutomatic = name == "auto"
    strategy = name.flatMap(ChunkOptions.Strategy.init)
    if let name, strategy == nil, !isAutomatic {
      let names = ["auto"] + ChunkOptions.Strategy.allCases.map(\.rawValue)
      throw .unknown("way to cut", name, among: names, hint: names.joined(separator: ", "))
    }
    size = try arguments.int("chunk-size", in: 16...100_000)
    overlap = try arguments.int("overlap", in: 0...50_000)
    if let overlap, overlap >= size ?? 300 {
      throw UsageError("--overlap \(overlap) is not less than --chunk-size \(size ?? 300)")
    }
  }

  func apply(_ settings: inout IndexSettings) {
    if isAutomatic { settings.strategy = nil }
    if let strategy { settings.strategy = strategy }
    if let size { settings.size = size }
    if let overlap { settings.overlap = overlap }
  }
}
