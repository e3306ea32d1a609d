// Every deterministic kind of assertion on outputs that hold and outputs that do not, each also with `not-`.

import Formats
import Testing

@testable import Evals
@testable import Models

/// A world in which nobody can be asked.
func silentWorld() -> EvalWorld {
  EvalWorld(
    ask: { call in
      Outcome(
        reply: Reply(), error: ModelError(.offline, "nobody is to be asked"), record: "", conversation: "",
        timing: Outcome.Timing(), attempts: 0, cost: nil)
    },
    embed: { _, _ throws(ModelError) in throw ModelError(.offline, "nobody is to be asked") },
    resolve: { _ throws(CellFault) in throw CellFault("usage", "nobody is to be asked", 2) }, variables: [:],
    day: "2026-01-01", cache: .off, budget: nil, code: CodeWorkers(variables: [:]))
}

struct AssertionCase: Sendable, CustomTestStringConvertible {
  var kind: String
  /// YAML of what stands beside `type`.
  var rest: String
  var output: String
  var holds: Bool
  var score: Double?

  init(_ kind: String, _ rest: String, _ output: String, _ holds: Bool, score: Double? = nil) {
    (self.kind, self.rest, self.output, self.holds, self.score) = (kind, rest, output, holds, score)
  }

  var testDescription: String {
    "\(kind) {\(rest.prefix(40))} on \(output.prefix(30)) \(holds ? "holds" : "does not hold")"
  }
}

@Suite("assertions") struct AssertionTests {
  static let cases: [AssertionCase] = [
    AssertionCase("equals", "value: Paris", "Paris", true), AssertionCase("equals", "value: Paris", "Paris.", false),
    AssertionCase("equals", "value: 42", "42", true),
    AssertionCase("equals", "value: {a: [1, 2]}", #"{"a": [1, 2.0]}"#, true),
    AssertionCase("equals", "value: {a: 1}", "no json", false),
    AssertionCase("contains", "value: ari", "Paris", true), AssertionCase("contains", "value: ARI", "Paris", false),
    AssertionCase("contains", "value: 7", "it is 7", true),
    AssertionCase("icontains", "value: PARIS", "In paris.", true),
    AssertionCase("icontains", "value: STRASSE", "straße", false),
    AssertionCase("contains-all", "value: [a, b]", "b and a", true),
    AssertionCase("contains-all", "value: 'a, c'", "b and a", false),
    AssertionCase("icontains-all", "value: [A, B]", "a b", true),
    AssertionCase("contains-any", "value: [x, b]", "b", true),
    AssertionCase("contains-any", "value: 'x,y'", "b", false),
    AssertionCase("contains-any", #"value: '"x,y",z'"#, "it says x,y", true),
    AssertionCase("contains-any", #"value: '"x,y",z'"#, "it says x", false),
    AssertionCase("icontains-any", "value: [X, Q]", "q", true),
    AssertionCase("starts-with", "value: Yes", "Yes, sir", true),
    AssertionCase("starts-with", "value: yes", "Yes", false),
    AssertionCase("ends-with", "value: '.'", "So.", true),
    AssertionCase("regex", #"value: '^\d{4}$'"#, "2024", true),
    AssertionCase("regex", #"value: '^\d{4}$'"#, "in 2024", false),
    AssertionCase("word-count", "value: 3", "one two three", true),
    AssertionCase("word-count", "value: 3", "one two", false),
    AssertionCase("word-count", "value: {min: 1, max: 2}", " one  two ", true),
    AssertionCase("word-count", "value: {max: 1}", "one two", false),
    AssertionCase("max-length", "value: 3", "äöü", true), AssertionCase("max-length", "value: 3", "abcd", false),
    AssertionCase("levenshtein", "value: kitten, threshold: 3", "sitting", true),
    AssertionCase("levenshtein", "value: kitten, threshold: 2", "sitting", false),
    AssertionCase("is-json", "", #"{"a":1}"#, true), AssertionCase("is-json", "", "{a:1}", false),
    AssertionCase("is-json", "", "Sure: {}", false),
    AssertionCase("is-json", "value: {type: object, required: [b]}", #"{"a":1}"#, false),
    AssertionCase("is-json", "value: {type: object, required: [a]}", #"{"a":1}"#, true),
    AssertionCase("is-json", "value: 'type: array'", "[1]", true),
    AssertionCase("contains-json", "", #"Sure: {"a": "}"} so"#, true),
    AssertionCase("contains-json", "", "Sure: {", false),
    AssertionCase("contains-json", "value: {required: [b]}", #"{"a":1} and {"b":2}"#, true),
    AssertionCase("contains-json", "value: {required: [c]}", #"{"a":1} and {"b":2}"#, false),
    AssertionCase("json-path", "value: {path: 'a[1].b', equals: 2}", #"{"a":[0,{"b":2}]}"#, true),
    AssertionCase("json-path", "value: {path: '$.a[-1].b', equals: 3}", #"{"a":[0,{"b":2}]}"#, false),
    AssertionCase("json-path", "value: {path: c}", #"{"a":1}"#, false),
    AssertionCase("is-xml", "", #"<?xml version="1.0"?><a x="1"><b/>t &amp; u</a>"#, true),
    AssertionCase("is-xml", "", "<a><b></a></b>", false), AssertionCase("is-xml", "", "text <a/>", false),
    AssertionCase("is-xml", "", "<a x=1/>", false), AssertionCase("is-xml", "", "<a/><b/>", false),
    AssertionCase("is-xml", "value: {requiredElements: [a.b]}", "<a><b/></a>", true),
    AssertionCase("is-xml", "value: 'a.b,a.c'", "<a><b/></a>", false),
    AssertionCase("contains-xml", "", "Here: <a><b>1</b></a> done", true),
    AssertionCase("contains-xml", "", "1 < 2 > 0", false),
    AssertionCase("is-html", "", "<!DOCTYPE html><html><body><p>x</body></html>", true),
    AssertionCase("is-html", "", "so: <p>x</p>", false), AssertionCase("is-html", "", "plain", false),
    AssertionCase("contains-html", "", "so: <p>x <b>y</b></p>", true),
    AssertionCase("contains-html", "", "a < b", false),
    AssertionCase("is-sql", "", "SELECT a, b FROM t WHERE c = 'x';", true),
    AssertionCase("is-sql", "", "SELECT a b c FROM t", false),
    AssertionCase("is-sql", "", "SELECT * FROM WHERE x", false),
    AssertionCase("is-sql", "", "SELECT (a FROM t", false), AssertionCase("is-sql", "", "DELETE t", false),
    AssertionCase("is-sql", "", "hello world", false),
    AssertionCase("is-sql", "value: {allowedTables: ['select::null::users']}", "SELECT a FROM orders", false),
    AssertionCase("is-sql", "value: {allowedTables: [users]}", "SELECT a FROM users", true),
    AssertionCase("contains-sql", "", "Use:\n```sql\nSELECT a FROM t\n```\nok", true),
    AssertionCase("contains-sql", "", "nothing here", false),
    AssertionCase("is-refusal", "", "I'm sorry, but I can't help with that.", true),
    AssertionCase("is-refusal", "", "", true),
    AssertionCase("is-refusal", "", "Of course: 42", false),
    AssertionCase("bleu", "value: the cat sat on the mat", "the cat sat on the mat", true, score: 1),
    AssertionCase("bleu", "value: the cat sat on the mat", "a dog", false, score: 0),
    AssertionCase("gleu", "value: the cat sat, threshold: 0.3", "the cat ran", true, score: 0.5),
    AssertionCase("rouge-n", "value: the cat sat", "the cat ran", false, score: 2.0 / 3),
  ]

  static func reader(_ yaml: String) throws -> ([Assertion], SuiteProblems) {
    var reader = AssertionReader(file: SuiteFile(name: "suite.yaml", directory: ""))
    return (reader.read(list: try YAML.parse(yaml)), reader.problems)
  }

  static func subject(_ output: String, vars: JSON = .object([])) -> AssertionSubject {
    AssertionSubject(
      output: .string(output), prompt: "p", scope: CaseScope(vars, environment: [:]), answer: CellAnswer(),
      world: silentWorld())
  }

  @Test("a kind holds where it should, and with not- exactly where it should not", arguments: cases)
  func kinds(_ item: AssertionCase) async throws {
    for negates in [false, true] {
      let type = negates ? "not-" + item.kind : item.kind
      let rest = item.rest.isEmpty ? "" : ", \(item.rest)"
      let (list, problems) = try AssertionTests.reader("[{type: \(type)\(rest)}]")
      #expect(problems.all.isEmpty, "\(problems.all.map(\.text))")
      let assertion = try #require(list.first)
      let (result, _) = try await assertion.result(AssertionTests.subject(item.output))
      #expect(result.pass == (item.holds != negates), "\(type): \(result.reason)")
      #expect(!result.reason.isEmpty)
      if let score = item.score { #expect(abs(result.score - (negates ? 1 - score : score)) < 1e-9, "\(result.score)") }
    }
  }

  @Test(
    "arguments that mean nothing are told with their place",
    arguments: [
      ("{type: regex, value: '('}", "suite.yaml:1:2: 'regex' has a pattern that is none"),
      ("{type: contains}", "'contains' needs a 'value' that is a text"),
      ("{type: contains, value: ''}", "'contains' needs a 'value' that is not empty"),
      ("{type: is-json, value: {type: 7}}", "'is-json' has a schema that is none"),
      ("{type: word-count, value: {min: 3, max: 2}}", "has a 'min' above its 'max'"),
      ("{type: latency}", "'latency' needs a 'threshold'"),
      ("{type: meteor, value: x}", "the assertion 'meteor' is not supported: it needs WordNet"),
      ("{type: contians, value: x}", "unknown assertion 'contians' (did you mean 'contains'?)"),
      ("{type: contains, vlaue: x, value: y}", "unknown key 'vlaue' of an assertion (did you mean 'value'?)"),
      ("{value: x}", "an assertion is an object with a 'type'"),
      ("{type: assert-set}", "'assert-set' needs a list 'assert'"),
      ("{type: is-sql, value: {allowedColumns: [a]}}", "checks 'allowedTables' only"),
    ] as [(String, String)])
  func mistakes(text: String, words: String) throws {
    let (_, problems) = try AssertionTests.reader("[\(text)]")
    #expect(problems.all.contains { $0.text.contains(words) }, "\(problems.all.map(\.text))")
  }

  @Test("an unknown kind gives no verdict: its cells are errors")
  func unknownKind() async throws {
    let (list, _) = try AssertionTests.reader("[{type: contians, value: x}]")
    await #expect(throws: CellFault.self) { _ = try await list[0].result(AssertionTests.subject("x")) }
  }

  @Test("a value is a template over the test's variables")
  func templates() async throws {
    let (list, _) = try AssertionTests.reader(
      "[{type: equals, value: '{{ city | upper }}'}, {type: contains-all, value: ['{{a}}', b]}]")
    let subject = AssertionTests.subject("PARIS", vars: ["city": "Paris", "a": "PAR"])
    #expect(try await list[0].result(subject).0.pass)
    #expect(try await !list[1].result(subject).0.pass)
  }

  @Test("sets are weighed and may have a threshold; any is enough of one")
  func sets() async throws {
    let (list, problems) = try AssertionTests.reader(
      """
      - {type: assert-set, threshold: 0.5, assert: [{type: equals, value: a}, {type: equals, value: b}]}
      - {type: assert-set, assert: [{type: equals, value: a}, {type: equals, value: b}]}
      - {type: any, assert: [{type: equals, value: a}, {type: equals, value: b}]}
      - {type: assert-set, threshold: 0.5, assert: [{type: equals, value: a}, {type: equals, value: b, weight: 3}]}
      """)
    #expect(problems.all.isEmpty)
    var passes: [Bool] = []
    for assertion in list { passes.append(try await assertion.result(AssertionTests.subject("a")).0.pass) }
    #expect(passes == [true, false, true, false])
  }

  @Test(
    "a table's cell names a kind, or is what the output equals",
    arguments: [
      ("contains: Paris", "contains", nil, "Paris"), ("not-icontains:x", "not-icontains", nil, "x"),
      ("similar(0.9): a: b", "similar", 0.9, "a: b"), ("is-json", "is-json", nil, nil),
      ("similar:cosine(0.7):x", "similar:cosine", 0.7, "x"), ("levenshtein(2): x", "levenshtein", 2, "x"),
      ("fn: output.length > 3", "javascript", nil, "output.length > 3"),
      ("grade: is kind", "llm-rubric", nil, "is kind"),
      ("python: len(output)", "python", nil, "len(output)"), ("Paris: the city", "equals", nil, "Paris: the city"),
      ("containsx", "equals", nil, "containsx"), ("file://a/b.py:f", "python", nil, "file://a/b.py:f"),
    ] as [(String, String, Double?, String?)])
  func expected(text: String, type: String, threshold: Double?, value: String?) {
    let found = ExpectedText.split(text)
    #expect(found.type == type)
    #expect(found.threshold == threshold)
    #expect(found.value?.string == value)
  }

  @Test(
    "a test's grade is the weighted mean; a threshold decides over it",
    arguments: [
      ([(true, 1.0, 1.0), (false, 0, 1)], nil, false, 0.5), ([(true, 1, 1), (false, 0, 1)], 0.5, true, 0.5),
      ([(true, 1, 3), (false, 0, 1)], 0.8, false, 0.75), ([(true, 0, 0)], nil, true, 0), ([], nil, true, 1),
      ([(true, 0.1, 1), (true, 0.1, 1), (true, 0.1, 1)], 0.1, true, 0.1),
    ] as [([(Bool, Double, Double)], Double?, Bool, Double)])
  func grades(results: [(Bool, Double, Double)], threshold: Double?, passes: Bool, score: Double) {
    let grade = Grade(
      results.map { AssertionResult(kind: "x", weight: $0.2, pass: $0.0, score: $0.1, reason: "r") },
      threshold: threshold)
    #expect(grade.pass == passes)
    #expect(abs(grade.score - score) < 1e-9)
    #expect(grade.pass || !grade.reason.isEmpty)
  }
}
