// The loop that asks until an answer holds, with calls that answer from a list.

import Formats
import Testing

@testable import Models
@testable import Prompts

private func target() throws -> Target {
  Target(provider: try #require(ProviderRow.named("builtin")), model: "echo", row: nil, baseURL: "")
}

private func outcome(_ text: String, finish: FinishReason = .stop, number: Int = 1) -> Outcome {
  Outcome(
    reply: Reply(parts: text.isEmpty ? [] : [.text(text)], finish: finish, usage: Usage(input: 10, output: 3)),
    error: nil, record: "r\(number)", conversation: "c", timing: Outcome.Timing(total: 1), attempts: 1, cost: 0.5)
}

let personSchema =
  #"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["age"]}"#

@Suite("asking until an answer holds") struct AskLoopTests {
  private func run(_ loop: AskLoop, _ answers: [Outcome]) async throws -> (Asked, [Call], [String]) {
    var calls: [Call] = []
    var refused: [String] = []
    let first = Call(try target(), ModelRequest(messages: [Message(.user, text: "who?")]))
    let asked = await loop.run(first) {
      refused.append($0.problems[0].text)
    } ask: { call, number in
      calls.append(call)
      return answers[min(number, answers.count - 1)]
    }
    return (asked, calls, refused)
  }

  private func loop(_ schema: String = personSchema, reasks: Int = 1) throws -> AskLoop {
    AskLoop(schema: try JSONSchema(JSON.parse(schema)), reasks: reasks)
  }

  @Test("an answer that holds is asked for once")
  func holds() async throws {
    let (asked, calls, refused) = try await run(loop(), [outcome(#"{"age": 5}"#)])
    #expect(asked.holds && asked.value == ["age": 5] && asked.repairs.isEmpty)
    #expect(calls.count == 1 && refused.isEmpty)
  }

  @Test("a refused answer goes back with what is wrong with it, in the same conversation")
  func reask() async throws {
    let bad = #"{"name": 1, "age": "5"}"#
    let (asked, calls, refused) = try await run(loop(), [outcome(bad, number: 1), outcome(#"{"age":5}"#, number: 2)])
    #expect(asked.holds && asked.value == ["age": 5])
    #expect(refused.count == 1)
    let messages = calls[1].request.messages
    #expect(messages.map(\.role) == [.user, .assistant, .user])
    #expect(messages[1].text == bad)
    #expect(messages[2].text.contains(#"- /name: must be a string, got 1"#), "\(messages[2].text)")
    #expect(messages[2].text.contains(#"- /age: must be an integer, got "5""#), "\(messages[2].text)")
    #expect(calls[1].conversation?.id == "c" && calls[1].conversation?.parent == "r1")
    #expect(calls[1].loggedMessages == 2)
    // Both calls were paid for.
    #expect(asked.outcome.cost == 1 && asked.outcome.reply.usage?.input == 20 && asked.outcome.attempts == 2)
    #expect(asked.outcome.record == "r2" && asked.outcome.timing.total == 2)
  }

  @Test("it ends after the given number of turns, with the last errors", arguments: [0, 1, 3])
  func bounded(reasks: Int) async throws {
    let (asked, calls, refused) = try await run(loop(reasks: reasks), [outcome("no"), outcome(#"{"age":null}"#)])
    #expect(calls.count == reasks + 1 && refused.count == reasks)
    #expect(!asked.holds && asked.value == nil)
    let last = reasks == 0 ? "the answer is not JSON: 1:1: unknown word" : "/age: must be an integer, got null"
    #expect(asked.problems.map(\.text) == [last])
  }

  @Test("of several answers the first event of the first counts, and the time of all") func timing() async throws {
    let answers = (1...3).map { number in
      var answer = outcome("no", number: number)
      answer.timing.firstEvent = Double(number)
      return answer
    }
    let (asked, _, _) = try await run(loop(reasks: 2), answers)
    #expect(asked.outcome.timing.firstEvent == 1 && asked.outcome.timing.total == 3)
    #expect(asked.outcome.record == "r3")
  }

  @Test(
    "what is not whole, failed, or calls a tool is not sent back", arguments: ["length", "refusal", "error", "call"])
  func notWhole(kind: String) async throws {
    var answer = outcome("half", finish: FinishReason(rawValue: kind) ?? .stop)
    if kind == "error" { answer.error = ModelError(.network, "gone") }
    if kind == "call" { answer.reply.add(.toolCallFinished(index: 0, ToolCall(id: "1", name: "t", arguments: "{}"))) }
    let (asked, calls, _) = try await run(loop(), [answer])
    #expect(calls.count == 1 && !asked.holds && asked.problems.isEmpty)
  }

  @Test("an empty answer is no turn of its own")
  func empty() async throws {
    let (_, calls, refused) = try await run(loop(), [outcome(""), outcome(#"{"age":1}"#)])
    #expect(calls[1].request.messages.map(\.role) == [.user, .user])
    #expect(refused == ["the answer is empty, and JSON is expected"])
  }

  @Test("checks of one's own count when the schema holds, with or without one")
  func checks() async throws {
    var own = try loop()
    own.checks = [{ $0.value?["age"] == 5 ? [] : [AnswerProblem(path: "/age", "must be five")] }]
    let (asked, _, refused) = try await run(own, [outcome(#"{"age":4}"#), outcome(#"{"age":5}"#)])
    #expect(asked.holds && refused == ["/age: must be five"])
    let words = AskLoop(checks: [{ $0.text.count < 5 ? [] : [AnswerProblem("has more than 4 characters")] }])
    let (text, calls, _) = try await run(words, [outcome("too long"), outcome("ok")])
    #expect(text.holds && text.value == nil && text.outcome.reply.text == "ok")
    #expect(calls[1].request.messages[2].text.contains("in full"))
  }
}
