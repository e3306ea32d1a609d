// `awl chain` from the command line: outputs, codes, inputs, and a run that is killed and goes on.

import Foundation
import Support
import Testing

@Suite("awl chain") struct ChainTests {
  private func home(_ chain: String, _ files: [String: String] = [:]) throws -> TemporaryDirectory {
    let home = try TemporaryDirectory("chain")
    for (name, text) in files.merging(["c.yaml": "chain: 1\n" + chain], uniquingKeysWith: { $1 }) {
      try Data(text.utf8).write(to: URL(filePath: home.path + "/" + name))
    }
    return home
  }

  private func run(
    _ home: TemporaryDirectory, _ words: [String], stdin: ProcessInput = .none, environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await runProgram(["chain"] + words, environment: environment, stdin: stdin, cwd: home.path, home: home)
  }

  private let echo = """
    inputs: {who: {type: string}, n: {type: integer, default: 1}}
    steps: [{id: a, model: builtin/echo, prompt: "Hi {{ inputs.who }} {{ inputs.n }}"}]
    outputs: {a: "{{ a }}", n: "{{ inputs.n }}"}
    """

  @Test("outputs are JSON on stdout, or one of them alone") func outputs() async throws {
    let home = try home(echo, ["who.txt": "Bob"])
    let whole = try await run(home, ["run", "c.yaml", "-p", "who=Ada", "-p", "n:=2"])
    #expect(whole.text == "{\n  \"a\": \"Hi Ada 2\",\n  \"n\": 2\n}\n", "\(whole.errorText)")
    let one = try await run(home, ["run", "c.yaml", "-p", "who=@who.txt", "--output", "a", "-q"])
    #expect(one.text == "Hi Bob 1\n" && one.errorText == "")
    let piped = try await run(home, ["run", "c.yaml", "--output", "a"], stdin: "Eve")
    #expect(piped.text == "Hi Eve 1\n", "\(piped.errorText)")
  }

  @Test("what cannot be run is told, with the code of its kind") func codes() async throws {
    let home = try home(echo, ["stop.yaml": "chain: 1\nsteps: [{id: a, stop: {code: 42, message: enough}}]"])
    for (words, code, text) in [
      (["run", "c.yaml", "-p", "whom=x"], 2, "unknown input 'whom' (did you mean 'who'?)"),
      (["run", "c.yaml", "-p", "n=many", "-p", "who=x"], 2, "is to be of type integer"),
      (["run", "none.yaml"], 2, "none.yaml:1:1: no such file or directory"),
      (["run", "stop.yaml"], 42, "enough"), (["run", "c.yaml", "-p", "who=x", "--output", "b"], 2, "no output 'b'"),
      (["resume"], 2, "there are no runs"), (["check", "c.yaml", "who.yaml"], 2, "who.yaml"),
    ] {
      let result = try await run(home, words + (words[0] == "run" ? ["-n"] : []))
      #expect(result.exit == .code(code) && result.errorText.contains(text), "\(words): \(result.errorText)")
    }
  }

  @Test("check tells all problems, also as JSON") func check() async throws {
    let home = try home("steps:\n  - id: a\n    promt: x\n  - id: b\n    value: \"{{ c }}\"")
    let plain = try await run(home, ["check", "c.yaml"])
    #expect(plain.exit == .code(2))
    #expect(
      plain.errorText == """
        awl: c.yaml:4:5: unknown key 'promt' (did you mean 'prompt'?)
        awl: c.yaml:6:16: unknown name 'c'\n
        """)
    let json = try await run(home, ["check", "--json", "c.yaml"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout)) as? [String: Any])
    let problems = try #require(object["problems"] as? [[String: Any]])
    #expect(problems.map { $0["line"] as? Int } == [4, 6] && object["ok"] as? Bool == false)
  }

  @Test("a dry run shows prompts and writes nothing") func dryRun() async throws {
    let home = try home(
      "policy: {write: [\"*\"]}\nsteps: [{id: a, write: {file: x.txt, content: x}}, {id: b, prompt: \"Hi {{ a.file }}\"}]"
    )
    let result = try await run(home, ["run", "c.yaml", "--dry-run"])
    #expect(result.exit == .code(0) && result.text.contains("\"sha256\"") && result.text.contains("\"waits_for\""))
    let left = try FileManager.default.contentsOfDirectory(atPath: home.path)
    #expect(!left.contains("x.txt") && !left.contains(".awl"), "\(left)")
  }

  @Test("killed while it runs, it goes on and pays for nothing twice") func killed() async throws {
    let exchanges = (0..<4).map { Wire.openaiChat.exchange(Wire.openaiChat.format.stream("answer \($0)")) }
    var script = exchanges
    script.insert(Wire.openaiChat.exchange([.stall]), at: 2)
    let server = try ScriptedServer(script)
    let home = try home(
      """
      steps: [{id: a, for: "[1, 2, 3, 4]", model: custom/m, prompt: "{{ item }}"}]
      outputs: {n: "{{ a | length }}"}
      """)
    let environment = Wire.openaiChat.environment(server)
    let process = try RunningProcess.start(
      ["chain", "run", "c.yaml", "-v", "-m", "openai-chat/gpt-4o"], environment: environment, cwd: home.path, home: home
    )
    try await server.waitForRequests(3)
    process.send(SIGKILL)
    _ = try await process.wait()
    let result = try await run(home, ["resume", "--output", "n"], environment: environment)
    #expect(result.text == "4\n", "\(result.errorText)")
    // Two were answered before, one was lost with the process, two are left.
    #expect(server.requests.count == 5)
  }
}
