// `write`: one file, or several that appear together or not at all. Paths may come from a model: each is held to the
// policy and refused where it could mean more than it says.

import Formats
import Models
import Storage

struct WriteStep: StepKind {
  static let keys = ["write"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("file", .template), Shape.Field("content", .any),
      Shape.Field("as", .choice(["text", "json", "jsonl", "csv"])),
      Shape.Field("mode", .choice(["create", "overwrite", "append"])), Shape.Field("root", .template),
      Shape.Field("files", .any),
    ])
  ]
  /// Most files of one step, and most bytes of them together.
  static let mostFiles = 1000
  static let mostBytes = 256 << 20

  private enum Target: Sendable {
    case one(file: ChainTemplate, content: ChainValue)
    case several(root: ChainTemplate?, files: ChainValue)
  }
  private let target: Target
  private let form: String
  private let mode: StagedFiles.Mode

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["write"] else { return nil }
    form = json["as"]?.string ?? "text"
    mode = json["mode"]?.string.flatMap(StagedFiles.Mode.init) ?? .overwrite
    switch (json["file"], json["content"], json["root"], json["files"]) {
    case (let file?, let content?, nil, nil):
      guard let file = reader.template(file) else { return nil }
      target = .one(file: file, content: reader.value(content))
      if let path = file.constant { Self.checkNow(path, file.offset, reader) }
    case (nil, nil, let root, let files?):
      let root = root.map { reader.template($0) }
      if let root, root == nil { return nil }
      target = .several(root: root ?? nil, files: reader.value(files))
      if json["as"] != nil {
        reader.report("'as' belongs to 'file' and 'content'", at: json["as"]?.ownKeyOffset ?? json.sourceOffset)
      }
      if let path = (root ?? nil)?.constant, reader.policy.write.isEmpty {
        Self.checkNow(path + "/x", json.sourceOffset, reader)
      }
    default:
      reader.report(
        "'write' takes 'file' and 'content', or 'root' and 'files'", hint: "one of the two", at: json.sourceOffset)
      return nil
    }
  }

  private static func checkNow(_ path: String, _ offset: Int, _ reader: ChainReader) {
    if let objection = PathRules.objection(to: path) { return reader.report("\(path): \(objection)", at: offset) }
    guard !reader.policy.mayWrite(reader.inChain(path)) else { return }
    reader.report(
      "the policy does not let it write \(path)", hint: "policy: {write: [\(JSON.string(path).text)]}", at: offset)
  }

  var effect: Effect { .changes }
  var members: [String]? { ["file", "files"] }

  /// What is to be written, by paths of the chain.
  private func files(_ context: StepContext) throws(StepFailure) -> [(path: String, bytes: [UInt8])] {
    switch target {
    case .one(let file, let content):
      let path = try context.text(file)
      if let objection = PathRules.objection(to: path) {
        throw context.failure("\(path): \(objection)", .needsPerson, at: file.offset)
      }
      if form == "jsonl", case .template(let template) = content, let list = context.rawList(template) {
        return [(path, list.bytes)]
      }
      let value = try context.json(content)
      do throws(FormatError) {
        return [(path, try Self.bytes(value, form))]
      } catch {
        throw context.failure("\(path): \(error.message)", .usage, at: content.offset)
      }
    case .several(let root, let list):
      let base = try root.map { (root) throws(StepFailure) in try context.text(root) } ?? "."
      let value = try context.json(list)
      guard value.kind == .array else {
        throw context.failure("'files' is to be a list of {path, content}", .usage, at: list.offset)
      }
      guard value.count <= Self.mostFiles else {
        throw context.failure("\(value.count) files are more than \(Self.mostFiles)", .needsPerson, at: list.offset)
      }
      var files: [(path: String, bytes: [UInt8])] = []
      var seen: Set<String> = []
      for element in value.elements {
        guard let path = element["path"]?.string, let content = element["content"]?.string else {
          throw context.failure("a file to write is {path, content}, both texts", .usage, at: list.offset)
        }
        if let objection = path.hasPrefix("/") ? "an absolute path" : PathRules.objection(to: path) {
          throw context.failure("\(JSON.string(path).text): \(objection)", .needsPerson, at: list.offset)
        }
        guard seen.insert(path.lowercased()).inserted else {
          throw context.failure("\(path): two of the files have this name", .needsPerson, at: list.offset)
        }
        files.append((Paths.join(base, path), Array(content.utf8)))
      }
      return files
    }
  }

  static func bytes(_ value: JSON, _ form: String) throws(FormatError) -> [UInt8] {
    switch form {
    case "json": return Array((value.prettyText + "\n").utf8)
    case "csv": return try CSVWriter.table(value)
    case "jsonl":
      guard value.kind == .array else { throw FormatError("JSON Lines are written from a list", at: value.position) }
      return value.elements.flatMap { $0.utf8 + [0x0A] }
    default: return Array((value.string ?? value.text).utf8)
    }
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let files = try files(context)
    let places = ChainFiles(context: context)
    guard files.reduce(0, { $0 + $1.bytes.count }) <= Self.mostBytes else {
      throw context.failure("more than \(Self.mostBytes >> 20) MB are to be written", .usage)
    }
    var staging: [String: StagedFiles] = [:]
    var names: [String] = []
    for (path, bytes) in files {
      let (base, name) = try places.writable(path, at: context.step.offset)
      let staged = staging[base] ?? StagedFiles(below: base)
      staging[base] = staged
      do throws(StorageError) {
        try staged.stage(name, bytes, mode)
      } catch {
        throw context.failure(error.description, .usage)
      }
      names.append(FilePlaces.inChain(path, directory: context.run.chain.directory))
    }
    do throws(StorageError) {
      for (_, staged) in staging { try staged.commit() }
    } catch {
      throw context.failure(error.description, .usage)
    }
    let list = JSON.array(names.map { .string($0) })
    return StepOutcome(
      .object([("file", names.first.map { .string($0) } ?? .null), ("files", list)]),
      note: names.count == 1 ? names[0] : "\(names.count) files")
  }

  func approval(_ context: StepContext) throws(StepFailure) -> ApprovalRequest? {
    guard context.run.asks(about: "write") else { return nil }
    let files = try files(context)
    let list = files.map { "\($0.path) (\($0.bytes.count) bytes)" }.joined(separator: ", ")
    return ApprovalRequest(tool: "write", what: list, prefix: files.map { "\($0.path) \(SHA256.hex($0.bytes))" })
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    let list = try files(context).map { file in
      JSON.object([
        ("path", .string(file.path)), ("bytes", .number(file.bytes.count)), ("sha256", .string(SHA256.hex(file.bytes))),
      ])
    }
    return .object([("write", .array(list)), ("mode", .string(mode.rawValue))])
  }
}

/// What a path to write to must not be, whatever the policy says.
enum PathRules {
  static func objection(to path: String) -> String? {
    if path.isEmpty { return "an empty path" }
    if path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F || (0x80..<0xA0).contains($0.value) })
    {
      return "a path with control characters"
    }
    if path.hasPrefix("~") { return "a path that begins with ~" }
    for part in path.split(separator: "/") {
      let name = String(part)
      let folded = name.lowercased()
      if name == ".." { return "a path with .." }
      if name != ".", name.hasSuffix(".") || name.hasSuffix(" ") { return "a name that ends with a dot or a space" }
      if folded == ".git" { return "a path into .git" }
      if folded == ".awl" { return "a path into .awl" }
      let stem = folded.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? ""
      let isDevice =
        ["con", "prn", "aux", "nul"].contains(stem)
        || (stem.utf8.count == 4 && (stem.hasPrefix("com") || stem.hasPrefix("lpt")) && stem.last?.isNumber == true)
      if isDevice { return "a name that is a device on some systems" }
    }
    return nil
  }
}
