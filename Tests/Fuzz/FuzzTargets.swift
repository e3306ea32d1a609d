// The readers under fuzz: adding one is a line here.

import Formats
import Prompts
import Templates
import Transport

enum FuzzTargets {
  static let all = [
    FuzzTarget(name: "json", samples: json) { bytes, _ in
      guard let value = try? JSON.parse(bytes, .file) else { return }
      _ = value.canonical
      precondition((try? JSON.parse(value.utf8)) == value, "a value changed when it was written and read")
    },
    FuzzTarget(name: "partial-json", samples: json) { bytes, random in
      var reader = PartialJSON()
      for piece in pieces(bytes, &random) {
        guard (try? reader.push(piece)) != nil else { return }
        _ = reader.snapshot()
      }
    },
    FuzzTarget(name: "sse", samples: streams) { bytes, random in
      var parser = Framing.serverSentEvents.parser(maximumFrameSize: 4096)
      for piece in pieces(bytes, &random) {
        guard (try? parser.push(piece, { _ = $0.text })) != nil else { return }
      }
      try? parser.finish { _ = $0.text }
    },
    FuzzTarget(name: "lines", samples: streams + json) { bytes, random in
      var parser = Framing.lines.parser(maximumFrameSize: 4096)
      for piece in pieces(bytes, &random) {
        guard (try? parser.push(piece, { _ = $0.text })) != nil else { return }
      }
      try? parser.finish { _ = $0.text }
    },
    FuzzTarget(name: "regular-expression", samples: patterns) { bytes, random in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let pattern = try? RegularExpression(text, stepLimit: 100_000) else { return }
      for subject in ["", "aaaaaaaaaaaaaaaaaaaaaaaaa!", "2026-11-24", "Straße 東京 🎉", text] {
        _ = try? pattern.firstMatch(in: subject)
      }
    },
    FuzzTarget(name: "template", samples: templates) { bytes, _ in
      guard let template = try? Template(bytes) else { return }
      let limits = TemplateLimits(rounds: 1000, output: 100_000)
      _ = try? template.render(["x": ["a", 1, [2.5, true]], "n": 3, "s": "Straße"], limits: limits)
    },
    FuzzTarget(name: "prompt-file", samples: prompts) { bytes, random in
      let names = ["a.prompt.yml", "a.yaml", "a.prompt", "a.prompty", "a.md", "p/system.md", "a.txt", "a.j2"]
      let name = names[Int.random(in: 0..<names.count, using: &random)]
      let source = PromptSource(path: name, bytes: bytes) { $0.hasPrefix("_") ? Array("{{> p}}{{x}}".utf8) : nil }
      guard let template = try? PromptTemplate.read(source) else { return }
      _ = try? template.render(.object(template.inputs.map { ($0.name, "{{x}}") }))
      guard let file = try? template.promptFile() else { return }
      precondition(
        (try? PromptTemplate.read(PromptSource(path: "b.prompt.yml", bytes: Array(file.utf8)))) != nil,
        "a prompt was converted to a file that cannot be read")
    },
    FuzzTarget(name: "json-schema", samples: schemas) { bytes, _ in
      guard let value = try? JSON.parse(bytes) else { return }
      guard let schema = try? JSONSchema(value, JSONSchema.Options(assertsFormat: true, stepLimit: 100_000)) else {
        return
      }
      for instance in [value, 1.5, "2026-11-24", ["a": ["b": .null]], [1, 1]] as [JSON] {
        precondition(schema.violations(in: instance).isEmpty == schema.isValid(instance), "the two ways differ")
        _ = schema.unrestricted(instance)
      }
      _ = schema.restricted(to: SchemaRules(keywords: ["type", "properties", "items"], requiresAllProperties: true))
    },
    FuzzTarget(name: "schema-shorthand", samples: shorthand) { bytes, _ in
      guard let schema = try? SchemaShorthand.schema(String(decoding: bytes, as: UTF8.self)) else { return }
      precondition((try? JSONSchema(schema)) != nil, "the shorthand made what is no schema")
      _ = try? Picoschema.schema(schema)
    },
    FuzzTarget(name: "tokens", samples: json + patterns) { bytes, _ in
      _ = TokenEstimate.count(String(decoding: bytes, as: UTF8.self))
    },
    FuzzTarget(name: "fenced-block", samples: ["a\n```sh\nls\n```\n~~~~\nx\n~~~\n~~~~\n", "```"]) { bytes, _ in
      _ = FencedBlock.all(in: String(decoding: bytes, as: UTF8.self))
    },
    FuzzTarget(name: "yaml", samples: yaml + json) { bytes, _ in
      guard let values = try? YAML.parseAll(bytes, YAML.Options(maximumAliasNodes: 10_000)) else { return }
      for value in values {
        precondition((try? YAML.parse(value.yamlUTF8)) == value, "a value changed when it was written and read")
      }
    },
    FuzzTarget(name: "csv", samples: ["a,b\r\n\"x \"\"y\"\"\n\",1\n\n", "a;b|c\td\n1;2\n"]) { bytes, random in
      var reader = CSVReader()
      for piece in pieces(bytes, &random) {
        guard (try? reader.push(piece) { _ in }) != nil else { return }
      }
      try? reader.finish { _ in }
    },
    FuzzTarget(name: "json-lines", samples: streams + json) { bytes, random in
      var reader = JSONLinesReader(.init(maximumLineSize: 4096, reportsBadLines: true))
      for piece in pieces(bytes, &random) {
        guard (try? reader.push(piece) { _ in }) != nil else { return }
      }
      try? reader.finish { _ in }
    },
    FuzzTarget(name: "front-matter", samples: ["---\na: 1\n---\nbody\n", "# c\n---\n...\n"]) { bytes, _ in
      _ = try? FrontMatter.split(bytes, .init(allowsCommentsBefore: true))
    },
  ]

  private static let templates = [
    "{% for a in x if a is defined -%}{{ loop.index }}: {{ a | default('-') | upper }}{% else %}none{%- endfor %}",
    "{% set t %}{{ s[1:-1] ~ n }}{% endset %}{% if n > 2 and not t in x %}{{ {'k': [1, n ** 2]} | tojson(2) }}{% elif s %}{% endif %}",
    "{# c #}{% raw %}{{ x }}{% endraw %}{{ x | map('string') | sort(reverse=true) | join(', ') | truncate(9) }}",
  ]
  private static let prompts = [
    "awl: 1\ninputs: {a: {type: integer, default: 3}}\nsystem: s\nprompt: |\n  {{ a }} {% for x in xs %}{{ x }}{% endfor %}\nschema: a, b int\n",
    "model: m\nmessages: [{role: system, content: 'x {% {{y}}'}, {role: user, content: '{{input}}'}]\n",
    "system: Be $tone\nprompt: '${input} $$'\ndefaults: {tone: calm}\noptions: {temperature: 0.5}\n",
    "---\ninput: {schema: {a: string, b?: string}}\n---\n{{role \"system\"}}{{#if b}}{{b}}{{else}}-{{/if}}\n{{#each xs as |x|}}{{x}}{{@index}}{{~/each}} {{> p}} {{media url=a}}",
    "---\nmodel: {id: m, options: {temperature: 1}}\ninputs: [{name: q, kind: string}]\n---\nsystem:\n{% if q %}{{q}}{% endif %}\n# user[x=1]:\n{{q}}\n",
    "---\nmodel: m\n---\nTag `__INPUT__` {{__os__}}\n### INPUT:\na\n### OUTPUT:\nb\n",
  ]
  private static let yaml = [
    "a: 1\nb:\n  - x\n  - y: z\n    w: |\n      text\n  -\n    - q\n",
    "? [a, {b: c}]\n: !t &x \"d\\u00e9\\\n  e\"\n*x : 'it''s'\n",
    "%TAG !e! tag:e,2000:\n--- !e!x\n- &a [1, .5, 0x1F]\n- *a\n...\n---\n>2-\n   folded\n\n  text\n",
  ]
  private static let json = [
    #"{"a":[1,2.5e-3,-0,true,false,null],"b":{"c":"x\n\u00e9\ud83d\ude00"},"d":""}"#,
    #"[[[[[[]]]]],{"a":{"a":{"a":1}}},"日本語",12345678901234567890,1e400]"#, #""text""#, "0",
  ]
  private static let schemas = [
    ##"{"$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/a"}},"required":["b"]}},"$ref":"#/$defs/a"}"##,
    #"{"anyOf":[{"type":"integer","multipleOf":0.1},{"format":"date"},{"not":{"pattern":"^a+$"}}],"minLength":2}"#,
    #"{"items":{"oneOf":[{"const":1},{"enum":["a",null]}]},"uniqueItems":true,"unevaluatedItems":false,"if":true}"#,
    ##"{"$id":"http://x/y","$dynamicRef":"#n","$defs":{"n":{"$dynamicAnchor":"n","contains":{"type":["null"]}}}}"##,
  ]
  private static let shorthand = ["name, age? int: years, tags [str]", "a {b (x|y), c? [{d float}]}\ne bool: x, y"]
  private static let streams = [
    "event: x\nid: 1\nretry: 10\ndata: {\"a\":1}\ndata:\n\n: comment\r\ndata: b\r\n\r\n", "data: [DONE]\n\n",
    "{\"a\":1}\n\n{\"b\":2}\r\n{\"done\":true}",
  ]
  private static let patterns = [
    #"^(a+)+$"#, #"(?<year>\d{4})-(?<month>\d\d)(?=-)|(?<!x)\p{L}+?\k<year>?"#, #"[^\w\s\u{1F600}-\u{1F64F}]{2,5}?"#,
    #"(?:(?:a?){10}){10}|\bfoo\B|(?i:BAR)"#,
  ]
}
