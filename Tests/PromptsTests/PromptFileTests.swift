// Our own form of prompt files, with and without `awl: 1`: what it becomes, and every mistake at its place.

import Formats
import Models
import Prompts
import Testing

private let triage = """
  name: triage
  model: openai/gpt-4.1-mini
  modelParameters: {temperature: 0, maxTokens: 200, topP: 0.5}
  responseFormat: json_schema
  jsonSchema: '{"name":"t","strict":true,"schema":{"type":"object"}}'
  messages:
    - role: system
      content: "Sort tickets. {% if x %} {# no comment #} {{ spaced }} {{1 2}}"
    - role: User
      content: "{{input}} and {{{other}}}"
  testData: [{input: "cannot log in", expected: auth}]
  evaluators:
    - {name: has, string: {contains: "{{expected}}"}}
  """

@Suite("prompt files of our own form") struct PromptFileTests {
  @Test("GitHub's form is taken as its tool takes it: names are replaced, all else is text") func github() throws {
    let template = try prompt("t.prompt.yml", triage)
    #expect(template.model == "openai/gpt-4.1-mini")
    #expect(template.parameters.temperature == 0 && template.parameters.maxTokens == 200)
    #expect(template.parameters.topP == 0.5)
    #expect(template.schema?.name == "t" && template.schema?.isStrict == true)
    #expect(template.testData?.count == 1 && template.evaluators?[0]?["name"]?.string == "has")
    #expect(template.evaluators?[0]?.position.line == 13)
    #expect(template.inputName == "input")
    #expect(template.inputs.map(\.name) == ["input", "other"])
    #expect(
      try rendered(template, [("input", "a {{other}} $x"), ("other", 7)]) == [
        "system: Sort tickets. {% if x %} {# no comment #} {{ spaced }} {{1 2}}", "user: a {{other}} $x and {7}",
      ])
  }

  @Test("keys that GitHub's tool passes over are passed over with a warning, and refused with 'awl: 1'")
  func unknownKeys() throws {
    let template = try prompt("t.prompt.yml", "promt: x\nmessages: [{role: user, content: hi, x: 1}]\n")
    #expect(template.warnings.map(\.message) == ["unknown key 'promt'", "unknown key 'x'"])
    #expect(template.warnings[0].hint == "did you mean 'prompt'?")
    #expect(
      problem("t.prompt.yml", "awl: 1\npromt: x\n") == "t.prompt.yml:2:1: unknown key 'promt' (did you mean 'prompt'?)")
  }

  @Test("with 'awl: 1' texts are templates, and inputs have types, defaults and choices") func ours() throws {
    let template = try prompt(
      "t.prompt.yml",
      """
      awl: 1
      description: greets
      inputs:
        who: {description: whom to greet}
        count: {type: integer, default: 2}
        tone: {enum: [warm, cold], default: warm}
        notes: {type: list, default: []}
      system: Be {{ tone }}.
      prompt: |
        Greet {{ who }} {{ count }} times.
        {% for note in notes %}- {{ note }}
        {% endfor %}
      schema: "greeting, score? int"
      tools:
        - {name: look_up, description: looks, parameters: "name"}
        - {type: function, function: {name: other, parameters: {type: object}}}
      extract: last
      """)
    #expect(
      try rendered(template, [("who", "{{ tone }}"), ("notes", ["a", "b"])]) == [
        "system: Be warm.", "user: Greet {{ tone }} 2 times.\n- a\n- b\n\n",
      ])
    #expect(template.schema?.schema["properties"]?["score"]?["type"] == ["integer", "null"])
    #expect(template.tools.map(\.name) == ["look_up", "other"])
    #expect(template.tools[0].parameters["required"] == ["name"])
    #expect(template.extraction == .last)
    #expect(template.inputName == nil && template.inputName(given: []) == "who")
    #expect(template.inputName(given: ["who"]) == nil)
  }

  @Test("what is missing, unknown or of the wrong type is told with all that is expected") func values() throws {
    let template = try prompt(
      "t.prompt.yml",
      "awl: 1\ninputs:\n  diff: {description: what changed}\n  n: {type: integer, default: 3}\nprompt: '{{ diff }}{{ n }}'"
    )
    let expectation = "it expects diff (string): what changed; n (integer, default 3); give them with -p NAME=VALUE"
    #expect(problem(template, []) == "t.prompt.yml: the variable 'diff' is missing (\(expectation))")
    #expect(
      problem(template, [("dif", "x")]) == "t.prompt.yml: there is no variable 'dif' (did you mean 'diff'?)")
    #expect(problem(template, [("zzz", "x")]) == "t.prompt.yml: there is no variable 'zzz' (\(expectation))")
    #expect(
      problem(template, [("diff", "x"), ("n", "y")])
        == "t.prompt.yml: the variable 'n' is to be a whole number (n (integer, default 3))")
  }

  @Test(
    "a mistake in a template is shown where it stands in the file",
    arguments: [
      ("awl: 1\nprompt: Hi {{ name | uper }}", "2:20: unknown filter 'uper' (did you mean 'upper'?)"),
      ("awl: 1\nprompt: \"Hi {{ name | uper }}\"", "2:21: unknown filter 'uper' (did you mean 'upper'?)"),
      ("awl: 1\nprompt: |\n\n    Hi\n      {{ name | uper }}", "5:15: unknown filter 'uper' (did you mean 'upper'?)"),
      ("awl: 1\nprompt: \"a\\n {{ name | uper }}\"", "2:9: unknown filter 'uper' (did you mean 'upper'?)"),
      (
        "awl: 1\nmessages:\n- role: user\n  content: {{ x }}",
        "4:13: a mapping as a key (text that starts with '{{' needs quotes)"
      ),
    ])
  func positions(text: String, expected: String) {
    #expect(problem("t.prompt.yml", text) == "t.prompt.yml:\(expected)")
  }

  @Test(
    "every mistake of a file is told at its place",
    arguments: [
      ("", "1:1: keys with values are expected, not nothing"),
      ("- a", "1:1: keys with values are expected, not a list"),
      ("awl: 2\nprompt: x", "1:6: 'awl' is 2, and this awl reads 1 (update awl)"),
      ("awl: one\nprompt: x", "1:6: 'awl' is to be a whole number, not a text"),
      ("name: [x]\nprompt: x", "1:7: 'name' is to be a text, not a list"),
      ("name: x", "1:1: there is no message (messages: [{role: user, content: …}], or prompt: …)"),
      ("messages: x", "1:11: 'messages' is to be a list, not a text"),
      ("messages: [x]", "1:12: keys with values are expected, not a text"),
      ("messages: [{content: x}]", "1:12: the message has no role"),
      ("messages: [{role: user}]", "1:12: the message has no content"),
      ("messages: [{role: boss, content: x}]", "1:19: there is no role 'boss' (system, user or assistant)"),
      ("messages: [{role: user, content: [x]}]", "1:34: 'content' is to be a text, not a list"),
      (
        "prompt: x\nmessages: [{role: user, content: x}]",
        "1:9: 'prompt' and 'messages' exclude each other (write it as a message)"
      ),
      (
        "prompt: x\nmodelParameters: {temperature: 3}",
        "2:32: 'temperature' is to be a number from 0 to 2, not the number 3"
      ),
      (
        "prompt: x\nmodelParameters: {maxTokens: 0}",
        "2:30: 'maxTokens' is to be a whole number from 1, not the number 0"
      ),
      ("prompt: x\nresponseFormat: xml", "2:17: there is no response format 'xml' (text, json_object or json_schema)"),
      ("prompt: x\nresponseFormat: json_schema", "2:17: 'json_schema' needs a schema (jsonSchema: …)"),
      ("prompt: x\njsonSchema: '{'", "2:15: jsonSchema: the text ends here: a key in double quotes is expected"),
      ("prompt: x\njsonSchema: '{}'", "2:13: 'jsonSchema' has no 'schema' ({\"name\": …, \"schema\": {…}})"),
      (
        "prompt: x\nschema: missing.json",
        "2:9: the schema 'missing.json' is not there (its path is relative to this file)"
      ),
      (
        "prompt: x\nschema: {type: intger}",
        "2:9: the schema is none: there is no type 'intger' (did you mean 'integer'?)"
      ),
      ("prompt: x\nschema: \"a nit\"", "2:12: schema: there is no type 'nit' (did you mean 'int'?)"),
      ("prompt: x\ninputs: {a: strng}", "2:13: there is no type 'strng' (did you mean 'string'?)"),
      ("prompt: x\ninputs: {a: {typ: string}}", "2:14: unknown key 'typ' (did you mean 'type'?)"),
      ("prompt: x\ninputs: {a: {type: integer, default: x}}", "2:38: the default of 'a' is to be a whole number"),
      ("prompt: x\ntools: [search]", "2:9: a tool by name alone has no definition ({name, description, parameters})"),
      ("prompt: x\ntools: [{name: a b}]", "2:9: a tool needs a name of letters, digits, '_' and '-', at most 64"),
      ("prompt: x\nextract: middle", "2:10: 'extract' is to be first or last"),
      ("prompt: !secret x", "1:9: tags are not used in this file (quote text that starts with '!')"),
      ("prompt: x\nprompt: y", "2:1: the key 'prompt' is there twice (first on line 1)"),
    ])
  func mistakes(text: String, expected: String) {
    #expect(problem("t.prompt.yml", text).hasPrefix("t.prompt.yml:\(expected)"), "\(problem("t.prompt.yml", text))")
  }

  @Test("attachments stand before the user's text, and a schema may lie beside the file") func beside() throws {
    let template = try prompt(
      "t.prompt.yml", "awl: 1\nprompt: What is it?\nattachments: ['{{ photo }}']\nschema: out.json\n",
      ["out.json": #"{"type":"object"}"#])
    #expect(try rendered(template, [("photo", "a.png")]) == ["user: [a.png]What is it?"])
    #expect(template.schema?.schema == ["type": "object"])
    // Nothing outside of the prompt's folder is read.
    for path in ["../out.json", "/out.json", "a/../../out.json"] {
      let words = problem("t.prompt.yml", "prompt: x\nschema: \(path)\n", [path: #"{"type":"object"}"#])
      #expect(words.contains("the schema '\(path)' is not there"), "\(words)")
    }
    let sample = problem("a.prompty", "---\nsample: ../s.json\n---\nuser:\nhi", ["../s.json": "{}"])
    #expect(sample.contains("the sample '../s.json' is not there"), "\(sample)")
  }
}
