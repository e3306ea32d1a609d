// The forms of prompt files that are read: a table of how each is known and read. Adding one is a file and a line.

import Formats
import Storage

/// A form of prompt files.
package enum PromptFormat: String, Sendable, CaseIterable {
  case prompt = "prompt.yml"
  case llm, fabric, dotprompt, prompty, aichat, text

  /// What it is, in words.
  package var title: String {
    switch self {
    case .prompt: "prompt file (.prompt.yml)"
    case .llm: "llm template"
    case .fabric: "fabric pattern"
    case .dotprompt: "dotprompt file"
    case .prompty: "prompty file"
    case .aichat: "aichat role"
    case .text: "text"
    }
  }
}

/// A file that is about to be read as a prompt.
package struct PromptSource: Sendable {
  /// As it is named in errors.
  package var path: String
  package var bytes: [UInt8]
  /// Texts of files beside it or in folders below, by name; none for a prompt that came from no file.
  package let neighbour: @Sendable (String) -> [UInt8]?

  package init(path: String, bytes: [UInt8], neighbour: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }) {
    self.path = path
    self.bytes = bytes
    // A prompt may come from anybody: it reads nothing outside of its folder.
    self.neighbour = { name in
      name.hasPrefix("/") || name.split(separator: "/").contains("..") ? nil : neighbour(name)
    }
  }

  /// The last part of the path.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  func error(_ message: String, hint: String? = nil) -> PromptFileError {
    PromptFileError(file: path, message, hint: hint)
  }
}

extension PromptTemplate {
  /// Largest prompt file, in bytes.
  package static let largestFile = 4 << 20

  private struct Reader {
    var format: PromptFormat
    /// Whether a file with this name is of the form.
    var detects: @Sendable (PromptSource) -> Bool
    var read: @Sendable (PromptSource) throws(PromptFileError) -> PromptTemplate
  }

  private static let readers: [Reader] = [
    Reader(format: .prompt, detects: PromptFileReader.detects, read: PromptFileReader.read),
    Reader(format: .dotprompt, detects: Dotprompt.detects, read: Dotprompt.read),
    Reader(format: .prompty, detects: Prompty.detects, read: Prompty.read),
    Reader(format: .fabric, detects: FabricPattern.detects, read: FabricPattern.read),
    Reader(format: .llm, detects: LLMTemplate.detects, read: LLMTemplate.read),
    Reader(format: .aichat, detects: AichatRole.detects, read: AichatRole.read),
    Reader(format: .text, detects: { _ in true }, read: PlainPrompt.read),
  ]

  /// Reads a prompt of any form that is known.
  ///
  /// - Throws: what is wrong with it, with its place.
  package static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    guard source.bytes.count <= largestFile else {
      throw source.error("larger than \(largestFile >> 20) MB, which is no prompt")
    }
    if let bad = source.bytes.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) {
      throw PromptFileError(
        file: source.path, FormatError("not UTF-8", at: SourcePosition(of: bad, in: source.bytes)))
    }
    if let zero = source.bytes.firstIndex(of: 0) {
      throw PromptFileError(
        file: source.path, FormatError("a NUL, which no text has", at: SourcePosition(of: zero, in: source.bytes)))
    }
    guard let reader = readers.first(where: { $0.detects(source) }) else {
      throw source.error("no form of prompt that awl knows")
    }
    var template = try reader.read(source)
    guard !template.messages.isEmpty || template.inputName != nil else {
      throw source.error("there is no prompt in it")
    }
    template.inferInputs()
    return template
  }

  /// Reads the prompt at a path: a file, or a folder that is a pattern. Blocks.
  package static func read(path: String) throws(PromptFileError) -> PromptTemplate {
    let isFolder = (try? FileStatus.of(path))?.kind == .directory
    let file = isFolder ? Paths.join(path, "system.md") : path
    let isHalf = isFolder && !Files.exists(file)
    if isHalf, !Files.exists(Paths.join(path, "user.md")) {
      throw PromptFileError(file: path, "a folder, and no pattern", hint: "a pattern has a file system.md")
    }
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = isHalf ? [] : try Files.read(file, limit: largestFile)
    } catch {
      throw PromptFileError(file: file, error.reason)
    }
    let folder = Paths.parent(file) ?? "."
    return try read(
      PromptSource(path: file, bytes: bytes) { name in try? Files.read(Paths.join(folder, name), limit: largestFile) })
  }
}
