// Prompts of every form as files of our own: read again, they say the same.

import Formats
import Models
import Prompts
import Testing

@Suite("converting prompts") struct ConvertTests {
  private static let cases: [(String, String, [(String, JSON)])] = [
    (
      "a.prompt.yml",
      "name: n\nmodel: openai/x\nmessages: [{role: system, content: 'a {% if %} {# {{ x }}'}, {role: user, content: '{{input}} {'}]",
      [("input", "v")]
    ),
    (
      "b.prompt.yml",
      "awl: 1\ninputs: {n: {type: integer, default: 2}}\nprompt: '{% for x in [1, 2] %}{{ x * n }}{{ \", \" if not loop.last }}{% endfor %}'\nschema: a, b int\ntools: [{name: t, parameters: c}]\nextract: last",
      [("n", 4)]
    ),
    (
      "c.prompt.yml",
      "messages: [{role: user, content: a}, {role: assistant, content: b}, {role: user, content: '{{q}}'}]",
      [("q", "c")]
    ),
    (
      "a.yaml",
      "system: Be $tone for $$5\nprompt: 'Shorten {{ $input }}'\ndefaults: {tone: calm}\noptions: {temperature: 0.5, top_k: 3}",
      [("input", "x")]
    ),
    ("s.yaml", "system: Brief", [("input", "x")]),
    ("p/system.md", "Do {{n}} of {{input}}.", [("n", "3"), ("input", "x")]),
    (
      "a.prompt",
      "---\ninput: {schema: {xs(array): string, who?: string}}\n---\n{{role \"system\"}}Hi{{#if who}} {{who}}{{/if}}\n{{role \"user\"}}{{#each xs}}{{@index}}{{this}}{{#unless @last}}, {{/unless}}{{/each}} {{media url=pic}}",
      [("xs", ["a", "b"]), ("pic", "p.png")]
    ),
    (
      "a.prompty",
      "---\ninputs: [{name: who, kind: string, default: Ann}, {name: note, kind: string, required: false}]\n---\nsystem:\nA {% if note %}{{ note }}{% endif %}\nuser:\nGreet {{who}} {{ note }}",
      []
    ),
    ("b.prompt", "List: {{items}} {{#if on}}{{note}}{{/if}}", [("items", ["a", "b"]), ("on", true), ("note", .null)]),
    ("roles/a.md", "Tag.\n### INPUT:\na\n### OUTPUT:\nb", [("input", "c")]),
    ("a.txt", "Hi {{x}} {% raw", [("x", "y")]),
  ]

  @Test("what is converted says the same as before", arguments: cases.indices) func roundTrip(index: Int) throws {
    let (name, text, values) = Self.cases[index]
    let before = try prompt(name, text)
    let file = try before.promptFile()
    let after = try prompt("converted.prompt.yml", file)
    func trimmed(_ messages: [String]) -> [String] {
      messages.map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }
    }
    var expected = try rendered(before, values)
    // Attachments stand before the text in ours.
    if name == "a.prompt" { expected = ["system: Hi\n", "user: [p.png]0a, 1b "] }
    #expect(try trimmed(rendered(after, values)) == trimmed(expected), "\(file)")
    #expect(after.model == before.model && after.parameters == before.parameters)
    #expect(after.schema == before.schema && after.tools == before.tools && after.extraction == before.extraction)
    #expect(after.options.map(\.name) == before.options.map(\.name))
    // A second time nothing changes any more.
    #expect(try after.promptFile() == file)
  }

  @Test("what has no form in ours is refused") func refused() throws {
    let template = try prompt("a.prompt", "{{json this}}")
    #expect(throws: PromptFileError.self) { try template.promptFile() }
  }
}
