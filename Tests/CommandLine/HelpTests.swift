// The pages of help: every command has one, and what is printed in it is understood.

import Foundation
import Support
import Testing

@testable import awl

@Suite("help") struct HelpTests {
  @Test(
    "every command has a help page that fits a screen and ends with examples that are understood",
    arguments: Commands.all.map { $0.name })
  func help(command: String) async throws {
    let words = command.split(separator: " ").map(String.init)
    let page = try await runProgram(words + ["--help"])
    #expect(page.exit == .code(0))
    #expect(page.text == (try await runProgram(["help"] + words)).text)
    let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false)
    // A prompt has many ways to be asked, and an eval to be set up; no other command needs a second screen.
    let most = ["prompt", "eval run", "eval rescore"].contains(command) ? 90 : 70
    #expect(lines.count <= most, "\(lines.count) lines")
    #expect(lines.allSatisfy { $0.count <= 120 })
    let examples = lines.drop { $0 != "Examples" }.dropFirst().filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
    #expect(examples.count == 3)
    #expect(lines.last == "" && lines.dropLast().last?.hasPrefix("      ") == true)
    for example in examples { try await checkParses(String(example.dropFirst(2))) }
    #expect(page.text.hasPrefix("awl \(command)"))
  }

  /// Every call of awl in a shell's line is one that awl understands: with an unknown flag added, that is the one thing
  /// that is wrong with it.
  private func checkParses(_ line: String) async throws {
    let folder = try TemporaryDirectory("examples")
    let functions =
      "awl() { \"$AWL\" \"$@\" --no-such-flag; }; pass() { :; }; git() { :; }; curl() { :; }; mkdir -p ~/.config/fish/completions"
    let result = try await runProgram(
      ["-c", "\(functions)\n\(line)"], program: "/bin/bash", environment: ["AWL": try builtProgram()],
      cwd: folder.path)
    let complaints = result.errorText.split(separator: "\n").filter { $0.hasPrefix("awl: ") }
    #expect(!complaints.isEmpty, "\(line)")
    for complaint in complaints {
      #expect(complaint.contains("unknown flag '--no-such-flag'"), "\(line): \(complaint)")
    }
  }

  @Test("the overview names every command, and help pages list codes and variables") func overview() async throws {
    let overview = try await runProgram([])
    for command in Commands.all { #expect(overview.text.contains("  \(command.name) ")) }
    #expect((try await runProgram(["--help"])).text == overview.text)
    let codes = try await runProgram(["help", "exit-codes"]).text
    for code in ["0 ", "1 ", "2 ", "9 ", "100 ", "101 ", "102 ", "130 "] {
      #expect(codes.contains("\n\(code)") || codes.hasPrefix(code))
    }
    let environment = try await runProgram(["help", "environment"]).text
    for name in [
      "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OLLAMA_HOST", "NO_COLOR", "XDG_CONFIG_HOME",
      "XDG_STATE_HOME", "EDITOR",
      "LLM_USER_PATH", "AWL_CHAIN_MODEL", "AWL_KERNEL",
    ] {
      #expect(environment.contains(name), "\(name)")
    }
  }

  @Test("help is given wherever it is asked for, and never instead of a word", arguments: ["-qh", "-h", "--help"])
  func helpAnywhere(flag: String) async throws {
    let page = try await runProgram(["prompt", "--help"]).text
    #expect(try await runProgram(["p", "words", flag, "more"]).text == page)
    #expect(try await runProgram(["prompt", "-m", "builtin/echo", "--", flag]).text == flag + "\n")
  }

  @Test("a noun alone is helped with its verbs", arguments: ["data", "chain", "keys", "models", "embed"])
  func nouns(noun: String) async throws {
    let page = try await runProgram(["help", noun])
    #expect(page.exit == .code(0), "\(page.errorText)")
    for verb in Commands.verbs(of: noun) { #expect(page.text.contains("  \(noun) \(verb) "), "\(verb)") }
    for flag in ["--help", "-h"] { #expect(try await runProgram([noun, flag]).text == page.text) }
    #expect(page.text.contains("alone is awl \(noun) list") == (noun == "keys" || noun == "models"))
  }

  @Test("a switch with choices shows them, and the page of scripts its keys") func details() async throws {
    #expect(try await runProgram(["prompt", "--help"]).text.contains("-x, --extract[=first|last] "))
    let script = try await runProgram(["help", "script"]).text
    for key in ["match", "times", "tool_calls", "latency_ms", "after_chunks"] {
      #expect(script.contains(key), "\(key)")
    }
  }
}
