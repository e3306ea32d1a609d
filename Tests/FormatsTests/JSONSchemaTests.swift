// What the test suite does not ask: words and places of violations, what is refused as a schema, bounds.

import Testing

@testable import Formats

private func schema(_ text: String, _ options: JSONSchema.Options = .init()) throws -> JSONSchema {
  try JSONSchema(JSON.parse(text), options)
}

private func texts(_ schemaText: String, _ value: String) throws -> [String] {
  try schema(schemaText).violations(in: JSON.parse(value)).map(\.text)
}

private let wordings: [(String, String, [String])] = [
  (
    #"{"properties":{"items":{"items":{"properties":{"age":{"type":"integer"}}}}}}"#,
    #"{"items":[{},{"age":"12"}]}"#, [#"/items/1/age: must be an integer, got "12""#]
  ),
  (#"{"type":["string","null"]}"#, "[1]", ["(root): must be a string or null, got an array"]),
  (
    #"{"enum":["open","closed"]}"#, #""opne""#,
    [#"(root): must be one of "open", "closed", got "opne" (did you mean "open"?)"#]
  ),
  (#"{"const":{"a":1}}"#, "2", [#"(root): must be {"a":1}, got 2"#]),
  (#"{"required":["a","b"]}"#, #"{"b":1}"#, [#"(root): must have the property "a""#]),
  (
    #"{"properties":{"name":true,"age":true},"additionalProperties":false}"#, #"{"nmae":1}"#,
    [#"(root): must not have the property "nmae" (did you mean "name"?)"#]
  ),
  (
    #"{"minimum":0.1,"multipleOf":0.01}"#, "0.085",
    ["(root): must be at least 0.1, got 0.085", "(root): must be a multiple of 0.01, got 0.085"]
  ),
  (#"{"maxLength":2}"#, #""héé""#, ["(root): must have at most 2 characters, has 3"]),
  (#"{"pattern":"^a"}"#, #""b""#, [#"(root): must match the pattern ^a, got "b""#]),
  (#"{"minItems":2,"uniqueItems":true}"#, "[1]", ["(root): must have at least 2 items, has 1"]),
  (
    #"{"uniqueItems":true}"#, #"[{"a":1,"b":2},0,{"b":2.0,"a":1}]"#,
    [#"/2: must not repeat item 0: {"b":2.0,"a":1}"#]
  ),
  (#"{"properties":{"a/b":{"type":"null"}}}"#, #"{"a/b":"x\n"}"#, [#"/a~1b: must be null, got "x\n""#]),
  (
    #"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#,
    [#"(root): must have the property "b", since it has "a""#]
  ),
  (#"{"prefixItems":[true],"items":false}"#, "[1,2]", ["/1: must not be there: the array may have 1 item"]),
  (
    #"{"contains":{"type":"string"}}"#, "[1]",
    ["(root): must have at least 1 item that fit 'contains', has 0"]
  ),
  (#"{"not":{"type":"string"}}"#, #""x""#, [#"(root): must not fit the schema under 'not', got "x""#]),
  (
    #"{"oneOf":[{"minimum":1},{"maximum":3}]}"#, "2",
    ["(root): must fit one branch of 'oneOf' alone, fits the 1st and the 2nd, got 2"]
  ),
]

private let refusals: [(String, String)] = [
  (#"{"type":"strin"}"#, "1:9: there is no type 'strin' (did you mean 'string'?)"),
  (#"{"properties":[]}"#, "1:15: 'properties' must be an object of schemas"),
  (#"{"required":"a"}"#, "1:13: 'required' must be an array of property names"),
  (#"{"minLength":-1}"#, "1:14: 'minLength' must be a whole number from 0 on"),
  (#"{"multipleOf":0}"#, "1:15: 'multipleOf' must be a number above 0"),
  (#"{"pattern":"(a"}"#, "1:12: the pattern '(a' is not one"),
  (#"{"items":3}"#, "1:10: a schema must be an object, true or false"),
  (#"{"anyOf":[]}"#, "1:10: 'anyOf' must be an array of one schema or more"),
  (
    ##"{"$ref":"#/$defs/Persn","$defs":{"Person":{}}}"##,
    "1:9: the reference '#/$defs/Persn' leads nowhere (did you mean 'Person'?)"
  ),
  (
    #"{"$ref":"https://example.com/x"}"#,
    "1:9: the reference 'https://example.com/x' leads nowhere (schemas are not fetched; give 'https://example.com/x' along)"
  ),
  (##"{"$ref":"#"}"##, "1:1: the schema refers to itself without end"),
  (
    ##"{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/a"}]}}}"##,
    "the schema refers to itself without end"
  ),
  (#"{"$schema":"https://json-schema.org/draft/2020-12/schem"}"#, "1:12: the meta-schema"),
]

@Suite("JSON Schema") struct JSONSchemaTests {
  @Test(
    "a violation says where and what",
    arguments: wordings)
  func words(schemaText: String, value: String, expected: [String]) throws {
    #expect(try texts(schemaText, value) == expected)
  }

  @Test("of a union the branch of the same kind speaks")
  func nearest() throws {
    let union = #"""
      {"anyOf":[
        {"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"number"}},"required":["kind","radius"]},
        {"type":"object","properties":{"kind":{"const":"box"},"width":{"type":"number"}},"required":["kind","width"]},
        {"type":"string"}]}
      """#
    let found = try schema(union).violations(in: JSON.parse(#"{"kind":"box","width":"3"}"#))
    #expect(found.map(\.keyword) == ["anyOf", "type"])
    #expect(found.last?.text == #"/width: must be a number, got "3""#)
    #expect(found.last?.schemaPath == "#/anyOf/1/properties/width/type")
    #expect(found.first?.message.contains("the 2nd") == true)
    #expect(try texts(union, "7") == ["(root): must be a string or an object, got 7"])
  }

  @Test("a violation has its place in the file, and none in a value that was made")
  func positions() throws {
    let compiled = try schema(#"{"properties":{"a":{"type":"string"}},"additionalProperties":false}"#)
    let found = try compiled.violations(in: JSON.parse("{\n  \"a\": 1,\n  \"b\": 2\n}"))
    #expect(found.map { $0.position?.place } == ["2:8", "3:3"])
    #expect(compiled.violations(in: ["a": 1]).map { $0.position } == [nil])
  }

  @Test("paths start at the value that was asked about")
  func part() throws {
    let compiled = try schema(#"{"properties":{"x":{"type":"string"}}}"#)
    let whole = try JSON.parse(#"{"calls":[{"arguments":{"x":1}}]}"#)
    let part = try #require(whole["calls"]?[0]?["arguments"])
    #expect(compiled.violations(in: part).map(\.instancePath) == ["/x"])
  }

  @Test("there are at most as many violations as are wanted")
  func bounded() throws {
    let value = JSON.array((0..<100).map { .number($0) })
    #expect(try schema(#"{"items":{"type":"string"}}"#).violations(in: value).count == 20)
    let options = JSONSchema.Options(maximumErrors: 3)
    #expect(try schema(#"{"items":{"type":"string"}}"#, options).violations(in: value).count == 3)
  }

  @Test(
    "what cannot be a schema is refused with its place",
    arguments: refusals)
  func refused(text: String, expected: String) throws {
    let error = #expect(throws: FormatError.self) { try schema(text) }
    #expect(error?.text(file: "").dropFirst().contains(expected) == true, "\(error?.text(file: "") ?? "")")
  }

  @Test("unknown keywords are annotations")
  func unknown() throws {
    #expect(try schema(#"{"x-order":1,"example":"a","nullable":true}"#).isValid(3))
  }

  @Test("numbers beyond double's reach are compared by their digits")
  func numbers() throws {
    #expect(try schema(#"{"maximum":18446744073709551615}"#).isValid(JSON.parse("18446744073709551616")) == false)
    #expect(try schema(#"{"multipleOf":0.1}"#).isValid(JSON.parse("4.35e1")))
    #expect(try schema(#"{"multipleOf":0.1}"#).isValid(JSON.parse("0.3")))
    #expect(try schema(#"{"multipleOf":12345678901234567890123}"#).isValid(JSON.parse("24691357802469135780246")))
    #expect(
      try schema(#"{"multipleOf":12345678901234567890123}"#).isValid(JSON.parse("24691357802469135780247")) == false)
    #expect(try schema(#"{"type":"integer"}"#).isValid(JSON.parse("1e400")))
    #expect(try schema(#"{"const":9007199254740993}"#).isValid(JSON.parse("9007199254740992")) == false)
  }

  @Test("what would take forever ends with a violation")
  func bounds() throws {
    let options = JSONSchema.Options(stepLimit: 100_000)
    let evil = try schema(#"{"pattern":"^(a+)+\\1$"}"#, options)
    let found = evil.violations(in: .string(String(repeating: "a", count: 500) + "!"))
    #expect(found.map { $0.message.prefix(32) } == ["takes too many steps to match wi"])
    var doubled = ##"{"$defs":{"n0":{"type":"string"}"##
    for level in 1...40 {
      let below = ##"{"$ref":"#/$defs/n\##(level - 1)"}"##
      doubled += ##","n\##(level)":{"anyOf":[\##(below),\##(below)]}"##
    }
    let slow = try schema(doubled + ##"},"$ref":"#/$defs/n40"}"##, options)
    #expect(slow.isValid(1) == false)
    #expect(slow.violations(in: 1).last?.message.hasPrefix("takes more than 1000") == true)
  }

  @Test("a value deeper than the bound is refused, one at the bound is walked")
  func depth() throws {
    let list = try schema(##"{"type":"array","items":{"$ref":"#"}}"##)
    func nest(_ depth: Int) -> JSON {
      var builder = JSONBuilder()
      for _ in 0..<depth { builder.beginArray() }
      return builder.finish()
    }
    #expect(list.isValid(nest(500)))
    #expect(list.violations(in: nest(5000)).map(\.message) == ["must not be nested deeper than 512"])
  }

  @Test("schemas within schemas are walked to the bound, and refused behind it")
  func nestedSchemas() throws {
    func nest(_ depth: Int) throws -> JSON {
      try JSON.parse(String(repeating: #"{"not":"#, count: depth) + "true" + String(repeating: "}", count: depth))
    }
    let deep = try JSONSchema(nest(500))
    #expect(deep.isValid(1))
    #expect(try JSONSchema(nest(499)).violations(in: 1).count == 1)
    #expect(deep.restricted(to: SchemaRules(keywords: ["not"])).schema.text.count == deep.source.text.count - 2)
    // Plain references take no depth; a part of `allOf` does.
    for (open, close, expected) in [
      ("", "", #"(root): must be a string, got 1"#),
      (#""allOf":[{"#, "}]", "(root): takes schemas nested deeper than 1024"),
    ] {
      var chain = ##"{"$ref":"#/$defs/n0","$defs":{"end":{"type":"string"}"##
      for level in 0..<3000 {
        let next = level == 2999 ? "end" : "n\(level + 1)"
        chain += ##","n\##(level)":{\##(open)"$ref":"#/$defs/\##(next)"\##(close)}"##
      }
      #expect(try texts(chain + "}}", "1") == [expected])
    }
  }

  @Test("of a repeated key the last counts")
  func repeated() throws {
    let compiled = try schema(#"{"properties":{"a":{"type":"string"}},"maxProperties":1,"required":["a"]}"#)
    #expect(try compiled.isValid(JSON.parse(#"{"a":1,"a":"x"}"#)))
    let found = try compiled.violations(in: JSON.parse("{\"a\":\"x\",\n\"a\":1}"))
    #expect(found.map { $0.position?.place } == ["2:5"])
  }

  @Test("format is asserted where that is asked for")
  func format() throws {
    let text = #"{"format":"date"}"#
    #expect(try schema(text).isValid("soon"))
    let found = try schema(text, .init(assertsFormat: true)).violations(in: "soon")
    #expect(found.map(\.message) == [#"must be a date like 2026-01-31, got "soon""#])
  }

  @Test("the meta-schemas refuse what is no schema")
  func metaschema() throws {
    for address in ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"] {
      let meta = try schema(#"{"$ref":"\#(address)"}"#)
      #expect(meta.isValid(["properties": ["a": ["type": "string"]]]))
      #expect(
        meta.violations(in: ["properties": ["a": ["minLength": "x"]]]).map(\.instancePath)
          == ["/properties/a/minLength"])
    }
  }
}
