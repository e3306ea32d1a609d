// The README's examples, run exactly as they are printed, and their output compared.

import Foundation
import Support
import Testing

@testable import awl

/// A block of the README: commands, each with what it prints.
private struct Example: Sendable, CustomStringConvertible {
  var command: String
  var output: String
  var description: String { command }
}

/// The commands of all `console` blocks, block by block: lines behind `$ `, continued by lines behind `> `.
private func examples() throws -> [[Example]] {
  let text = try String(contentsOfFile: packageRoot + "/README.md", encoding: .utf8)
  var blocks: [[Example]] = []
  var fence: Substring?
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
    if let open = fence {
      if line == open {
        fence = nil
      } else if line.hasPrefix("$ ") {
        blocks[blocks.count - 1].append(Example(command: String(line.dropFirst(2)), output: ""))
      } else if line.hasPrefix("> "), let last = blocks[blocks.count - 1].indices.last {
        blocks[blocks.count - 1][last].command += "\n" + line.dropFirst(2)
      } else if let last = blocks[blocks.count - 1].indices.last {
        blocks[blocks.count - 1][last].output += line + "\n"
      }
    } else if line.hasSuffix("console") {
      fence = line.dropLast("console".count)
      blocks.append([])
    }
  }
  return blocks
}

@Suite("the README") struct ReadmeTests {
  @Test("has examples on its first screens") func hasExamples() throws {
    let blocks = try examples()
    #expect(blocks.count >= 5)
    #expect(blocks.allSatisfy { !$0.isEmpty })
  }

  @Test("prints what its commands print", arguments: try examples().indices)
  func runs(block: Int) async throws {
    let folder = try TemporaryDirectory("readme")
    let program = try builtProgram()
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/awl", withDestinationPath: program)
    for example in try examples()[block] {
      let result = try await runShell(example.command, in: folder.path)
      #expect(result.text == example.output, "\(example.command)\n\(result.errorText)")
      #expect(result.exit == .code(0), "\(example.command)\n\(result.errorText)")
    }
  }

  @Test("names no command, flag or make target that does not exist") func names() async throws {
    let text = try String(contentsOfFile: packageRoot + "/README.md", encoding: .utf8)
    var commands = Commands.names
    var flags: Set = ["--version"]
    for command in Commands.all {
      commands += command.aliases
      for flag in command.flags { flags.insert("--\(flag.name)") }
    }
    for match in text.matches(of: #/\bawl ([a-z]+)(?: ([a-z]+))?/#) {
      let word = String(match.1)
      // Prose.
      guard !["runs", "run", "goes", "says", "is", "offline", "starts", "does"].contains(word) else { continue }
      #expect(commands.contains(word), "awl \(word)")
      let verbs = Commands.verbs(of: word)
      guard !verbs.isEmpty, let verb = match.2.map({ String($0) }), Commands.impliedVerbs[word] == nil else { continue }
      #expect(verbs.contains(verb), "awl \(word) \(verb)")
    }
    // One of curl's.
    for match in text.matches(of: #/--[a-z][a-z-]+/#) where match.output != "--parallel" {
      #expect(flags.contains(String(match.output)), "\(match.output)")
    }
    let makefile = try String(contentsOfFile: packageRoot + "/Makefile", encoding: .utf8)
    for match in text.matches(of: #/\bmake ([a-z-]+)/#) {
      #expect(makefile.contains("\n\(match.1):"), "make \(match.1)")
    }
  }
}

/// Runs a command line by the shell, with the built program on the path.
private func runShell(_ command: String, in folder: String) async throws -> ProcessResult {
  try await runProgram(
    ["-c", command], program: "/bin/bash", environment: ["PATH": "\(folder):/usr/bin:/bin"], cwd: folder)
}
