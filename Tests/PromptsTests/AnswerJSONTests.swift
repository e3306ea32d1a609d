// JSON read out of what models write around it, whole and while it streams.

import Formats
import Testing

@testable import Prompts

@Suite("JSON in answers") struct AnswerJSONTests {
  private func loop(_ schema: String = personSchema) throws -> AskLoop {
    AskLoop(schema: try JSONSchema(JSON.parse(schema)))
  }

  @Test("answers to a wrapped whole and nulls for what is left out are brought back first")
  func unrestricted() throws {
    let list = try loop(#"{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"}}}}"#)
    #expect(list.check(#"{"answer":[{"a":null}]}"#).answer.value == [[:]])
    #expect(list.check(#"{"answer":[{"a":"x"}]}"#).problems.first?.path == "/answer/0/a")
    #expect(try loop().check(#"{"name":null,"age":1}"#).problems.isEmpty)
  }

  @Test(
    "JSON is found in what models put around it, and that is said",
    arguments: [
      (#"{"age":1}"#, "1", []),
      ("\u{FEFF}\n {\"age\":1}\n", "1", []),
      ("```json\n{\"age\": 1}\n```", "1", ["a code fence around it"]),
      ("Sure!\n```\n{\"age\": 1}\n```\nBye.", "1", ["a code fence around it"]),
      ("```json\n{\"age\": 1,}\n```", "1", ["a code fence around it", "a comma after the last element"]),
      ("Here it is: {\"age\": 1, }", "1", ["text before it", "a comma after the last element"]),
      ("{\"age\": 1} That is all.", "1", ["text behind it"]),
      ("{not this} [nor this] {\"age\":1}", "1", ["text before it"]),
      ("First {\"age\":\"no\"}, then {\"age\":2}", "2", ["text before it"]),
      ("{\"age\":3,\"name\":\",}\\\",]\"}", "3", []),
      ("{\"age\":3,\"name\":\"a,}\",}", "3", ["a comma after the last element"]),
    ] as [(String, String, [String])])
  func found(text: String, age: String, repairs: [String]) throws {
    let result = try loop().check(text)
    #expect(result.answer.value?["age"]?.text == age, "\(result.problems)")
    #expect(result.repairs == repairs && result.problems.isEmpty)
  }

  @Test(
    "what is no JSON is an error with its place",
    arguments: [
      ("", "the answer is empty, and JSON is expected"),
      ("I cannot", "the answer is not JSON: 1:1: unexpected character 'I': a value is expected"),
      ("{\"age\": ", "the answer is not JSON: 1:"), ("```\n{\"age\": x}\n```", "(within the code fence)"),
    ])
  func notJSON(text: String, words: String) throws {
    let problem = try #require(loop().check(text).problems.first)
    #expect(problem.text.contains(words), "\(problem.text)")
  }

  @Test("talk that looks like many beginnings is read to its end")
  func bounded() throws {
    for text in [String(repeating: "{", count: 300_000), String(repeating: "[{\"", count: 100_000)] {
      #expect(try loop().check(text).problems.count == 1)
    }
  }

  @Test("a value that streams is shown as it grows, in all no more than linear in it")
  func partial() throws {
    var partial = PartialAnswer(try JSONSchema(JSON.parse(personSchema)))
    var shown: [String] = []
    for piece in ["Here: ", "```json\n{\"na", "me\":\"An", "n", "\",\"age", "\":4", "2,", "\"x\":1}", "\n```"] {
      if let value = partial.push(piece) { shown.append(value.text) }
    }
    #expect(
      shown == [
        "{}", #"{"name":"An"}"#, #"{"name":"Ann"}"#, #"{"name":"Ann"}"#, #"{"name":"Ann"}"#,
        #"{"name":"Ann","age":42}"#, #"{"name":"Ann","age":42,"x":1}"#,
      ], "\(shown)")
    partial = PartialAnswer(try JSONSchema(JSON.parse(#"{"type":"array"}"#)))
    var total = 0
    var sent = 0
    func push(_ text: String) {
      sent += text.utf8.count
      total += partial.push(text)?.text.utf8.count ?? 0
    }
    push("[0")
    for number in 1..<20_000 { push(",\(number)") }
    #expect(total > sent && total < 20 * sent)
  }
}
