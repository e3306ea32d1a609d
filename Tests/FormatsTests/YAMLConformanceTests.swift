// The public YAML test suite and the table of the core schema: event trees, values, and texts that must be refused.

import Foundation
import Testing

@testable import Formats

/// The notation of the test suite for a stream of events.
func eventTree(_ stream: YAMLStream, _ source: [UInt8]) -> String {
  func escaped(_ bytes: ArraySlice<UInt8>) -> String {
    var output = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\t": output += "\\t"
      case "\r": output += "\\r"
      case "\u{8}": output += "\\b"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
  func properties(_ event: YAMLEvent) -> String {
    guard event.properties >= 0 else { return "" }
    let properties = stream.properties[Int(event.properties)]
    let anchor = properties.anchor.map { " &" + String(decoding: source[$0], as: UTF8.self) } ?? ""
    return anchor + (properties.tag.map { " <\($0)>" } ?? "")
  }
  var tree = "+STR\n"
  for event in stream.events {
    let range = Int(event.start)..<Int(event.start + event.length)
    let text = event.isDecoded ? stream.decoded[range] : source[range]
    switch event.kind {
    case .documentStart: tree += event.style == .flow ? "+DOC ---\n" : "+DOC\n"
    case .documentEnd: tree += event.style == .flow ? "-DOC ...\n" : "-DOC\n"
    case .sequenceStart: tree += "+SEQ" + (event.style == .flow ? " []" : "") + properties(event) + "\n"
    case .sequenceEnd: tree += "-SEQ\n"
    case .mappingStart: tree += "+MAP" + (event.style == .flow ? " {}" : "") + properties(event) + "\n"
    case .mappingEnd: tree += "-MAP\n"
    case .alias: tree += "=ALI *\(String(decoding: text, as: UTF8.self))\n"
    case .scalar:
      let mark = [.plain: ":", .singleQuoted: "'", .doubleQuoted: "\"", .literal: "|"][event.style] ?? ">"
      tree += "=VAL\(properties(event)) \(mark)\(escaped(text))\n"
    }
  }
  return tree + "-STR\n"
}

@Suite("YAML agrees with the public test suite", .enabled(if: Conformance.isPresent, Conformance.absent))
struct YAMLConformanceTests {
  static let cases = (try? Conformance.lines("yaml/cases.jsonl")) ?? []

  @Test("the suite is read")
  func suiteIsRead() { #expect(Self.cases.count == 402) }

  @Test("valid texts have the suite's events")
  func events() throws {
    for example in Self.cases where example["fail"]?.bool == false {
      let id = try #require(example["id"]?.string)
      let bytes = Array(try #require(example["yaml"]?.string).utf8)
      do throws(FormatError) {
        let stream = try YAMLReader.read(bytes, maximumDepth: 512)
        #expect(eventTree(stream, bytes) == example["tree"]?.string, "\(id)")
      } catch {
        Issue.record("\(id): \(error.text(file: "yaml"))")
      }
    }
  }

  @Test("valid texts have the suite's values")
  func values() throws {
    for example in Self.cases where example["fail"]?.bool == false {
      guard let expected = example["json"], !expected.isNull else { continue }
      let id = try #require(example["id"]?.string)
      let bytes = Array(try #require(example["yaml"]?.string).utf8)
      let wanted = try expected.elements.map { try JSON.parse($0.string ?? "") }
      do throws(FormatError) {
        let documents = try YAML.parseAll(bytes)
        #expect(documents == wanted, "\(id): \(documents.map(\.text))")
      } catch {
        Issue.record("\(id): \(error.text(file: "yaml"))")
      }
    }
  }

  @Test("texts that the suite calls invalid are refused")
  func refusals() throws {
    for example in Self.cases where example["fail"]?.bool == true {
      let id = try #require(example["id"]?.string)
      let bytes = Array(try #require(example["yaml"]?.string).utf8)
      #expect(throws: FormatError.self, "\(id)") { try YAMLReader.read(bytes, maximumDepth: 512) }
    }
  }

  @Test("plain scalars have the types and values of the core schema")
  func coreSchema() throws {
    let rows = try Conformance.lines("yaml/core-scalars.jsonl")
    #expect(rows.count == 157)
    for row in rows {
      let scalar = try #require(row["scalar"]?.string)
      let value = row["value"]?.string ?? ""
      let resolved = YAMLCoreSchema.resolve(scalar)
      switch row["type"]?.string {
      case "null": #expect(resolved == .null, "\(scalar)")
      case "bool": #expect(resolved == .bool(row["value"]?.bool ?? false), "\(scalar)")
      case "int":
        guard case .int(let text) = resolved else {
          Issue.record("\(scalar) is \(resolved)")
          continue
        }
        let number = try JSON.parse(text ?? scalar)
        #expect(number == (try JSON.parse(value)) && number.kind == .number, "\(scalar)")
      case "float":
        switch resolved {
        case .float(let text): #expect(try JSON.parse(text ?? scalar).double == Double(value), "\(scalar)")
        case .infinity(let isNegative): #expect(value == (isNegative ? "-inf" : "inf"), "\(scalar)")
        case .notANumber: #expect(value == "nan", "\(scalar)")
        default: Issue.record("\(scalar) is \(resolved)")
        }
      default: #expect(resolved == .string, "\(scalar)")
      }
    }
  }

  @Test("specification files of a public project have the values that another reader gives them")
  func realFiles() throws {
    let parsed = try JSON.parse(try Conformance.bytes("dotprompt/spec.json"))
    #expect(parsed.count == 13)
    for (file, expected) in parsed.members {
      let value = try YAML.parse(try Conformance.bytes("dotprompt/spec/\(file)"))
      #expect(value == expected, "\(file)")
    }
  }
}
