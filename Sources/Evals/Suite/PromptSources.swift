// The prompts of a suite in all the forms in which promptfoo takes them: texts, files of many kinds, patterns, and objects
// that name them.

import Formats
import Models
import Prompts
import Storage

/// Reads the prompts of a suite. Blocks on the disk.
struct PromptSources {
  var file: SuiteFile
  var problems = SuiteProblems()
  private(set) var prompts: [SuitePrompt] = []

  init(file: SuiteFile) { self.file = file }

  /// - Parameter value: `prompts` as it stands in a suite.
  mutating func read(_ value: JSON) {
    switch value.kind {
    case .string: add(text: value.string ?? "", at: value)
    case .array: for entry in value.elements { read(entry: entry) }
    case .object:
      for (path, label) in value.members { add(text: path, label: label.string, at: label, isFile: true) }
    default: problems.add(file.problem("'prompts' is to be a text or a list", at: value, isError: true))
    }
  }

  private mutating func read(entry: JSON) {
    if let text = entry.string { return add(text: text, at: entry) }
    guard entry.kind == .object else {
      return problems.add(file.problem("a prompt is a text or an object", at: entry, isError: true))
    }
    file.checkKeys(
      entry, known: ["id", "label", "raw", "config", "display", "function", "description"], of: "a prompt", &problems)
    let before = prompts.count
    let label = entry["label"]?.string ?? entry["display"]?.string
    if let raw = entry["raw"]?.string, entry["id"]?.string.map(looksLikeFile) != true {
      append(raw, label: label ?? raw, at: entry)
    } else if let id = entry["id"]?.string {
      add(text: id, label: label, at: entry, isFile: true)
    } else if let raw = entry["raw"]?.string {
      append(raw, label: label ?? raw, at: entry)
    } else {
      problems.add(file.problem("a prompt has 'raw', or an 'id' that names a file", at: entry, isError: true))
    }
    for index in before..<prompts.count {
      prompts[index].id = entry["id"]?.string ?? prompts[index].id
      prompts[index].config = entry["config"] ?? prompts[index].config
    }
  }

  private static let endings = [
    ".cjs", ".cts", ".j2", ".js", ".json", ".jsonl", ".md", ".mjs", ".mts", ".py", ".ts", ".txt", ".yml", ".yaml",
    ".csv", ".prompt", ".prompty",
  ]

  /// Whether a text that stands for a prompt is a file's name.
  private func looksLikeFile(_ text: String) -> Bool {
    if text.hasPrefix("file://") { return true }
    if text.contains("\n") { return false }
    if PromptSources.endings.contains(where: text.hasSuffix) { return true }
    let bytes = Array(text.utf8)
    if bytes.contains(0x2A) || bytes.contains(0x2F) || bytes.contains(0x5C) {
      // A sentence with a stroke in it is a text all the same, where no such file is.
      return !bytes.contains(0x20) && !PromptTemplateText.hasTag(text) || !SuiteFiles.matches(file.path(text)).isEmpty
    }
    let count = bytes.count
    return count >= 4 && !bytes.contains(0x20) && (bytes[count - 3] == 0x2E || bytes[count - 4] == 0x2E)
  }

  /// A prompt as a text names it: a file, a pattern of files, or the text itself.
  mutating func add(text: String, label: String? = nil, at place: JSON?, isFile: Bool = false) {
    guard isFile || looksLikeFile(text) else { return append(text, label: label ?? text, at: place) }
    let path = file.path(text)
    if text.hasPrefix("exec:") || [".sh", ".rb", ".pl"].contains(where: path.hasSuffix) {
      return problems.add(
        file.problem("'\(text)': prompts made by programs are not supported", at: place, isError: true))
    }
    let bare = withoutFunction(path)
    let found = SuiteFiles.matches(bare)
    if found.isEmpty {
      if !isFile, !text.hasPrefix("file://"), SuiteFiles.isPattern(text) {
        return append(text, label: label ?? text, at: place)
      }
      return problems.add(file.problem("no such prompt file '\(path)'", at: place, isError: true))
    }
    for name in found { read(path: name, label: label, at: place) }
  }

  /// `prompt.py:function` names a file, too.
  private func withoutFunction(_ path: String) -> String {
    guard let mark = path.lastIndex(of: ":"), !Files.exists(path) else { return path }
    let bare = String(path[..<mark])
    return [".py", ".js", ".ts", ".mjs", ".cjs"].contains(where: bare.hasSuffix) ? bare : path
  }

  private mutating func read(path: String, label: String?, at place: JSON?) {
    let code = [".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".py"]
    if code.contains(where: path.hasSuffix) {
      return problems.add(
        file.problem("\(path): prompts written in code are not supported", at: place, isError: true))
    }
    if [".prompt.yml", ".prompt.yaml", ".prompt", ".prompty"].contains(where: path.hasSuffix) {
      return readPromptFile(path, label, at: place)
    }
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: PromptTemplate.largestFile)
    } catch {
      return problems.add(file.problem(error.description, at: place, isError: true))
    }
    let text = String(decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...], as: UTF8.self)
    let own = PromptSources(file: SuiteFile(name: path, directory: Paths.parent(path) ?? "."))
    do throws(FormatError) {
      for (raw, name) in try own.texts(of: text, path) {
        let given = label.map { name.isEmpty ? $0 : "\($0): \(name)" } ?? name
        append(raw, label: given.isEmpty ? path : given, at: place, in: path)
      }
    } catch {
      problems.add(own.file.problem(error))
    }
  }

  /// The prompts of a file, each with the label that it has without another.
  private func texts(of text: String, _ path: String) throws(FormatError) -> [(raw: String, label: String)] {
    if path.hasSuffix(".txt") {
      let pieces = split(text)
      return pieces.map { ($0, "\(path): \($0)") }
    }
    if path.hasSuffix(".jsonl") {
      return text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.map {
        (String($0), "\(path): \($0)")
      }
    }
    if path.hasSuffix(".csv") { return try table(text, path) }
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      return [(try YAML.parse(text).text, "\(path): \(text.prefix(80))")]
    }
    if path.hasSuffix(".json") { return [(text, "\(path): \(text.prefix(80))")] }
    return [(text, "\(path): \(text.prefix(50))...")]
  }

  /// Prompts of a text file stand between lines of `---`.
  private func split(_ text: String) -> [String] {
    var pieces: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let bare = line.last == "\r" ? line.dropLast() : line
      if bare == "---" { pieces.append([]) } else { pieces[pieces.count - 1].append(line) }
    }
    return pieces.map { $0.joined(separator: "\n").trimmedOfSpace }.filter { !$0.isEmpty }
  }

  private func table(_ text: String, _ path: String) throws(FormatError) -> [(raw: String, label: String)] {
    var reader = RowReader(.csv)
    var found: [(String, String)] = []
    let take = { (row: Row) throws(FormatError) in
      guard let prompt = row.values["prompt"]?.string ?? row.values.members.map(\.value).first?.string
      else { return }
      found.append((prompt, row.values["label"]?.string ?? prompt))
    }
    try reader.push(Array(text.utf8), take)
    try reader.finish(take)
    return found
  }

  private mutating func readPromptFile(_ path: String, _ label: String?, at place: JSON?) {
    do throws(PromptFileError) {
      let prompt = try PromptTemplate.read(path: path)
      for warning in prompt.warnings {
        problems.add(SuiteFile(name: path, directory: "").problem(warning, isError: false))
      }
      let bytes = (try? Files.read(path, limit: PromptTemplate.largestFile)) ?? []
      var made = SuitePrompt(
        label: label ?? prompt.name ?? path, raw: String(decoding: bytes, as: UTF8.self), form: .file(prompt))
      made.assertions = PromptEvaluators.assertions(of: prompt, &problems)
      append(made)
    } catch {
      problems.add(
        SuiteProblem(
          file: error.file, position: error.position, message: error.message, hint: error.hint, isError: true))
    }
  }

  private mutating func append(_ raw: String, label: String, at place: JSON?, in path: String? = nil) {
    do throws(FormatError) {
      append(try SuitePrompt.text(raw, label: label))
    } catch {
      let hint = error.hint.map { " (\($0))" } ?? ""
      problems.add(
        file.problem(
          "the prompt\(path.map { " of \($0)" } ?? ""), line \(error.position.line): \(error.message)\(hint)",
          at: place,
          isError: true))
    }
  }

  private mutating func append(_ prompt: SuitePrompt) {
    var prompt = prompt
    prompt.label = freeLabel(prompt.label, among: prompts.map(\.label))
    prompts.append(prompt)
  }
}

/// Labels name columns: the second of two alike gets a number.
func freeLabel(_ label: String, among taken: [String]) -> String {
  var free = label
  var number = 2
  while taken.contains(free) {
    free = "\(label) #\(number)"
    number += 1
  }
  return free
}
