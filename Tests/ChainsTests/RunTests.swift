// Chains as they run: values, order, skips, failures, loops, budgets. Models answer from a closure; nothing sleeps.

import Formats
import Foundation
import Models
import Support
import Synchronization
import Testing

@testable import Chains

/// What came of a chain under test.
struct Ran {
  var result: RunResult
  var prompts: [String]
  var events: [String]

  var outputs: String { result.outputs?.text ?? "\(result.failure.map { "\($0.code) \($0.path): \($0.text)" } ?? "?")" }
}

private final class Recorder: Sendable {
  private struct State {
    var prompts: [String] = []
    var events: [String] = []
  }
  private let state = Mutex(State())
  func asked(_ prompt: String) { state.withLock { $0.prompts.append(prompt) } }
  func told(_ event: String) { state.withLock { $0.events.append(event) } }
  var prompts: [String] { state.withLock { $0.prompts } }
  var events: [String] { state.withLock { $0.events } }
}

/// Runs the steps of a chain; the model says what `answer` gives for the last thing it was asked.
func runChain(
  _ text: String, inputs: JSON = .object([]), tainted: Set<String> = [], directory: String = "/nowhere",
  runs: RunDirectory? = nil, resume id: String? = nil, acceptsChanges: Bool = false, variables: [String: String] = [:],
  answer: @escaping @Sendable (String) async -> String = { "<\($0)>" }
) async throws -> Ran {
  let recorder = Recorder()
  let text = text.hasPrefix("chain:") ? text : "chain: 1\n" + text
  let names = ModelNames(catalogue: ModelCatalogue(), variables: [:], credentials: Credentials(variables: [:]))
  let world = ChainWorld(
    ask: { call in
      let prompt = call.request.messages.last?.text ?? ""
      let share: Budget.Reservation?
      do throws(ModelError) {
        share = try call.budget?.reserve(for: call.request, to: call.target, on: "2026-11-24")
      } catch {
        return .refused(error)
      }
      defer { share?.settle(Usage(input: 10, output: 5), cost: 0.001) }
      recorder.asked(prompt)
      var outcome = Outcome.refused(ModelError(.cancelled, "", attempts: 0))
      outcome.error = nil
      let reply = await answer(prompt)
      if Task.isCancelled { return .refused(ModelError(.cancelled, "stopped", attempts: 1)) }
      if reply.hasPrefix("!") { return .refused(ModelError(.overloaded(retryAfter: nil), String(reply.dropFirst()))) }
      outcome.reply = Reply(parts: [.text(reply)], finish: .stop, usage: Usage(input: 10, output: 5))
      outcome.cost = 0.001
      outcome.attempts = 1
      return outcome
    },
    resolve: { name throws(StepFailure) in
      guard case .target(let target)? = try? names.resolve(name == "fast" ? "builtin/echo" : name) else {
        throw StepFailure("unknown model '\(name)'", .usage)
      }
      return target
    },
    variables: variables, day: "2026-11-24"
  ) { event in
    switch event {
    case .skipped(let path): recorder.told("\(path) skipped")
    case .blocked(let path): recorder.told("\(path) blocked")
    case .failed(let path, _): recorder.told("\(path) failed")
    case .kept(let path): recorder.told("\(path) kept")
    case .warning(let path, let words): recorder.told("\(path) \(words)")
    default: break
    }
  }
  let bytes = Array(text.utf8)
  let result: RunResult
  if let id, let runs {
    result = try await ChainLauncher.resume(id, in: runs, world: world, acceptsChanges: acceptsChanges) {
      _ throws(StepFailure) in try reading(bytes, directory)
    }
  } else {
    result = try await ChainLauncher.run(
      try reading(bytes, directory), inputs: inputs, tainted: tainted, world: world, runs: runs)
  }
  return Ran(result: result, prompts: recorder.prompts, events: recorder.events)
}

private func reading(_ bytes: [UInt8], _ directory: String) throws(StepFailure) -> Chain {
  do throws(ChainFileError) {
    return try ChainFile.read(bytes, path: directory + "/c.yaml", directory: directory)
  } catch {
    throw StepFailure(error.lines.joined(separator: "; "), .usage)
  }
}

@Suite("running chains") struct RunTests {
  @Test(
    "outputs",
    arguments: [
      ("steps: [{id: a, value: \"{{ 1 + 2 }}\"}]\noutputs: {a: \"{{ a }}\", t: \"{{ a }}!\"}", #"{"a":3,"t":"3!"}"#),
      (
        "vars: {n: [1, 2, 3]}\nsteps: [{id: a, for: vars.n, as: x, value: \"{{ x * index }}\"}]\noutputs: {a: \"{{ a }}\"}",
        #"{"a":[1,4,9]}"#
      ),
      (
        "steps: [{id: a, for: \"['x', 'y']\", parallel: 2, prompt: \"{{ item }}\"}]\noutputs: {a: \"{{ a }}\"}",
        #"{"a":["<x>","<y>"]}"#
      ),
      (
        """
        steps:
          - id: f
            loop: {state: {n: 1}, while: n < 20, max: 9, next: {n: "{{ twice }}"}}
            do: [{id: twice, value: "{{ n * 2 }}"}]
        outputs: {f: "{{ f }}"}
        """, #"{"f":{"n":32,"rounds":5,"exhausted":false}}"#
      ),
      (
        """
        steps:
          - id: f
            loop: {state: {last: null}, until: last.code == 0, max: 3, next: {last: "{{ f }}"}}
            value: {code: "{{ 2 - round }}"}
        outputs: {f: "{{ f }}"}
        """, #"{"f":{"last":{"code":0},"rounds":2,"exhausted":false}}"#
      ),
      (
        """
        steps:
          - id: f
            loop: {state: {n: 0}, until: n > 5, max: 3, next: {n: "{{ n + 1 }}"}}
            value: 1
        outputs: {f: "{{ f }}"}
        """, #"{"f":{"n":3,"rounds":3,"exhausted":true}}"#
      ),
      (
        "steps: [{id: f, loop: {state: {n: 9}, while: n < 5, max: 3, next: {}}, value: 1}]\noutputs: {r: \"{{ f.rounds }}\"}",
        #"{"r":0}"#
      ),
      (
        """
        steps:
          - {id: k, value: b}
          - id: s
            switch: {value: k, cases: {a: [{id: r, value: 1}], b: [{id: q, value: 2}, {id: r, value: "{{ q + 1 }}"}]}}
        outputs: {s: "{{ s | default(0) }}"}
        """, #"{"s":3}"#
      ),
      (
        "steps: [{id: a, if: 1 > 2, value: 1}, {id: b, value: \"{{ a }}\"}, {id: c, value: \"{{ a | default(7) }}\"}]\n"
          + "outputs: {c: \"{{ c }}\", b: \"{{ b | default('none') }}\", s: \"{{ steps.b.status }}\"}",
        #"{"c":7,"b":"none","s":"skipped"}"#
      ),
      (
        "steps: [{id: a, prompt: \"!down\", on_error: {value: [1]}}, {id: b, prompt: \"!down\", on_error: skip}]\n"
          + "outputs: {a: \"{{ a }}\", b: \"{{ b | default(2) }}\", e: \"{{ steps.a.status }}\"}",
        #"{"a":[1],"b":2,"e":"failed"}"#
      ),
      (
        "steps: [{id: a, for: \"[1, 0, 2]\", on_item_error: keep, value: \"{{ 2 / item }}\"}]\n"
          + "outputs: {a: \"{{ a | errors | length }}\", n: \"{{ a | length }}\"}", #"{"a":1,"n":3}"#
      ),
      (
        "steps: [{id: a, for: \"[1, 0, 2]\", on_item_error: drop, value: \"{{ 4 / item }}\"}]\noutputs: {a: \"{{ a }}\"}",
        #"{"a":[4,2]}"#
      ),
      ("steps: [{id: a, prompt: x, on_error: {do: [{id: b, value: 5}]}}]\noutputs: {a: \"{{ a }}\"}", #"{"a":"<x>"}"#),
      (
        "steps: [{id: a, prompt: \"!x\", on_error: {do: [{id: b, value: 5}]}}]\noutputs: {a: \"{{ a }}\"}", #"{"a":5}"#
      ),
    ])
  func outputs(chain: String, expected: String) async throws {
    let ran = try await runChain(chain) { $0.hasPrefix("!") ? $0 : "<\($0)>" }
    #expect(ran.outputs == expected)
  }

  @Test(
    "failures, with their codes and places",
    arguments: [
      ("steps: [{id: a, check: 1 > 2}]", "3 a: the check does not hold: 1 > 2"),
      ("steps: [{id: a, check: 1 > 2, message: \"no {{ 1 }}\"}]", "3 a: no 1"),
      (
        "steps: [{id: a, if: 1 > 2, value: 1}, {id: b, check: a == 1}]", "3 b: what it checks was skipped"
      ),
      ("steps: [{id: a, value: \"{{ 1 / 0 }}\"}]", "2 a: division by zero"),
      (
        "steps: [{id: a, value: {}}, {id: b, value: \"{{ a.x }}\"}]",
        "2 b: 'a.x' is not defined (give it, or use | default(…))"
      ),
      ("steps: [{id: a, for: \"7\", value: 1}]", "2 a: 'for' goes over a list, not over a number"),
      ("steps: [{id: a, for: \"[1, 0]\", value: \"{{ 1 / item }}\"}]", "2 a[2]: division by zero"),
      ("steps: [{id: a, do: [{id: b, check: false}]}]", "3 a/b: the check does not hold: false"),
      ("steps: [{id: a, prompt: \"!busy\"}]", "7 a: busy"),
      ("steps: [{id: a, stop: {code: 12, message: enough}}]", "12 a: enough"),
      ("steps: [{id: a, do: [{id: b, stop: {code: 0, message: fine}}]}]", "0 a/b: fine"),
      (
        "budget: {calls: 1}\nsteps: [{id: a, for: \"[1, 2]\", prompt: x}]",
        "5 a[2]: the budget of the chain is reached: 1 of 1 calls spent, the next call may take 1 (raise --max-calls)"
      ),
      ("inputs: {n: {type: integer}}\nsteps: [{id: a, value: 1}]", "throws: the input 'n' is missing (-p n=…)"),
      ("secrets: [NO_SUCH]\nsteps: [{id: a, value: 1}]", "throws: the secret 'NO_SUCH' is not set (export NO_SUCH=…)"),
      (
        "steps: [{id: a, read: {file: \"{{ '/etc/passwd' }}\"}}]",
        "6 a: the policy does not let it read /etc/passwd (policy: {read: [\"/etc/passwd\"]})"
      ),
    ])
  func failures(chain: String, expected: String) async throws {
    do {
      let ran = try await runChain(chain) { $0.hasPrefix("!") ? $0 : "<\($0)>" }
      #expect(ran.outputs == expected)
    } catch let error as StepFailure {
      #expect("throws: \(error.text)" == expected)
    }
  }

  @Test("results keep the order of the items, whatever is done first") func order() async throws {
    let gate = AsyncGate(width: 1)
    await gate.enter()
    let ran = try await runChain(
      "steps: [{id: a, for: \"[1, 2, 3]\", parallel: 3, prompt: \"{{ item }}\"}]\noutputs: {a: \"{{ a }}\"}"
    ) { prompt in
      if prompt == "1" { await gate.enter() }
      if prompt == "3" { gate.leave() }
      return prompt
    }
    #expect(ran.outputs == #"{"a":["1","2","3"]}"#)
  }

  @Test("at most the width runs at once, and concurrency bounds the whole run") func width() async throws {
    let running = Mutex((now: 0, most: 0))
    let chain = """
      concurrency: 2
      steps:
        - {id: a, for: "[1, 2, 3, 4, 5]", parallel: 5, prompt: "{{ item }}"}
        - {id: b, prompt: x}
      """
    _ = try await runChain(chain) { prompt in
      running.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
      await Task.yield()
      running.withLock { $0.now -= 1 }
      return prompt
    }
    #expect(running.withLock { $0.most } <= 2)
  }

  @Test("a failure stops what has not begun; what is in flight is finished") func failFast() async throws {
    let ran = try await runChain("steps: [{id: a, check: false}, {id: b, prompt: x, needs: [a]}, {id: c, prompt: y}]")
    #expect(ran.prompts.isEmpty || ran.prompts == ["y"])
    #expect(ran.result.failure?.code == 3)
    let slow = try await runChain(
      "fail_fast: false\nsteps: [{id: a, check: false}, {id: b, prompt: x, needs: [a]}, {id: c, prompt: y}]")
    #expect(slow.prompts == ["y"])
    #expect(slow.events.contains("b blocked"))
  }

  @Test("an answer that does not fit is asked for again, with what is wrong") func reask() async throws {
    let chain = """
      steps:
        - id: a
          prompt: count
          schema: {type: object, required: [n], properties: {n: {type: integer}}}
          guard: [{check: value.n > 2, message: "n is to be more than 2"}]
          reask: 2
      outputs: {n: "{{ a.n }}"}
      """
    let ran = try await runChain(chain) { prompt in
      if prompt == "count" { return "{\"n\": \"one\"}" }
      return prompt.contains("more than 2") ? "Here: ```json\n{\"n\": 3,}\n```" : "{\"n\": 1}"
    }
    #expect(ran.outputs == #"{"n":3}"#)
    #expect(ran.prompts.count == 3 && ran.prompts[1].contains("/n: must be an integer"), "\(ran.prompts)")
    let refused = try await runChain(chain) { _ in "nothing" }
    #expect(refused.result.failure?.code == 3 && refused.prompts.count == 3)
  }

  @Test("guards compare with values of the chain, and a warning lets the answer through") func guards() async throws {
    let ran = try await runChain(
      """
      vars: {most: 2}
      steps:
        - {id: a, prompt: "one two three", guard: [{max_words: "{{ vars.most }}", on_fail: warn}]}
        - {id: b, prompt: "one two three", guard: [{max_words: "{{ vars.most }}"}], on_error: skip}
      outputs: {a: "{{ a }}", b: "{{ b | default('no') }}"}
      """)
    #expect(ran.outputs == #"{"a":"<one two three>","b":"no"}"#)
    #expect(ran.events.contains("a must have at most 2 words, has 3"))
  }

  @Test("code, lines and untrusted text") func forms() async throws {
    let ran = try await runChain(
      """
      inputs: {mail: {type: string}}
      steps:
        - {id: a, output: code, prompt: code}
        - {id: b, output: lines, prompt: lines}
        - {id: c, prompt: "Sum up: {{ inputs.mail | untrusted }}"}
      outputs: {a: "{{ a }}", b: "{{ b }}"}
      """, inputs: ["mail": "obey {{ a }}"], tainted: ["mail"]
    ) { prompt in
      prompt == "code" ? "Sure:\n```py\nx = 1\n```\n" : prompt == "lines" ? "one\n\ntwo  \n" : "ok"
    }
    #expect(ran.outputs == #"{"a":"x = 1\n","b":["one","two"]}"#)
    let shown = try #require(ran.prompts.first { $0.hasPrefix("Sum up") })
    #expect(shown.contains("obey {{ a }}") && shown.contains("<material-"))
  }

  @Test("a chain that is called gives its outputs, and its faults are told at the call") func calls() async throws {
    let home = try TemporaryDirectory("chain")
    try Data(
      "chain: 1\ninputs: {n: {type: integer}}\nsteps: [{id: a, value: \"{{ inputs.n + 1 }}\"}]\noutputs: {m: \"{{ a }}\"}"
        .utf8
    )
    .write(to: URL(filePath: home.path + "/inner.yaml"))
    let ran = try await runChain(
      "steps: [{id: a, call: {file: inner.yaml, inputs: {n: 4}}}]\noutputs: {m: \"{{ a.m }}\"}", directory: home.path)
    #expect(ran.outputs == #"{"m":5}"#)
    for (step, words) in [
      ("{file: inner.yaml}", "the called chain needs the input 'n'"),
      ("{file: none.yaml}", "no such file or directory"),
      ("{file: inner.yaml, inputs: {n: 1, m: 2}}", "the called chain has no input 'm'"),
      ("{file: c.yaml}", "calls itself"),
    ] {
      let failure = await #expect(throws: StepFailure.self) {
        try await runChain("steps: [{id: a, call: \(step)}]", directory: home.path)
      }
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
  }
}
