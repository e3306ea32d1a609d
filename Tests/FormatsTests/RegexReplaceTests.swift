// Replacing and splitting; the expected values are ECMAScript's.

import Testing

@testable import Formats

@Suite("replacing and splitting by regular expression")
struct RegexReplaceTests {
  @Test(
    "templates are filled in",
    arguments: [
      (#"a"#, #"x"#, #"banana"#, #"bxnxnx"#),
      (#"(a)(n)?"#, #"[$1|$2]"#, #"banana"#, #"b[a|n][a|n][a|]"#),
      (#"n"#, #"<$&$`$'$$>"#, #"ana"#, #"a<naa$>a"#),
      (#"(?<v>[aeiou])"#, #"<$<v>$<w>>"#, #"hello"#, #"h<e>ll<o>"#),
      (#"b"#, #"$1$0$<x>$"#, #"abc"#, #"a$1$0$<x>$c"#),
      (#"(a)"#, #"$10$01$11$00"#, #"a"#, #"a0aa1$00"#),
      (#""#, #"-"#, #"aé😀"#, #"-a-é-😀-"#),
      (#"x*"#, #"-"#, #"axb"#, #"-a--b-"#),
      (#"$"#, #"!"#, #"ab"#, #"ab!"#),
      (#"(.)(.)"#, #"$2$1"#, #"abcde"#, #"badce"#),
      (#"(?:(a)|b)"#, #"[$1]"#, #"ab"#, #"[a][]"#),
      (#"\s+"#, #" "#, "a  b\t c", #"a b c"#),
    ])
  func templates(pattern: String, template: String, input: String, expected: String) throws {
    #expect(try RegularExpression(pattern).replace(in: input, with: template) == expected)
  }

  @Test("no more matches are replaced than asked for")
  func limit() throws {
    let expression = try RegularExpression("a")
    #expect(try expression.replace(in: "banana", with: "o", limit: 2) == "bonona")
    #expect(try expression.replace(in: "banana", with: "o", limit: 0) == "banana")
  }

  @Test(
    "texts are split between matches",
    arguments: [
      (#","#, "a,b,,c", ["a", "b", "", "c"]),
      (#""#, "aé😀", ["a", "é", "😀"]),
      (#"\s*"#, "a b c", ["a", "b", "c"]),
      (#"x"#, "x", ["", ""]),
      (#"x"#, "", [""]),
      (#""#, "", []),
      (#"a*"#, "baac", ["b", "c"]),
      (#"\b"#, "hi there", ["hi", " ", "there"]),
      (#","#, ",a,", ["", "a", ""]),
      (#"(?=b)"#, "abab", ["a", "ba", "b"]),
      (#"$"#, "ab", ["ab"]),
      (#"^"#, "ab", ["ab"]),
    ])
  func split(pattern: String, input: String, expected: [String]) throws {
    #expect(try RegularExpression(pattern).split(input) == expected)
  }

  @Test("no more pieces are given than asked for")
  func splitLimit() throws {
    #expect(try RegularExpression(",").split("a,b,c", limit: 2) == ["a", "b"])
    #expect(try RegularExpression(",").split("a,b,c", limit: 0) == [])
  }
}
