// Steps of chains that reach out of the process, as a user runs them: programs that misbehave, a person's yes, recordings.

import Foundation
import Support
import Testing

@Suite("steps of awl chain") struct ChainStepTests {
  private func home(_ chain: String, _ files: [String: String] = [:]) throws -> TemporaryDirectory {
    let home = try TemporaryDirectory("chain-step")
    try home.write("c.yaml", "chain: 1\n" + chain)
    for (name, text) in files { try home.write(name, text) }
    return home
  }

  private func run(
    _ home: TemporaryDirectory, _ words: [String] = [], environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await runProgram(["chain", "run", "c.yaml"] + words, environment: environment, cwd: home.path, home: home)
  }

  @Test("a program gets its words, input, folder and variables, and no key of ours") func program() async throws {
    let home = try home(
      """
      policy: {run: [[sh, show.sh]]}
      secrets: [DESK_TOKEN]
      steps:
        - id: a
          run:
            cmd: [sh, show.sh, "two words", "--n={{ 1 + 1 }}"]
            stdin: "in {{ 'put' }}"
            cwd: sub
            env: {TOKEN: "{{ secrets.DESK_TOKEN }}", PLAIN: x}
      outputs: {out: "{{ a.stdout }}", err: "{{ a.stderr }}", code: "{{ a.code }}"}
      """,
      [
        "sub/show.sh":
          "echo \"$1|$2|$(cat)|$(basename $PWD)|$PLAIN|${#TOKEN}|${OPENAI_API_KEY-none}\"; echo oops >&2; exit 0"
      ])
    let result = try await run(home, environment: ["DESK_TOKEN": "s3cret-token", "OPENAI_API_KEY": "sk-key-of-ours"])
    #expect(result.text.contains("two words|--n=2|in put|sub|x|12|none\\n"), "\(result.text)\(result.errorText)")
    #expect(result.text.contains("\"err\": \"oops\\n\""))
  }

  @Test(
    "what misbehaves is contained",
    arguments: [
      ("ignores SIGTERM", "trap '' TERM; while :; do sleep 0.05; done", "timeout: 1s", 7, "it took longer than"),
      (
        "prints without end", "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done | cat",
        "", 7, "more than 16 MB"
      ),
      ("closes its pipes and stays", "exec >&- 2>&- <&-; sleep 600", "timeout: 1s", 7, "it took longer than"),
      ("leaves a child that holds the pipe", "sleep 600 & echo parent ends", "", 0, "parent ends"),
      ("fails", "echo why; exit 3", "", 3, "ended with exit code 3: why"),
      ("is killed", "kill -9 $$", "", 3, "signal 9"), ("fails and may", "exit 3", "ok: [0, 3]", 0, "\"code\": 3"),
      ("takes too long and may", "echo begun; sleep 600", "ok: any, timeout: 1s", 0, "\"code\": 124"),
    ])
  func contained(name: String, script: String, keys: String, code: Int, words: String) async throws {
    let home = try home(
      """
      policy: {run: [[sh, x.sh]]}
      steps: [{id: a, run: {cmd: [sh, x.sh]\(keys.isEmpty ? "" : ", " + keys)}}]
      outputs: {code: "{{ a.code }}", out: "{{ a.stdout }}"}
      """, ["x.sh": script + "\n"])
    let result = try await run(home)
    #expect(result.exit == .code(code), "\(name): \(result.errorText)")
    #expect((result.text + result.errorText).contains(words), "\(name): \(result.text) \(result.errorText)")
  }

  @Test("interrupting the run ends the program and all that it started") func interrupted() async throws {
    let home = try home(
      "policy: {run: [[sh, x.sh]]}\nsteps: [{id: a, run: {cmd: [sh, x.sh]}}]",
      ["x.sh": "sleep 600 & echo $! > child; echo $$ > self; wait\n"])
    let process = try RunningProcess.start(["chain", "run", "c.yaml"], environment: [:], cwd: home.path, home: home)
    try await waitUntil { home.text("self")?.hasSuffix("\n") == true }
    process.send(SIGINT)
    #expect(try await process.wait().exit == .code(130))
    for name in ["self", "child"] {
      let id = Int32((home.text(name) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
      try await waitUntil { kill(id, 0) != 0 }
    }
  }

  @Test(
    "text from outside is an argument, and never the program, a flag or code",
    arguments: [
      ("[\"{{ inputs.x }}\", a]", "echo", "the program comes from outside"),
      ("[echo, \"{{ inputs.x }}\"]", "-n", "a flag comes from outside"),
      ("[sh, -c, \"{{ inputs.x }}\"]", "id", "code for '-c' comes from outside"),
      ("[echo, \"{{ inputs.x }}\"]", "plain", ""), ("[echo, \"--x={{ inputs.x }}\"]", "-n", ""),
    ])
  func tainted(cmd: String, input: String, words: String) async throws {
    let home = try home(
      """
      inputs: {x: {type: string}}
      policy: {run: [[echo], [sh, -c]]}
      steps: [{id: a, trust: true, run: {cmd: \(cmd)}}]
      outputs: {out: "{{ a.stdout }}"}
      """)
    let result = try await runProgram(
      ["chain", "run", "c.yaml"], stdin: .text(input), cwd: home.path, home: home)
    #expect(result.exit == .code(words.isEmpty ? 0 : 6), "\(result.errorText)")
    #expect(words.isEmpty || result.errorText.contains(words), "\(result.errorText)")
    let typed = try await run(home, ["-p", "x=" + input])
    #expect(typed.exit == .code(0), "what is typed is trusted: \(typed.errorText)")
  }

  @Test("a link does not lead an index or a program out of the chain's directory") func links() async throws {
    let outside = try TemporaryDirectory("outside")
    try outside.write("secret.md", "# secret\n\nsesame\n")
    let home = try home(
      """
      inputs: {dir: {type: string}}
      stores: {kb: {path: .kb, model: builtin/hash-384}}
      policy: {read: ["docs/**"], run: [[ls]]}
      steps:
        - {id: a, index: {store: kb, files: ["docs/**/*.md"]}, on_error: skip}
        - {id: b, run: {cmd: [ls], cwd: "{{ inputs.dir }}"}}
      outputs: {out: "{{ b.stdout }}"}
      """)
    try FileManager.default.createSymbolicLink(atPath: home.file("docs"), withDestinationPath: outside.path)
    for dir in ["docs", outside.path, "docs/.."] {
      let result = try await run(home, ["-p", "dir=" + dir])
      #expect(result.errorText.contains("a: failed: docs/**/*.md: a link leads elsewhere"), "\(result.errorText)")
      let isWithin = dir == "docs/.."
      #expect(result.exit == .code(isWithin ? 0 : 6), "\(dir): \(result.text)\(result.errorText)")
      #expect(!result.text.contains("secret"))
    }
    #expect(!FileManager.default.fileExists(atPath: home.file(".kb")))
  }

  @Test("a sandbox holds, or nothing is run") func sandbox() async throws {
    let home = try home(
      """
      policy: {write: ["work/**"], run: [[sh, x.sh]]}
      steps:
        - {id: w, write: {file: work/x.sh, content: "cat ../outside; echo in > made; echo out > ../escaped; exit 0"}}
        - {id: a, run: {cmd: [sh, x.sh], cwd: work, sandbox: true}}
      outputs: {out: "{{ a.output }}"}
      """, ["outside": "not to be seen"])
    let result = try await run(home)
    #expect(home.text("escaped") == nil)
    if result.exit == .code(6) {
      #expect(result.errorText.contains("bwrap"), "\(result.errorText)")
      #expect(home.text("work/made") == nil)
      print("no sandbox can be made here: \(result.errorText.split(separator: "\n").first ?? "")")
    } else {
      #expect(result.exit == .code(0) && !result.text.contains("not to be seen"), "\(result.errorText)")
      #expect(home.text("work/made") == "in\n")
    }
  }

  @Test("a person is asked where the policy says so; without a terminal nobody says yes") func approval() async throws {
    let home = try home(
      "policy: {write: [\"*.txt\"], approve: {write: ask}}\nsteps: [{id: a, write: {file: x.txt, content: x}}]")
    let alone = try await run(home)
    #expect(alone.exit == .code(6) && alone.errorText.contains("needs a person's yes"), "\(alone.errorText)")
    #expect(home.text("x.txt") == nil)
    let yes = try await run(home, ["--yes"])
    #expect(yes.exit == .code(0) && home.text("x.txt") == "x", "\(yes.errorText)")
    let again = try await runProgram(["chain", "resume"], cwd: home.path, home: home)
    #expect(again.exit == .code(0), "what was refused had not begun: \(again.errorText)")
  }

  @Test("a secret is in no error, recording, trace or summary") func secrets() async throws {
    let home = try home(
      """
      secrets: [MY_WORD]
      policy: {run: [[sh, x.sh]]}
      steps:
        - {id: a, run: {cmd: [sh, x.sh, "0"], env: {WORD: "{{ secrets.MY_WORD }}"}}}
        - {id: b, run: {cmd: [sh, x.sh, "3"], env: {WORD: "{{ secrets.MY_WORD }}"}}}
      """, ["x.sh": "echo the word is $WORD; exit $1\n"])
    let result = try await run(
      home, ["--record", "calls.jsonl", "--trace", "trace.jsonl"],
      environment: ["MY_WORD": "open-sesame", "GITHUB_STEP_SUMMARY": home.file("summary.md")])
    #expect(result.exit == .code(3) && result.errorText.contains("the word is [redacted]"), "\(result.errorText)")
    let runs = try FileManager.default.contentsOfDirectory(atPath: home.file(".awl/runs"))
    for name in ["calls.jsonl", "trace.jsonl", "summary.md", ".awl/runs/\(runs[0])/journal.jsonl"] {
      let text = try #require(home.text(name), "\(name)")
      #expect(text.contains("[redacted]") && !text.contains("sesame"), "\(name): \(text)")
    }
  }

  @Test("a recording stands for models, programs and people, and what it lacks fails") func recording() async throws {
    let server = try ScriptedServer(
      (0..<2).map { number in
        Wire.openaiChat.exchange(Wire.openaiChat.format.stream("answer \(number)"))
      })
    let chain = """
      inputs: {q: {type: string, default: one}}
      policy: {run: [[sh, x.sh]]}
      steps:
        - {id: a, for: "[1, 2]", model: openai-chat/gpt-4o, prompt: "{{ item }} {{ inputs.q }}"}
        - {id: b, run: {cmd: [sh, x.sh]}}
      outputs: {a: "{{ a }}", b: "{{ b.stdout }}"}
      """
    let home = try home(chain, ["x.sh": "echo ran >> ran; echo $(wc -l < ran)\n"])
    let recorded = try await run(home, ["--record", "calls.jsonl"], environment: Wire.openaiChat.environment(server))
    #expect(recorded.exit == .code(0), "\(recorded.errorText)")
    server.stop()
    for _ in 0..<2 {
      let replayed = try await run(home, ["--replay", "calls.jsonl"])
      #expect(replayed.text == recorded.text, "\(replayed.errorText)")
    }
    #expect(home.text("ran") == "ran\n")
    let other = try await run(home, ["--replay", "calls.jsonl", "-p", "q=two"])
    #expect(other.exit == .code(6) && other.errorText.contains("no recorded answer"), "\(other.errorText)")
    #expect(server.requests.count == 2)
  }
}

/// Looks again and again until something holds.
func waitUntil(seconds: Double = 60, _ condition: () -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while !condition() {
    guard ContinuousClock.now < end else { throw SupportError("it never came to hold") }
    try await Task.sleep(for: .milliseconds(20))
  }
}
