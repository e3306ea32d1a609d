// Suites from files: what promptfoo's forms mean here, and what is told of what means nothing.

import Formats
import Models
import Support
import Testing

@testable import Evals

@Suite("suites") struct SuiteTests {
  static func read(_ text: String, files: [String: String] = [:], variables: [String: String] = [:]) throws -> (
    suite: Suite, problems: [String], home: TemporaryDirectory
  ) {
    let home = try TemporaryDirectory("suite")
    for (name, text) in files { try home.write(name, text) }
    let path = try home.write("promptfooconfig.yaml", text)
    var reader = SuiteReader(variables: variables)
    reader.read(path: path)
    reader.finish()
    let problems = reader.problems.all.map { $0.text.replacing(home.path + "/", with: "") }
    return (reader.suite, problems, home)
  }

  @Test("prompts are texts, files, patterns, and objects")
  func prompts() throws {
    let (suite, problems, _) = try SuiteTests.read(
      """
      prompts:
        - "Say {{x}}"
        - {raw: "Tell {{x}}", label: tell}
        - file://a.txt
        - p/*.md
        - {id: file://chat.json, label: chat}
        - chat.yaml
      providers: [echo]
      tests: [{vars: {x: 1}}]
      """,
      files: [
        "a.txt": "first {{x}}\n---\nsecond\n", "p/one.md": "# One {{x}}", "p/two.md": "two",
        "chat.json": #"[{"role": "system", "content": "s"}, {"role": "user", "content": "{{x}}"}]"#,
        "chat.yaml": "- role: user\n  content: hi {{x}}\n",
      ])
    #expect(problems.isEmpty, "\(problems)")
    #expect(suite.prompts.count == 8)
    #expect(suite.prompts[1].label == "tell")
    #expect(suite.prompts[2].raw == "first {{x}}")
    #expect(suite.prompts[6].label.hasPrefix("chat"))
    let scope = CaseScope(["x": "a \"quoted\" word"], environment: [:])
    let chat = try suite.prompts[6].render(scope)
    #expect(chat.system == "s")
    #expect(chat.messages.first?.text == "a \"quoted\" word")
    #expect(try suite.prompts[7].render(scope).messages.first?.text == "hi a \"quoted\" word")
  }

  @Test(
    "what means nothing is told with its place",
    arguments: [
      (
        "prmpts: [x]\nproviders: [echo]",
        "promptfooconfig.yaml:1:1: unknown key 'prmpts' of a suite (did you mean 'prompts'?)"
      ),
      ("prompts: [file://none.txt]\nproviders: [echo]", "promptfooconfig.yaml:1:11: no such prompt file"),
      ("prompts: [x]\nproviders: [{id: echo, config: {temprature: 1}}]", "did you mean 'temperature'?"),
      ("prompts: [x]\nproviders: [echo]\ntests: none.csv", "no such file"),
      ("prompts: [x]\nproviders: [echo]\ntests: [{vrs: {}}]", "unknown key 'vrs' of a test (did you mean 'vars'?)"),
      ("prompts: [x]\nproviders: [file://p.js]", "is written in code, which is not supported"),
      ("prompts: ['{{ x | nope }}']\nproviders: [echo]", "unknown filter 'nope'"),
      ("prompts: [x]\nproviders: [{id: 'openai:gpt-4', config: {apiKey: sk-1}}]", "a key does not belong into a file"),
      ("prompts: [x]\nproviders: [echo]\nextensions: [file://a.js:hook]", "hooks written in code are not supported"),
      ("prompts: [x]\nproviders: [echo]\ntests: [{assert: [{$ref: '#/none'}]}]", "'#/none' names nothing in this file"),
      ("prompts: [x]\nproviders: [echo]\nderivedMetrics: [{name: m, value: 'a +'}]", "the metric 'm'"),
      ("prompts: [x\n", "promptfooconfig.yaml:"),
    ] as [(String, String)])
  func mistakes(text: String, words: String) throws {
    let (_, problems, _) = try SuiteTests.read(text)
    #expect(problems.contains { $0.contains(words) }, "\(problems)")
  }

  @Test("references, variables of the environment and defaults are put in")
  func templates() throws {
    let (suite, problems, _) = try SuiteTests.read(
      """
      env: {CITY: Paris}
      prompts: ["{{env.CITY}} {{env.NONE}} {{ env.NONE or 'x' }} {{q}}"]
      providers: [echo]
      assertionTemplates: {short: {type: word-count, value: {max: 9}}}
      defaultTest: {assert: [{$ref: '#/assertionTemplates/short'}], vars: {q: 1, r: 2}, threshold: 0.5}
      tests: [{vars: {q: 3}, assert: [{type: contains, value: a}]}]
      scenarios:
        - config: [{vars: {a: 1}}, {vars: {a: 2}}]
          tests: [{vars: {b: 1}}, {vars: {b: 2}}]
      """)
    #expect(problems.isEmpty, "\(problems)")
    #expect(suite.prompts[0].raw == "Paris {{env.NONE}} x {{q}}")
    #expect(!suite.trustNeeds.isEmpty)
    guard case .list(let tests) = suite.tests[0], case .list(let scenarios) = suite.tests[1] else {
      Issue.record("lists are expected")
      return
    }
    let test = tests[0].over(suite.defaultTest)
    #expect(test.assertions.map(\.type) == ["word-count", "contains"])
    #expect(test.vars == ["q": 3, "r": 2])
    #expect(test.threshold == 0.5)
    #expect(scenarios.map(\.vars) == [["a": 1, "b": 1], ["a": 1, "b": 2], ["a": 2, "b": 1], ["a": 2, "b": 2]])
  }

  @Test("lists of texts make a matrix whose last variable turns fastest; other lists are values")
  func matrix() {
    let file = SuiteFile(name: "s", directory: "")
    let matrix = VarMatrix(["a": ["x", "y"], "n": [1, 2], "b": ["p", "q"], "c": "z"], file: file, expands: true)
    #expect(matrix.count == 4)
    #expect(matrix.map { "\($0["a"]?.string ?? "")\($0["b"]?.string ?? "")" } == ["xp", "xq", "yp", "yq"])
    #expect(Array(VarMatrix(["a": ["x", "y"]], file: file, expands: false)).count == 1)
  }

  @Test("variables may speak of each other and of files")
  func variables() throws {
    let home = try TemporaryDirectory("vars")
    try home.write("t.txt", "text\n\n")
    try home.write("d.yaml", "a: [1, 2]\n")
    let file = SuiteFile(name: "s", directory: home.path)
    let vars = try CaseVars.resolved(
      ["a": "{{b}}!", "b": "{{c}}", "c": "x\n", "t": "file://t.txt", "d": "file://d.yaml"], file: file, environment: [:]
    )
    #expect(vars == ["a": "x!", "b": "x", "c": "x", "t": "text", "d": #"{"a":[1,2]}"#])
    #expect(throws: CellFault.self) {
      try CaseVars.resolved(["a": "file://none.txt"], file: file, environment: [:])
    }
  }

  @Test("braces of code are no tags")
  func braces() throws {
    let scope = CaseScope(["x": "1"], environment: [:])
    #expect(try PromptTemplateText("f() {{\n {{x}} {% raw %}{{y}}{% endraw %}").render(scope) == "f() {{\n 1 {{y}}")
    #expect(try PromptTemplateText("{{ none }}|{{ x }}|{{ o.p }}").render(scope) == "|1|")
  }

  @Test("columns with two underscores say what a row is")
  func columns() throws {
    var reader = TestReader(file: SuiteFile(name: "t.csv", directory: ""))
    let values: JSON = [
      "q": "x", "__expected1": "contains: a", "__expected2": "", "__expected3": "not-equals: b", "__description": "d",
      "__threshold": "0.4", "__metadata:k": "v", "__metadata:l[]": "a\\,b, c", "__metric": "m", "__prefix": "p ",
      "__config:__expected3:threshold": "0.2", "_odd": "o",
    ]
    let test = reader.read(row: Row(number: 1, position: SourcePosition(line: 2, column: 1, offset: 9), values: values))
    #expect(test.vars == ["q": "x", "_odd": "o"])
    #expect(test.assertions.map(\.type) == ["contains", "not-equals"])
    #expect(test.assertions[1].arguments.threshold == 0.2)
    #expect(test.assertions[0].metric == "m")
    #expect(test.metadata == ["k": "v", "l": ["a,b", "c"]])
    #expect((test.description, test.threshold, test.options.prefix) == ("d", 0.4, "p "))
    #expect(
      reader.problems.all.map(\.text) == ["t.csv:2:1: the column '_odd' is a variable; what begins with '__' is not"])
  }

  @Test(
    "derived metrics are arithmetic",
    arguments: [
      ("a + b * 2", 7.0), ("(a + b) * 2", 8), ("-a ^ 2", -1), ("2 ^ 3 ^ 2", 512), ("sqrt(b * 3) / a", 3),
      ("`a b` - 1", 8),
      ("min(a, b, 0.5)", 0.5), ("10 % 4", 2), ("1e3", 1000),
    ] as [(String, Double)])
  func metrics(text: String, value: Double) throws {
    let names = ["a": 1.0, "b": 3, "a b": 9]
    let found = try #require(try MetricExpression(text).value { names[$0] })
    #expect(abs(found - value) < 1e-9, "\(found)")
  }
}
