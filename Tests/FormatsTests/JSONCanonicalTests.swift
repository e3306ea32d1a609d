// RFC 8785: its own vectors, and number texts as ECMAScript prints them.

import Testing

@testable import Formats

struct JSONCanonicalTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: try JSON.parse(text).canonical, as: UTF8.self)
  }

  @Test("the sample of RFC 8785 section 3.2.2 gives the text of section 3.2.3")
  func sample() throws {
    let source = #"""
      {
        "numbers": [333333333.33333329, 1E30, 4.50,
                    2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }
      """#
    let expected =
      #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
      + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(try canonical(source) == expected)
  }

  @Test("keys are sorted by UTF-16 code units, as in the example of RFC 8785 section 3.2.3")
  func sorting() throws {
    let source = #"""
      {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
      }
      """#
    let value = try JSON.parse(JSON.parse(source).canonical)
    #expect(
      value.members.map(\.value.string) == [
        "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
        "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
      ])
  }

  @Test("keys are sorted by UTF-16 code units for any mix of plain and escaped keys, the last of equal ones is kept")
  func sortingOfRandomKeys() throws {
    var random = SplitMix64(3)
    let parts = ["a", "b", "Z", "\u{7F}", "\u{80}", "é", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "😀"]
    for round in 0..<400 {
      var last: [[UInt16]: Int] = [:]
      var writer = JSONWriter()
      writer.beginObject()
      for number in 0..<Int.random(in: 0...12, using: &random) {
        var key = (0..<Int.random(in: 0...3, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
          .joined()
        if round % 2 == 0 { key += ["", "\n", "\"", "\u{0}"].randomElement(using: &random) ?? "" }
        last[Array(key.utf16)] = number
        writer.member(key, number)
      }
      writer.endObject()
      let expected = last.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      let value = try JSON.parse(JSON.parse(writer.bytes).canonical)
      #expect(value.members.map { Array($0.key.utf16) } == expected.map(\.key))
      #expect(value.members.map(\.value.int) == expected.map(\.value))
    }
  }

  @Test(
    "the numbers of RFC 8785 appendix B",
    arguments: [
      (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
      (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
      (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
      (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
      (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
      (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
      (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
      (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
      (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
      (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
      (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
      (0x4314_3FF3_C1CB_0959, "1424953923781206.2"), (0x7FFF_FFFF_FFFF_FFFF, nil), (0x7FF0_0000_0000_0000, nil),
    ] as [(UInt64, String?)])
  func appendixB(bits: UInt64, expected: String?) {
    #expect(JSONNumber.text(Double(bitPattern: bits)) == expected)
  }

  @Test(
    "numbers are printed as ECMAScript does",
    arguments: [
      ("0", "0"),
      ("-0", "0"),
      ("1", "1"),
      ("-1", "-1"),
      ("0.1", "0.1"),
      ("1e21", "1e+21"),
      ("1e20", "100000000000000000000"),
      ("123456789012345680000", "123456789012345680000"),
      ("999999999999999900000", "999999999999999900000"),
      ("1e-6", "0.000001"),
      ("1e-7", "1e-7"),
      ("1.5e-7", "1.5e-7"),
      ("5e-324", "5e-324"),
      ("1.7976931348623157e308", "1.7976931348623157e+308"),
      ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
      ("2.2250738585072014e-308", "2.2250738585072014e-308"),
      ("9007199254740993", "9007199254740992"),
      ("9007199254740992", "9007199254740992"),
      ("0.000001234", "0.000001234"),
      ("123e-20", "1.23e-18"),
      ("4.35", "4.35"),
      ("0.3", "0.3"),
      ("1e100", "1e+100"),
      ("1.25e25", "1.25e+25"),
      ("100", "100"),
      ("1234.5", "1234.5"),
      ("333333333.33333329", "333333333.3333333"),
      ("1e23", "1e+23"),
      ("9.5e-7", "9.5e-7"),
      ("4503599627370496.5", "4503599627370496"),
      ("295147905179352830000", "295147905179352830000"),
      ("0.1e1", "1"),
      ("3.0", "3"),
      ("1e0", "1"),
      ("12345678.9e-3", "12345.6789"),
      ("1e22", "1e+22"),
      ("-1e-7", "-1e-7"),
      ("6.02214076e23", "6.02214076e+23"),
      ("0.30000000000000004", "0.30000000000000004"),
      ("1e-5", "0.00001"),
      ("123456.789e3", "123456789"),
    ])
  func ecmaScript(source: String, expected: String) throws {
    #expect(JSONNumber.text(try #require(Double(source))) == expected)
    #expect(try canonical(source) == (source == "9007199254740993" ? source : expected))
  }

  @Test(
    "a number that a double cannot hold keeps its text, so that two different requests never share a key",
    arguments: ["1e400", "-1.5E+999", "1e-400", "-2e-9999", "9007199254740993", "9223372036854775807"])
  func beyondDouble(text: String) throws {
    #expect(try canonical(text) == text)
  }

  @Test("numbers of the same value have the same canonical text")
  func sameValue() throws {
    #expect(try canonical("[1, 1.0, 10e-1, 0.1e1, -0, 0e999, -0.0e-999]") == "[1,1,1,1,0,0,0]")
  }

  @Test("the canonical form does not depend on order, space or escapes, and the last of repeated keys counts")
  func independence() throws {
    let one = try canonical(#"{"b": [1.0, "\u0041"], "a": {"y": 1, "x": 2}}"#)
    #expect(try canonical(#"{"a":{"x":2,"y":1},"b":[1,"A"]}"#) == one)
    #expect(try canonical(#"{"a":1,"a":2}"#) == #"{"a":2}"#)
    #expect(try canonical("{\"\u{E9}\":1,\"e\u{301}\":2}") == "{\"e\u{301}\":2,\"\u{E9}\":1}")
  }
}
