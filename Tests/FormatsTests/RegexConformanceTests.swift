// Matches and captures against the answers of a conforming engine, on both machines.

import Foundation
import Testing

@testable import Formats

struct RegexCase: Sendable, CustomTestStringConvertible {
  let pattern: String
  let flags: RegularExpression.Flags
  let input: String
  let expected: String

  var testDescription: String { "/\(pattern)/ on \(input.debugDescription)" }

  static let table = regexTable + "\n" + randomRegexTable

  static let all: [RegexCase] = table.split(separator: "\n").compactMap { line in
    guard let fields = try? JSONDecoder().decode([String].self, from: Data(line.utf8)), fields.count == 4 else {
      return nil
    }
    return RegexCase(pattern: fields[0], flags: .named(fields[1]), input: fields[2], expected: fields[3])
  }
}

extension RegularExpression.Flags {
  static func named(_ letters: String) -> Self {
    var flags: Self = []
    if letters.contains("i") { flags.insert(.ignoreCase) }
    if letters.contains("m") { flags.insert(.multiline) }
    if letters.contains("s") { flags.insert(.dotAll) }
    return flags
  }
}

/// `0-3,x 4-5,4-5`: matches separated by spaces, groups by commas.
func describe(_ matches: [RegularExpression.Match]) -> String {
  matches.map { match in
    match.groups.map { $0.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "x" }.joined(separator: ",")
  }.joined(separator: " ")
}

func allMatches(_ expression: RegularExpression, in text: String) throws -> [RegularExpression.Match] {
  var matches: [RegularExpression.Match] = []
  var iterator = expression.matches(in: text)
  while matches.count < 6, let match = try iterator.next() { matches.append(match) }
  return matches
}

@Suite("regular expressions agree with ECMAScript")
struct RegexConformanceTests {
  @Test("every row of the table is read")
  func tableIsRead() {
    #expect(RegexCase.all.count == RegexCase.table.split(separator: "\n").count)
    #expect(Set(RegexCase.all.map { $0.pattern + "/\($0.flags.rawValue)" }).count >= 300)
  }

  @Test("matches and captures are those of the table")
  func matchesAreThoseOfTheTable() throws {
    for row in RegexCase.all {
      let expression = try RegularExpression(row.pattern, flags: row.flags)
      let matches = try allMatches(expression, in: row.input)
      #expect(describe(matches) == row.expected, "\(row.testDescription)")
    }
  }

  @Test("the machine that steps all threads together finds the same first match")
  func steppingMachineAgrees() throws {
    var checked = 0
    for row in RegexCase.all {
      let expression = try RegularExpression(row.pattern, flags: row.flags)
      guard expression.tree.isLinear else { continue }
      checked += 1
      let found = try Array(row.input.utf8).withUnsafeBufferPointer { bytes in
        var steps = 1_000_000
        return try expression.searchInStep(RegexText(bytes), from: 0, steps: &steps)
      }
      let first = row.expected.split(separator: " ").first.map { String($0) } ?? ""
      #expect(describe(found.map { [$0] } ?? []) == first, "\(row.testDescription)")
    }
    #expect(checked >= 300)
  }

  @Test(
    "inline modifiers hold for their group",
    arguments: [
      ("(?i:a)b", "Ab aB", "0-2"), ("(?i:a(?-i:b))c", "ABc Abc", "4-7"), ("(?s:.).", "\n\n \nx", "1-3 3-5"),
      ("(?m:^)a", "b\na", "2-3"), ("a(?i-s:.B)", "axb a\nb", "0-3"), ("(?i:k)", "\u{212A}", "0-3"),
    ])
  func inlineModifiers(pattern: String, input: String, expected: String) throws {
    #expect(describe(try allMatches(RegularExpression(pattern), in: input)) == expected)
  }

  @Test("a name may stand in several alternatives")
  func duplicateNames() throws {
    let expression = try RegularExpression(#"(?:(?<d>\d)|(?<d>[a-z]))\k<d>"#)
    #expect(describe(try allMatches(expression, in: "11 xx 1x")) == "0-2,0-1,x 3-5,x,3-4")
    #expect(try expression.firstMatch(in: "-xx")?["d"] == 1..<2)
    #expect(try expression.firstMatch(in: "-xx")?["e"] == nil)
    #expect(expression.groupNames == ["d": [1, 2]])
  }

  @Test(
    "what schema files hold beyond the grammar is read",
    arguments: [
      (#"^\-\_\@\"\'\ \:$"#, "-_@\"' :", "0-7"), ("^{a}$", "{a}", "0-3"), ("^a]}$", "a]}", "0-3"),
      (#"[\w-.]+"#, "a-b.c d", "0-5 6-7"), (#"[\d-x]+"#, "1-x", "0-3"), ("a{,x", "a{,x", "0-4"),
      (#"^\$\{.+}$"#, "${a}", "0-4"),
    ])
  func leniency(pattern: String, input: String, expected: String) throws {
    #expect(describe(try allMatches(RegularExpression(pattern), in: input)) == expected)
  }

  @Test("bytes that are no UTF-8 read as one replacement character each, from both sides")
  func brokenBytes() throws {
    let bytes: [UInt8] = [0x61, 0xFF, 0xE6, 0x97, 0x62, 0xC0, 0x80, 0xED, 0xA0, 0x80]
    #expect(try RegularExpression("^a...b.{5}$").firstMatch(in: bytes)?.range == 0..<10)
    #expect(try RegularExpression("(?<=^a...)b").firstMatch(in: bytes)?.range == 4..<5)
    #expect(try RegularExpression("\u{FFFD}+").firstMatch(in: bytes)?.range == 1..<4)
    #expect(try RegularExpression(#"\uD800"#).firstMatch(in: bytes) == nil)
  }

  @Test("a search may begin in the middle and still sees what stands before")
  func searchFromTheMiddle() throws {
    #expect(try RegularExpression("(?<=a)b").firstMatch(in: "ab ab", from: 1)?.range == 1..<2)
    #expect(try RegularExpression("^b").firstMatch(in: "ab", from: 1) == nil)
    #expect(try RegularExpression("b").firstMatch(in: "ab", from: 3) == nil)
    #expect(try RegularExpression("").firstMatch(in: "ab", from: 2)?.range == 2..<2)
  }

  @Test("every scalar's case orbit closes and is shared by its members")
  func caseOrbitsClose() {
    var cased = 0
    for value in UInt32(0)...0x1FFFF {
      let members = CaseOrbit.members(of: value)
      guard members.count > 1 else { continue }
      cased += 1
      #expect(members.count <= 4)
      for member in members where Set(CaseOrbit.members(of: member)) != Set(members) {
        Issue.record("the orbit of \(value) is not that of \(member)")
      }
    }
    #expect(cased == 2994)
  }
}
