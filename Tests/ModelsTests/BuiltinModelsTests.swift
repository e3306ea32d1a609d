// The builtin models as any other model: pieces, usage, limits, failures on demand.

import Formats
import Testing

@testable import Models

struct BuiltinModelsTests {
  @Test(
    "an echo is the last user message, byte for byte, in pieces",
    arguments: [
      "", "one", "  two  words\n\n", "日本語のテキスト。次の文。", "e\u{301}👩‍👩‍👧\r\nx", String(repeating: "a", count: 500),
      "one two three four five six seven eight nine",
    ])
  func echo(text: String) async {
    let request = ModelRequest(
      messages: [Message(.user, text: "before"), Message(.assistant, text: "x"), Message(.user, text: text)])
    let answer = await ask("echo", request)
    #expect(Array(answer.reply.text.utf8) == Array(text.utf8))
    #expect(answer.reply.finish == .stop)
    #expect(answer.reply.usage?.output == TokenEstimate.count(text))
    #expect(answer.reply.servedModel == "echo")
  }

  @Test("an answer that is not streamed comes in one batch after its beginning")
  func whole() async {
    var request = ModelRequest(messages: [Message(.user, text: "one two three four five six seven eight nine ten")])
    let streamed = await ask("echo", request)
    request.isStreaming = false
    let whole = await ask("echo", request)
    #expect(whole.batches == 2)
    #expect(streamed.batches == 5)
    #expect(whole.reply.text == streamed.reply.text)
  }

  @Test("the token limit cuts the answer and says so")
  func tokenLimit() async {
    let text = String(repeating: "lorem ipsum dolor ", count: 40)
    var request = ModelRequest(messages: [Message(.user, text: text)])
    request.parameters.maxTokens = 20
    let answer = await ask("echo", request)
    #expect(answer.reply.finish == .length)
    #expect(text.hasPrefix(answer.reply.text) && !answer.reply.text.isEmpty)
    #expect((answer.reply.usage?.output ?? 99) <= 20)
  }

  @Test("the earliest stop sequence ends the answer")
  func stopSequence() async {
    var request = ModelRequest(messages: [Message(.user, text: "alpha END beta STOP gamma")])
    request.parameters.stop = ["STOP", "END", ""]
    let answer = await ask("echo", request)
    #expect(answer.reply.text == "alpha ")
    #expect(answer.reply.finish == .stop)
  }

  @Test("every failure that can be asked for comes with its kind", arguments: BuiltinOptions.failures.map(\.name))
  func failures(name: String) async {
    let answer = await ask("echo", "some words that are said before it breaks off", options: [("fail", .string(name))])
    #expect(answer.error?.kind == BuiltinOptions.failures.first { $0.name == name }?.kind)
    #expect(answer.reply.finish == nil)
    #expect(answer.reply.text.isEmpty == (name != "truncated"))
  }

  @Test("the first attempts of a request fail, then it is answered; another request counts for itself")
  func failTimes() async {
    let options: [(String, JSON)] = [("fail", "overloaded"), ("fail_times", 2)]
    for prompt in ["the count of failures, one", "the count of failures, two"] {
      #expect(await ask("echo", prompt, options: options).error?.status == 503)
      #expect(await ask("echo", prompt, options: options).error?.status == 503)
      #expect(await ask("echo", prompt, options: options).reply.text == prompt)
    }
  }

  @Test("an answer can end as if cut, refused or filtered")
  func finishes() async {
    let text = "one two three four"
    let cut = await ask("echo", text, options: [("finish", "length")])
    #expect(cut.reply.text == "one two " && cut.reply.finish == .length)
    let filtered = await ask("echo", text, options: [("finish", "content_filter")])
    #expect(filtered.reply.text == "one two " && filtered.reply.finish == .contentFilter)
    let refused = await ask("echo", text, options: [("finish", "refusal"), ("words", 100)])
    #expect(refused.reply.finish == .refusal)
    #expect(refused.reply.parts == [.refusal("This answer was refused, as the option finish=refusal asks.")])
  }

  @Test(
    "an option that is unknown or out of range is an error",
    arguments: [
      ("latency", JSON.number(1), "builtin models have no option 'latency'"),
      ("words", 0, "the option 'words' takes a number from 1 to 1000000"),
      ("fail", "servr", "one of"), ("finish", "whenever", "one of"),
    ])
  func badOptions(name: String, value: JSON, message: String) async {
    let answer = await ask("echo", "x", options: [(name, value)])
    #expect(answer.error?.kind == .badRequest)
    #expect(answer.error?.message.contains(message) == true)
  }

  @Test("media are refused where only text is read, naming the model")
  func media() async {
    let image = Media(.image, type: "image/png", source: .bytes([1]))
    for model in ["echo", "extract"] {
      let answer = await ask(model, ModelRequest(messages: [Message(.user, [.text("see"), .media(image)])]))
      #expect(answer.error?.message == "builtin/\(model) reads text only, not image")
    }
  }

  @Test("a required tool is called with the smallest arguments")
  func tool() async throws {
    let parameters = try JSON.parse(
      #"{"type":"object","properties":{"n":{"type":"integer","minimum":3}},"required":["n"]}"#)
    var request = ModelRequest(messages: [Message(.user, text: "go")])
    request.tools = [
      Tool(name: "other", description: "", parameters: [:]),
      Tool(name: "count", description: "", parameters: parameters),
    ]
    request.toolChoice = .tool("count")
    let answer = await ask("echo", request)
    #expect(answer.reply.toolCalls == [ToolCall(id: "call_1", name: "count", arguments: #"{"n":3}"#)])
    #expect(answer.reply.finish == .toolCalls)
    request.toolChoice = .auto
    #expect(await ask("echo", request).reply.text == "go")
  }

  @Test("a cancelled wait ends the answer as cancelled")
  func cancellation() async {
    let task = Task { await ask("echo", "one", options: [("first_token_ms", 3_600_000)]) }
    task.cancel()
    #expect(await task.value.error?.kind == .cancelled)
  }

  @Test("a model that does not exist is not found")
  func unknownModel() async {
    #expect(await ask("nothing", "x").error?.kind == .notFound)
    #expect(await ask("hash-8", "x").error?.kind == .notFound)
  }
}
