// The door of the reader: bytes in, a checked chain out, or everything that is wrong with it.

import Formats
import Storage

package enum ChainFile {
  /// Largest file that is read, in bytes.
  package static let limit = 4 << 20
  /// Most steps of a file.
  package static let mostSteps = 10_000

  /// Reads a chain from a file. Blocks on the disk.
  package static func read(_ path: String) throws(ChainFileError) -> Chain { try read(path, callers: []) }

  static func read(_ path: String, callers: [String]) throws(ChainFileError) -> Chain {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: limit)
    } catch {
      throw ChainFileError(path: path, source: [], problems: [ChainProblem(error.reason, at: 0)])
    }
    let parent = Paths.parent(path) ?? "."
    return try read(bytes, path: path, directory: FilePlaces.absolute(parent), callers: callers)
  }

  /// Reads a chain from its text.
  ///
  /// - Parameter directory: what paths in the chain are relative to; absolute.
  package static func read(_ bytes: [UInt8], path: String, directory: String) throws(ChainFileError) -> Chain {
    try read(bytes, path: path, directory: directory, callers: [])
  }

  private static func read(
    _ bytes: [UInt8], path: String, directory: String, callers: [String]
  ) throws(ChainFileError) -> Chain {
    let json: JSON
    do throws(FormatError) {
      json = try YAML.parse(bytes, .file)
    } catch {
      let problem = ChainProblem(error.message, hint: error.hint, at: error.position.offset)
      throw ChainFileError(path: path, source: bytes, problems: [problem])
    }
    let reader = ChainReader(bytes, path: path, directory: directory, callers: callers)
    let chain = reader.chain(json, path: path, directory: directory)
    guard let chain, reader.problems.isEmpty else {
      var problems: [ChainProblem] = []
      for problem in reader.problems where !problems.contains(problem) { problems.append(problem) }
      // Stable: several at one place stay in the order in which they were found.
      let sorted = problems.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
      throw ChainFileError(path: path, source: bytes, problems: sorted.map(\.element))
    }
    return chain
  }
}

extension ChainReader {
  func chain(_ json: JSON, path: String, directory: String) -> Chain? {
    guard json.kind == .object else {
      report("a chain file is an object", hint: "chain: 1", at: json.sourceOffset)
      return nil
    }
    if json["chain"] == nil {
      report("no chain file: 'chain: 1' is missing", at: json.sourceOffset)
      return nil
    }
    if let version = json["chain"], version.int != 1 {
      report(
        "the format version \(version.text) is not known", hint: "this version reads chain: 1",
        at: version.sourceOffset)
      return nil
    }
    // Steps are checked one by one, where they are read.
    _ = check(json, .object(ChainFormat.chain), "the chain")
    for tools in [json["tools"]].compactMap({ $0 }) where tools.count > 0 {
      report("tools are not run by this version yet", at: tools.ownKeyOffset)
    }
    for (pattern, value) in json["policy"]?["approve"]?.members ?? JSON.object([]).members
    where !["run", "write", "http"].contains(where: { Glob(pattern).matches($0) }) {
      report(
        "'\(pattern)' is no kind of step that a person can be asked about",
        hint: "run, write, http; tools are not run by this version yet", at: value.ownKeyOffset)
    }
    readDeclarations(json)
    collectIDs(json["steps"], depth: 0)
    guard let list = json["steps"], list.kind == .array, list.count > 0 else { return nil }
    var outputs: [(name: String, value: ChainValue)] = []
    let block = block(list) { outputs = self.readOutputs(json["outputs"]) }
    if allSteps.count > ChainFile.mostSteps { report("more than \(ChainFile.mostSteps) steps", at: list.sourceOffset) }
    return Chain(
      path: path, directory: directory, source: source, name: json["name"]?.string ?? FilePlaces.stem(path),
      description: json["description"]?.string, inputs: orderedInputs(json["inputs"]), vars: vars,
      secrets: json["secrets"]?.elements.compactMap(\.string) ?? [], defaults: settings(json["defaults"]),
      budget: budget(json["budget"]), policy: policy,
      stores: Dictionary(
        (json["stores"]?.members).map { members in
          members.map {
            ($0.key, Chain.Store(path: $0.value["path"]?.string ?? "", model: $0.value["model"]?.string ?? ""))
          }
        } ?? [], uniquingKeysWith: { $1 }),
      concurrency: json["concurrency"]?.int, failFast: json["fail_fast"]?.bool ?? true, tests: json["tests"],
      block: block, outputs: outputs, files: [(FilePlaces.absolute(path), SHA256.hex(source))] + files)
  }

  private func orderedInputs(_ json: JSON?) -> [Chain.Input] { json?.keys.compactMap { inputs[$0] } ?? [] }

  private func readDeclarations(_ json: JSON) {
    for (name, value) in json["inputs"]?.members ?? JSON.object([]).members {
      guard let kind = value["type"]?.string.flatMap(Chain.Input.Kind.init) else { continue }
      var input = Chain.Input(
        name: name, kind: kind, fallback: value["default"], description: value["description"]?.string,
        offset: value.ownKeyOffset)
      do throws(FormatError) {
        input.schema = try value["schema"].map { (schema) throws(FormatError) in try JSONSchema(schema) }
      } catch {
        report(error.message, hint: error.hint, at: error.position.offset)
      }
      if let fallback = input.fallback, let problem = input.problem(with: fallback) {
        report("the default of '\(name)' \(problem)", at: fallback.sourceOffset)
      }
      inputs[name] = input
    }
    vars = json["vars"] ?? .object([])
    secrets = Set(json["secrets"]?.elements.compactMap(\.string) ?? [])
    stores = Set(json["stores"]?.keys ?? [])
    policy = Policy(json["policy"])
  }

  private func readOutputs(_ json: JSON?) -> [(name: String, value: ChainValue)] {
    var outputs: [(name: String, value: ChainValue)] = []
    for (name, value) in json?.members ?? JSON.object([]).members {
      let output = self.value(value)
      for use in output.uses where use.isStep && !use.isGuarded {
        guard scope.frames[use.level].names[use.name]?.mayBeSkipped == true else { continue }
        report(
          "the output '\(name)' needs the step '\(use.name)', which may be skipped",
          hint: "say what stands in for it: {{ \(use.name) | default(…) }}", at: output.offset)
      }
      outputs.append((name, output))
    }
    return outputs
  }

  private func collectIDs(_ json: JSON?, depth: Int) {
    guard let json, depth < 64 else { return }
    for step in json.elements {
      if let id = step["id"]?.string, allSteps[id] == nil { allSteps[id] = step.sourceOffset }
      collectIDs(step["do"], depth: depth + 1)
      collectIDs(step["on_error"]?["do"], depth: depth + 1)
      if let choice = step["switch"] {
        for (_, steps) in choice["cases"]?.members ?? JSON.object([]).members { collectIDs(steps, depth: depth + 1) }
        collectIDs(choice["else"], depth: depth + 1)
      }
    }
  }
}

extension Chain.Input {
  /// What is wrong with a value for this input; `nil` where it fits.
  package func problem(with value: JSON) -> String? {
    let fits =
      switch kind {
      case .string, .path, .image: value.string != nil
      case .integer: value.int != nil
      case .number: value.kind == .number
      case .boolean: value.bool != nil
      case .list: value.kind == .array
      case .object: value.kind == .object
      }
    guard fits else { return "is to be \("aeiou".contains(kind.rawValue.first ?? "x") ? "an" : "a") \(kind.rawValue)" }
    guard let violation = schema?.violations(in: value).first else { return nil }
    return "does not fit its schema: \(violation.text)"
  }
}
