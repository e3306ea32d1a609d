// Patterns that are refused, with place and words, and searches that are stopped.

import Testing

@testable import Formats

@Suite("regular expressions that are refused or stopped")
struct RegexErrorTests {
  @Test(
    "a broken pattern is refused at its place",
    arguments: [
      ("a)", "pattern offset 1: ')' closes no group (escape it as '\\)')"),
      ("é(a", "pattern offset 2: the group is not closed (escape it as '\\(' if it is no group)"),
      ("[a", "pattern offset 0: the class is not closed (escape it as '\\[' if it is no class)"),
      ("[z-a]", "pattern offset 1: the range of a class is out of order"),
      ("*a", "pattern offset 0: nothing to repeat (escape it as '\\*')"),
      ("a**", "pattern offset 2: nothing to repeat (a quantifier follows a quantifier)"),
      ("{1}", "pattern offset 0: nothing to repeat (escape it as '\\{')"),
      ("a{2,1}", "pattern offset 1: the bounds of a quantifier are out of order"),
      ("^*", "pattern offset 1: an assertion cannot be repeated (put it into a group)"),
      ("(?=a)+", "pattern offset 5: an assertion cannot be repeated (put it into a group)"),
      (#"(a)\2"#, "pattern offset 3: there is no group 2"),
      (#"\k<x>"#, "pattern offset 0: there is no group named 'x'"),
      (#"a\"#, "pattern offset 2: the pattern ends in a backslash"),
      ("(?<a>x)(?<a>y)", "pattern offset 10: the group name 'a' is used twice"),
      ("(?<1>x)", "pattern offset 3: a group name holds a character that is no letter, digit, '_' or '$'"),
      (#"\u{110000}"#, "pattern offset 0: '\\u{…}' is above 10FFFF"),
      (#"\u12"#, "pattern offset 0: '\\u' needs four hexadecimal digits"),
      ("(?ii:a)", "pattern offset 3: a flag is named twice"),
    ])
  func brokenPattern(pattern: String, message: String) {
    let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
    #expect(error?.description == message)
    if case .syntax = error {} else { Issue.record("\(pattern) is not refused as broken") }
  }

  @Test(
    "other dialects are refused by name",
    arguments: [
      (#"\Aa"#, "the escape '\\A' is not ECMAScript (write '^')"),
      (#"a\Z"#, "the escape '\\Z' is not ECMAScript (write '$')"),
      (#"\a"#, "the escape '\\a' is not ECMAScript (write '\\x07')"),
      (#"\y"#, "the escape '\\y' is not ECMAScript (drop the backslash)"),
      ("(?P<n>a)", "'(?P<name>' is Python's spelling (write '(?<name>')"),
      ("(?i)a", "inline flags need a group of their own (write '(?i:…)' around what they apply to)"),
      ("(?x:a)", "'(?x' is not a group of ECMAScript"),
      ("(?>a)", "atomic groups are not ECMAScript"),
      ("(?#a)", "comments are not ECMAScript"),
      ("a++", "possessive quantifiers are not ECMAScript (drop the second '+')"),
      ("a{,3}", "'{,n}' is not ECMAScript (write '{0,n}')"),
      (#"\p{Klingon}"#, "'Klingon' is no Unicode property, category or script that is known here"),
      (#"\p{sc=Nope}"#, "'sc=Nope' is no Unicode property, category or script that is known here"),
      (#"\07"#, "octal escapes are not supported (write '\\xHH')"),
      ("(?:(?:a{1000}){1000}){1000}", "the pattern is too large (lower the bounds of its quantifiers)"),
      ("(?:(?:){100000}){100000}", "the pattern is too large (lower the bounds of its quantifiers)"),
    ])
  func otherDialect(pattern: String, message: String) {
    let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
    guard case .unsupported(_, let words) = error else {
      Issue.record("\(pattern) is not refused as unsupported")
      return
    }
    #expect(words == message)
  }

  @Test("nesting is bounded, and at the bound the pattern still runs")
  func nesting() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(try RegularExpression(nested(249)).isMatch("a"))
    #expect(throws: RegularExpressionError.self) { try RegularExpression(nested(100_000)) }
  }

  @Test(
    "nested repetitions take time in proportion to the input",
    arguments: ["^(a+)+$", "^(a|a)*$", "^(a*)*$", "^(?:a?){20}a{20}b", "(x+x+)+y|(?:a|a|b)*c"])
  func linearTime(pattern: String) throws {
    let expression = try RegularExpression(pattern)
    let input = [UInt8](repeating: UInt8(ascii: "a"), count: 50_000) + [UInt8(ascii: "!")]
    #expect(try expression.firstMatch(in: input) == nil)
  }

  @Test("both machines agree on a long input with captures")
  func longCaptures() throws {
    let input = [UInt8](repeating: UInt8(ascii: "a"), count: 30_000) + Array("bc".utf8)
    let match = try RegularExpression("^(?:(a)|(b)|(?:a|b)+!)*c$").firstMatch(in: input)
    #expect(match?.groups == [0..<30_002, nil, 30_000..<30_001])
  }

  @Test(
    "a search that goes back too often is stopped", arguments: [#"^(?=(a+)+$)\1"#, #"^(a+)+\1$"#, #"^(?:(a|a)*)*\1b"#])
  func stepLimit(pattern: String) throws {
    let expression = try RegularExpression(pattern, stepLimit: 100_000)
    let input = String(repeating: "a", count: 500) + "!"
    #expect(throws: RegularExpressionError.stepLimit(100_000)) { try expression.firstMatch(in: input) }
    #expect(try expression.firstMatch(in: "c") == nil)
  }

  @Test("look-around without references does not explode, since failed choices are recorded")
  func recordedFailures() throws {
    let expression = try RegularExpression("^(?=(?:a|a)*$)(?:a|aa)*$|^(?:a|aa|(?=a)a)*b")
    #expect(try expression.firstMatch(in: String(repeating: "a", count: 2000) + "!") == nil)
  }

  @Test("one bound holds for all matches of an input together")
  func sharedBound() throws {
    var iterator = try RegularExpression("a.*b|a", stepLimit: 1000).matches(in: String(repeating: "a", count: 20_000))
    #expect(throws: RegularExpressionError.stepLimit(1000)) { while try iterator.next() != nil {} }
  }
}
