// The words of a command as a chain writes them: held to the policy when the chain is read, as far as they are written
// down, and again as a whole when they are known. Text from outside may be an argument, never the program, a flag or code.

import Formats
import Models

struct CommandWords: Sendable {
  private let words: [ChainTemplate]
  private let offset: Int

  /// Flags of interpreters behind which code stands.
  private static let codeFlags: Set<String> = [
    "-c", "-e", "-E", "-p", "-r", "--eval", "--exec", "--command", "-Command",
  ]

  /// - Returns: nil where nothing can be made of it, which has been reported.
  init?(_ json: JSON, _ reader: ChainReader) {
    words = json.elements.compactMap(reader.template)
    offset = json.sourceOffset
    guard words.count == json.count, !words.isEmpty else { return nil }
    let known = words.map(\.constant)
    guard reader.policy.mayRun(known) else {
      let hint = JSON.array(known.prefix { $0 != nil }.map { .string($0 ?? "") }).text
      reader.report(
        "the policy does not let it run \(Self.line(known.map { $0 ?? "…" }))", hint: "policy: {run: [\(hint)]}",
        at: offset)
      return nil
    }
  }

  /// Words that are written down, as far as they are.
  private var known: [String?] { words.map(\.constant) }

  /// A word or the working directory that lies where the chain may write.
  func writablePlace(directory: String, _ reader: ChainReader) -> String? {
    let isFixed = !Shape.hasTemplate(directory)
    let base = isFixed ? reader.inChain(directory) : nil
    if let base, reader.policy.mayWrite(base) || reader.policy.mayWrite(base == "." ? "x" : base + "/x") {
      return directory
    }
    // A directory that is not known yet may be any.
    if base == nil, !reader.policy.write.isEmpty { return directory }
    for word in known.compactMap({ $0 }) where !word.hasPrefix("-") {
      let path = word.hasPrefix("/") ? word : (base == "." || base == nil ? word : "\(base ?? "")/\(word)")
      if reader.policy.mayWrite(reader.inChain(path)) { return word }
    }
    return nil
  }

  /// Programs that take what they read for code.
  private static let interpreters: Set<String> = [
    "sh", "bash", "dash", "zsh", "ksh", "fish", "python", "python3", "node", "deno", "bun", "perl", "ruby", "php",
    "lua",
    "osascript", "swift", "psql", "sqlite3", "mysql", "awk", "sed", "xargs", "env",
  ]

  /// Code that is computed when the chain runs, and so may be a model's: behind `-c` and the like, or on the input of an
  /// interpreter.
  ///
  /// - Parameter stdin: what the program reads.
  func computedCode(stdin: ChainTemplate?) -> String? {
    let known = known
    for (index, word) in known.enumerated() where word == nil && index > 0 {
      guard let before = known[index - 1] else { continue }
      if Self.codeFlags.contains(before) || Self.isShellCode(before) { return "the code behind '\(before)'" }
    }
    guard let stdin, stdin.constant == nil, let program = known[0],
      Self.interpreters.contains(program.split(separator: "/").last.map(String.init) ?? program)
    else { return nil }
    let script = known.dropFirst().first { $0.map { !$0.hasPrefix("-") && $0 != "/dev/stdin" } ?? true }
    return script == nil ? "the code on the input of \(program)" : nil
  }

  /// The words as they are now.
  ///
  /// - Throws: what the policy does not allow, and text from outside where it would steer.
  func arguments(_ context: StepContext) throws(StepFailure) -> [String] {
    var arguments: [String] = []
    for (index, word) in words.enumerated() {
      let text = try context.text(word)
      if context.isTainted(word.uses) { try check(text, word, index, arguments.last, context) }
      arguments.append(text)
    }
    for (policy, _) in context.run.allPolicies where !policy.mayRun(arguments) {
      throw context.failure(
        "the policy does not let it run \(Self.line(arguments))", hint: "see run: in the policy", .needsPerson,
        at: offset)
    }
    return arguments
  }

  private func check(
    _ text: String, _ word: ChainTemplate, _ index: Int, _ before: String?, _ context: StepContext
  ) throws(StepFailure) {
    let objection: String?
    if index == 0 {
      objection = "the program comes from outside"
    } else if let before, Self.codeFlags.contains(before) || Self.isShellCode(before) {
      objection = "code for '\(before)' comes from outside"
    } else if text.hasPrefix("-"), !Self.writesFlag(word.text) {
      objection = "a flag comes from outside"
    } else {
      objection = nil
    }
    if let objection {
      throw context.failure(
        "\(objection): \(JSON.string(String(text.prefix(80))).text)", hint: "pass it by stdin", .needsPerson,
        at: word.offset)
    }
  }

  /// `-lc` and the like.
  private static func isShellCode(_ word: String) -> Bool {
    word.utf8.count <= 4 && word.hasPrefix("-") && !word.hasPrefix("--") && word.hasSuffix("c")
  }

  /// Whether the chain itself writes the flag, and only its value is a template: `--name={{ x }}`.
  private static func writesFlag(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "-"), let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return false }
    return bytes[..<brace].contains(UInt8(ascii: "="))
  }

  /// A command as people read it, quoted where a word is not plain.
  static func line(_ words: [String]) -> String {
    words.map { word in
      let isPlain =
        !word.isEmpty
        && word.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "-._/=:,+@%…".utf8.contains(byte)
        }
      return isPlain ? word : JSON.string(word).text
    }.joined(separator: " ")
  }
}
