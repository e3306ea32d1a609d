// Checks by tables: an argument, a value, and what is said of it.

import Checks
import Formats
import Testing

@Suite("checks") struct ChecksTests {
  @Test(
    "a check says what is wrong, or nothing",
    arguments: [
      ("regex", "\"^[A-Z]{3}$\"", "\"ABC\"", nil),
      ("regex", "\"^[A-Z]{3}$\"", "\"abc\"", "must match the pattern ^[A-Z]{3}$"),
      ("one_of", #"["yes", "no"]"#, #""yes\n""#, nil), ("one_of", "[1, 2]", "2.0", nil),
      ("one_of", #"["yes", "no"]"#, #""maybe""#, #"must be one of "yes", "no", got 'maybe'"#),
      ("one_of", "[null]", #""x""#, "must be one of null, got 'x'"),
      ("max_words", "3", #""one two three""#, nil),
      ("max_words", "3", #""one two  three four""#, "must have at most 3 words, has 4"),
      ("max_chars", "3", #""äöü""#, nil), ("max_chars", "2", #""äöü""#, "must have at most 2 characters, has 3"),
      ("contains", #""b""#, #""abc""#, nil),
      ("contains", #"["x", "b", "y"]"#, #""abc""#, "must contain 'x' and 'y'"),
      ("lacks", #"["x"]"#, #""abc""#, nil), ("lacks", #""b""#, #""abc""#, "must not contain 'b'"),
      ("lacks", #""key""#, #"{"key": 1}"#, "must not contain 'key'"),
      ("schema", #"{"type": "integer"}"#, "7", nil),
      ("schema", #"{"type": "integer"}"#, "\"7\"", #"(root): must be an integer, got "7""#),
      (
        "citations", #"["The sky is  blue today.", {"text": "Grass"}]"#,
        #"{"c": [{"passage": 1, "quote": "sky is blue"}]}"#, nil
      ),
      (
        "citations", #"["The sky is blue."]"#, #"[{"passage": 1, "quote": "sky is green"}]"#,
        "the quote 'sky is green' does not stand word for word in passage 1"
      ),
      ("citations", #"["a"]"#, #"[{"passage": 2, "quote": "a"}]"#, "claim 1 names passage 2, of 1"),
      (
        "citations", #"["a"]"#, #"[{"passage": -9223372036854775808, "quote": "a"}]"#,
        "claim 1 names passage -9223372036854775808, of 1"
      ),
      ("citations", #"["a"]"#, #"[{"passage": 0, "quote": "a"}]"#, "claim 1 names passage 0, of 1"),
      ("citations", #"["a"]"#, #"[{"passage": 1, "quote": 7}]"#, "claim 1 has no text as its quote"),
      ("citations", #"["a"]"#, #"[{"passage": 1, "quote": " "}]"#, "claim 1 has no text as its quote"),
      ("no_secrets", "true", #""nothing here: password = hunter2""#, nil),
      ("no_secrets", "true", #""AKIAIOSFODNN7EXAMPLE""#, "must not contain secrets, and has an AWS access key"),
      (
        "no_secrets", "true", #""postgres://u:hunter22@db/x""#,
        "must not contain secrets, and has a password in an address"
      ),
      (
        "no_secrets", "true", #""api_key: 'q8Zk3vN1xR7tLm2W'""#,
        "must not contain secrets, and has what is named a key or password"
      ),
      ("no_secrets", "true", #""token = aaaaaaaaaaaaaaaaaaaa""#, nil),
      (
        "no_secrets", "true", #""token = aaaaaaaaaaaaaaaaaaaa, secret = q8Zk3vN1xR7tLm2W""#,
        "must not contain secrets, and has what is named a key or password"
      ),
      (
        "no_secrets", "true", #""sk-ant-api03-abcdefghijklmnopqrstuv""#,
        "must not contain secrets, and has an Anthropic key"
      ),
    ] as [(String, String, String, String?)])
  func problems(name: String, argument: String, value: String, expected: String?) throws {
    let check = try Check(name, try JSON.parse(argument))
    #expect(check.problem(in: CheckSubject(try JSON.parse(value))) == expected)
  }

  @Test(
    "an argument that cannot be is refused",
    arguments: [
      ("regex", "\"(\""), ("regex", "7"), ("one_of", "[]"), ("max_words", "-1"), ("max_words", "\"3\""),
      ("contains", "[1]"),
      ("schema", #"{"type": "intger"}"#), ("no_secrets", "false"), ("citations", "[1]"), ("max_word", "3"),
    ])
  func arguments(name: String, argument: String) {
    #expect(throws: FormatError.self) { try Check(name, try JSON.parse(argument)) }
  }

  @Test("what a check says its argument is, is what it takes") func schemas() throws {
    let samples = [
      "regex": "\"a\"", "one_of": "[1]", "max_words": "1", "max_chars": "1", "contains": "\"a\"", "lacks": "[\"a\"]",
      "citations": "[]", "no_secrets": "true", "schema": "{}",
    ]
    for kind in Check.kinds {
      let schema = try JSONSchema(try JSON.parse("\(kind.argument)"))
      let sample = try JSON.parse(try #require(samples[kind.name]))
      #expect(schema.isValid(sample))
      _ = try kind.init(sample)
    }
  }
}
