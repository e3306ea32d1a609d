// The public test suite of JSON Schema: what is required, and how much of what is optional.

import Foundation
import Testing

@testable import Formats

private let folder = "json-schema/"

/// Schemas by address, as the suite serves them.
private func remotes() throws -> [String: JSON] {
  var all: [String: JSON] = [:]
  for file in ["remotes.json", "metaschemas.json"] {
    for (address, schema) in try JSON.parse(Conformance.bytes(folder + file)).members { all[address] = schema }
  }
  return all
}

/// The cases of a file that come out otherwise than they should, as `FILE: GROUP: TEST`.
private func failures(_ name: String, _ options: JSONSchema.Options) throws -> (failed: [String], count: Int) {
  var options = options
  options.draft = name.hasPrefix("draft7") ? .draft7 : .draft2020
  options.remotes = try remotes()
  let cases = try Conformance.lines("\(folder)\(name).jsonl")
  var failed: [String] = []
  var last: (schema: [UInt8], compiled: JSONSchema?)?
  for test in cases {
    let words = ["file", "group", "test"].map { test[$0]?.string ?? "" }.joined(separator: ": ")
    let schema = try #require(test["schema"])
    let data = try #require(test["data"])
    if last?.schema != schema.utf8 {
      do {
        last = (schema.utf8, try JSONSchema(schema, options))
      } catch {
        last = (schema.utf8, nil)
        failed.append("\(words): \(error)")
        continue
      }
    }
    guard let compiled = last?.compiled else {
      failed.append(words)
      continue
    }
    let isValid = compiled.isValid(data)
    if isValid != test["valid"]?.bool { failed.append(words) }
    // Both ways of asking agree.
    #expect(compiled.violations(in: data).isEmpty == isValid, "\(words)")
  }
  return (failed, cases.count)
}

@Suite("JSON Schema's test suite", .enabled(if: Conformance.isPresent, Conformance.absent))
struct JSONSchemaConformanceTests {
  @Test("every required case comes out right", arguments: ["draft2020-12", "draft7"])
  func required(name: String) throws {
    let (failed, count) = try failures(name, JSONSchema.Options())
    #expect(count > 900)
    #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
  }

  @Test(
    "of the optional cases at most a few known ones fail",
    arguments: [
      ("draft2020-12-optional", false, 0), ("draft7-optional", false, 4),
      ("draft2020-12-format", true, 0), ("draft7-format", true, 0),
    ])
  func optional(name: String, assertsFormat: Bool, known: Int) throws {
    let (failed, count) = try failures(name, JSONSchema.Options(assertsFormat: assertsFormat))
    #expect(count > 100)
    #expect(failed.count <= known, "\(failed.count) of \(count):\n\(failed.joined(separator: "\n"))")
  }
}
