// Shell completion and manual pages, from the same table as help.

import Foundation
import Support
import Testing

@Suite("completion and manual pages") struct CompletionTests {
  @Test(
    "the shell is told what can come next",
    arguments: [
      ([""], ["prompt", "models", "logs", "help"]), (["pr"], ["prompt"]),
      (["logs", ""], ["list", "search", "export"]),
      (["logs", "se"], ["search"]), (["prompt", "--max"], ["--max-tokens"]),
      (["prompt", "-m", "builtin/e"], ["builtin/echo", "builtin/extract"]),
      (["prompt", "--model", "sm"], ["smart"]), (["models", "list", "anth"], ["anthropic"]),
      (["completion", ""], ["bash", "zsh", "fish"]),
      (["logs", "export", "--for", "h"], ["hf"]), (["help", "exit"], ["exit-codes"]), (["prompt", "-f", "REA"], []),
      (["nothing", ""], []),
    ])
  func candidates(words: [String], expected: [String]) async throws {
    let result = try await runProgram(["__complete"] + words)
    let lines = result.text.split(separator: "\n").map(String.init)
    for candidate in expected { #expect(lines.contains(candidate), "\(lines)") }
    if expected.isEmpty { #expect(lines.isEmpty) }
    #expect(lines.allSatisfy { $0.hasPrefix(words.last ?? "") })
  }

  @Test("bash completes a command line with the script") func bash() async throws {
    let folder = try TemporaryDirectory("completion")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/awl", withDestinationPath: try builtProgram())
    let script = """
      PATH="\(folder.path):$PATH"; eval "$(awl completion bash)"
      COMP_LINE='awl prompt -m builtin/ex'; COMP_POINT=${#COMP_LINE}; _awl; echo "${COMPREPLY[@]}"
      COMP_LINE='awl logs '; COMP_POINT=${#COMP_LINE}; _awl; echo "${COMPREPLY[0]}"
      """
    let result = try await runProgram(["-c", script], program: "/bin/bash", environment: ["PATH": "/usr/bin:/bin"])
    #expect(result.text == "builtin/extract\nlist\n", "\(result.errorText)")
  }

  @Test("every script is accepted by its shell", arguments: ["bash", "zsh", "fish"])
  func syntax(shell: String) async throws {
    let script = try await runProgram(["completion", shell])
    #expect(script.exit == .code(0) && script.text.contains("awl __complete"))
    guard let path = ["/bin/", "/usr/bin/"].map({ $0 + shell }).first(where: { access($0, X_OK) == 0 }) else { return }
    let check = try await runProgram(["-n"], program: path, stdin: .bytes(script.stdout))
    #expect(check.exit == .code(0), "\(check.errorText)")
  }

  @Test("every command has a manual page that says what its help says") func manual() async throws {
    let names = try await runProgram(["__man"]).text.split(separator: "\n").map(String.init)
    #expect(names.contains("awl") && names.contains("awl-prompt") && names.contains("awl-logs-search"))
    for name in names {
      let page = try await runProgram(["__man", name]).text
      #expect(page.hasPrefix(".TH ") && page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"))
      for line in page.split(separator: "\n") where line.hasPrefix(".") {
        #expect(line.contains(#/^\.(TH|SH|TP|B|BR|I)( |$)/#), "\(name): \(line)")
      }
    }
    let page = try await runProgram(["__man", "awl-prompt"]).text
    #expect(page.contains("\\-\\-temperature"))
    // A quote in the argument of a request would be taken away.
    #expect(page.contains(".B git diff | awl prompt \\(dqWrite a commit message for this\\(dq\n"), "\(page)")
    #expect(page.contains("\\-\\-extract\\fR\\fI[=first|last]\\fR"))
    #expect(try await runProgram(["__man", "nothing"]).exit == .code(2))
  }
}
