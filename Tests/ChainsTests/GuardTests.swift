// What guards do to an answer: mend it, drop it, warn of it, refuse it, hand it to a program or another model; and how
// untrusted text is marked.

import Formats
import Foundation
import Models
import Support
import Synchronization
import Testing

@testable import Chains

@Suite("guards") struct GuardTests {
  private func step(_ guards: String, _ more: String = "") -> String {
    "steps: [{id: a, prompt: x, guard: [\(guards)]\(more)}]\noutputs: {a: \"{{ a | default('dropped') }}\"}"
  }

  @Test(
    "what can be mended is mended",
    arguments: [
      ("{max_words: 2, on_fail: fix}", "one two three", #"{"a":"one two"}"#),
      ("{max_chars: 3, on_fail: fix}", "abcdef", #"{"a":"abc"}"#),
      ("{lacks: [bad], on_fail: fix}", "a babadd b", #"{"a":"a  b"}"#),
      ("{one_of: [yes, no], on_fail: fix}", " **Yes.** ", #"{"a":"yes"}"#),
      ("{one_of: [yes, no], on_fail: fix}", "I say no to that", #"{"a":"no"}"#),
      ("{max_words: 2, on_fail: fix}, {contains: one}", "one two three", #"{"a":"one two"}"#),
    ])
  func mended(guards: String, answer: String, expected: String) async throws {
    let ran = try await runChain(step(guards)) { _ in answer }
    #expect(ran.outputs == expected && ran.prompts.count == 1)
  }

  @Test(
    "what cannot be mended is refused",
    arguments: [
      ("{one_of: [yes, no], on_fail: fix}", "yes and no"), ("{max_words: 1, on_fail: fix}, {contains: two}", "one two"),
    ])
  func unmended(guards: String, answer: String) async throws {
    let ran = try await runChain(step(guards)) { _ in answer }
    #expect(ran.result.failure?.code == 3, "\(ran.outputs)")
  }

  @Test("a dropped answer has no value, and leaves a list") func dropped() async throws {
    let ran = try await runChain(step("{max_words: 1, on_fail: drop}")) { _ in "one two" }
    #expect(ran.outputs == #"{"a":"dropped"}"#)
    let list = try await runChain(
      """
      steps: [{id: a, for: "['x', 'y z', 'w']", prompt: "{{ item }}", guard: [{max_words: 1, on_fail: drop}]}]
      outputs: {a: "{{ a }}"}
      """
    ) { $0 }
    #expect(list.outputs == #"{"a":["x","w"]}"#)
  }

  @Test("a rule that fails does so at once, beside one that asks again") func failing() async throws {
    let ran = try await runChain(step("{max_words: 1}, {lacks: no, on_fail: fail}", ", reask: 2")) { prompt in
      prompt == "x" ? "one two" : "no"
    }
    #expect(ran.result.failure?.code == 3 && ran.prompts.count == 2, "\(ran.outputs)")
  }

  @Test("a judge gives marks, and its reason goes back to the model") func judge() async throws {
    let ran = try await runChain(step("{judge: \"Is {{ value }} polite?\", pass: 0.8}", ", reask: 1")) { prompt in
      if prompt.contains("Is rude polite?") { return #"{"score": 0.2, "reason": "it is rude"}"# }
      if prompt.contains("Is kind polite?") { return "```json\n{\"score\": 0.9, \"reason\": \"\"}\n```" }
      return prompt.contains("it is rude") ? "kind" : "rude"
    }
    #expect(ran.outputs == #"{"a":"kind"}"# && ran.prompts.count == 4, "\(ran.outputs) \(ran.prompts)")
    let never = try await runChain(step("{judge: good?, on_fail: fail}")) { prompt in
      prompt.contains("good?") ? #"{"score": 0, "reason": "bad"}"# : "x"
    }
    #expect(never.result.failure?.text.contains("judged 0.0 of 1, and 0.7 is needed: bad") == true, "\(never.outputs)")
    let mute = try await runChain(step("{judge: good?}")) { _ in "no marks" }
    #expect(mute.result.failure?.message == "the judge gave no marks", "\(mute.outputs)")
  }

  @Test("a program says whether an answer holds, and what it prints goes back") func command() async throws {
    let home = try TemporaryDirectory("guards")
    let text = "policy: {run: [[grep]]}\n" + step("{command: [grep, -q, good], message: must be good}", ", reask: 1")
    let ran = try await runChain(text, directory: home.path, variables: ["PATH": "/usr/bin:/bin"]) { prompt in
      prompt.contains("must be good") ? "good" : "bad"
    }
    #expect(ran.outputs == #"{"a":"good"}"# && ran.prompts.count == 2, "\(ran.outputs)")
    let refused = try await runChain(
      "policy: {run: [[sh]]}\n" + step("{command: [sh, -c, \"echo too short; exit 1\"]}"), directory: home.path)
    #expect(refused.outputs.contains("the answer does not hold: too short"), "\(refused.outputs)")
    let flag = try await runChain(
      "policy: {run: [[echo]]}\n" + step("{command: [echo, \"{{ value }}\"]}"), directory: home.path
    ) { _ in "-n" }
    #expect(flag.result.failure?.code == 6, "an answer is no flag: \(flag.outputs)")
  }

  @Test(
    "untrusted text is marked as the step says",
    arguments: [
      ("", "one two"), (", mark: datamark", "one\u{E000}two"), (", mark: base64", "b25lIHR3bw=="),
    ])
  func marks(mark: String, shown: String) async throws {
    let ran = try await runChain(
      """
      vars: {t: one two}
      steps: [{id: a, prompt: "Read {{ vars.t | untrusted }} now"\(mark)}]
      """)
    let prompt = try #require(ran.prompts.first)
    #expect(prompt.contains("\n\(shown)\n") && prompt.hasPrefix("Read <") && prompt.hasSuffix("> now"), "\(prompt)")
  }

  @Test("values of a test's steps: one for all times, or one after the other") func scripted() {
    let scripted = ScriptedSteps(["a": .string("x"), "b": [1, 2], "c": [[1], [2]], "d": [1, 2]])
    #expect((0..<2).map { _ in scripted.next("a")?.string } == ["x", "x"])
    #expect((0..<3).map { _ in scripted.next("b")?.text } == ["1", "2", "2"])
    #expect((0..<2).map { _ in scripted.next("c", givesList: true)?.text } == ["[1]", "[2]"])
    #expect(scripted.next("d", givesList: true)?.text == "[1,2]" && scripted.next("e") == nil)
  }
}
