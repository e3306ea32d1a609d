// Schemas made to fit what providers accept, and answers brought back.

import Testing

@testable import Formats

/// The strictest rules there are, but for references.
private let strict = SchemaRules(
  keywords: ["type", "properties", "items", "anyOf", "enum", "const", "title", "format", "minItems"],
  formats: ["date"], largestMinItems: 1, closesObjects: true, requiresAllProperties: true, requiresObjectAtRoot: true,
  maximumDepth: 4, maximumProperties: 6, maximumEnumValues: 3)

private func restricted(
  _ text: String, _ change: (inout SchemaRules) -> Void = { _ in }
) throws -> RestrictedSchema {
  var rules = strict
  change(&rules)
  return try JSONSchema(JSON.parse(text)).restricted(to: rules)
}

private let rewritings: [(String, String)] = [
  (
    #"{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"type":"string"},"b":{"type":"integer","minimum":1}},"required":["b"]}"#,
    #"{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"integer","description":"(at least 1)"}},"required":["a","b"],"additionalProperties":false}"#
  ),
  (
    #"{"type":"object","properties":{"s":{"type":"string","description":"a name","minLength":1,"maxLength":9,"pattern":"^a","format":"email","default":"a"}},"required":["s"]}"#,
    #"{"type":"object","properties":{"s":{"type":"string","description":"a name (at least 1 characters; at most 9 characters; matches the regular expression ^a; in the format email; by default \"a\")"}},"required":["s"],"additionalProperties":false}"#
  ),
  (
    #"{"type":"object","properties":{"d":{"oneOf":[{"type":"string","format":"date"},{"type":"null"}]}},"required":["d"]}"#,
    #"{"type":"object","properties":{"d":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}},"required":["d"],"additionalProperties":false}"#
  ),
  (
    ##"{"allOf":[{"$ref":"#/$defs/a"},{"properties":{"y":{"type":"integer"}},"required":["y"]}],"$defs":{"a":{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]}}}"##,
    #"{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"integer"}},"required":["x","y"],"additionalProperties":false,"$defs":{"a":{"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false}}}"#
  ),
  (
    ##"{"type":"object","properties":{"next":{"$ref":"#"}}}"##,
    ##"{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}"##
  ),
  (
    #"{"type":"array","minItems":1,"items":{"type":"string","enum":["a"]}}"#,
    #"{"type":"object","properties":{"answer":{"type":"array","minItems":1,"items":{"type":"string","enum":["a"]}}},"required":["answer"],"additionalProperties":false}"#
  ),
]

private let answers: [(String, String, String)] = [
  (#"{"properties":{"a":{"type":"string"},"b":{"type":["string","null"]}}}"#, #"{"a":null,"b":null}"#, #"{"b":null}"#),
  (#"{"properties":{"a":{"type":"string"}},"required":["a"]}"#, #"{"a":null}"#, #"{"a":null}"#),
  (
    ##"{"properties":{"l":{"items":{"$ref":"#/$defs/p"}}},"$defs":{"p":{"properties":{"x":{"type":"integer"}}}}}"##,
    #"{"l":[{"x":null},{"x":1}]}"#, #"{"l":[{},{"x":1}]}"#
  ),
  (
    #"{"oneOf":[{"properties":{"k":{"const":1},"x":{"type":"null"}},"required":["k","x"]},{"properties":{"k":{"const":2},"x":{"type":"string"}},"required":["k"]}]}"#,
    #"{"k":2,"x":null}"#, #"{"k":2}"#
  ),
  (
    #"{"oneOf":[{"properties":{"k":{"const":1},"x":{"type":"null"}},"required":["k","x"]},{"properties":{"k":{"const":2},"x":{"type":"string"}},"required":["k"]}]}"#,
    #"{"k":1,"x":null}"#, #"{"k":1,"x":null}"#
  ),
  (#"{"type":"array","items":{"properties":{"x":{"type":"integer"}}}}"#, #"{"answer":[{"x":null}]}"#, "[{}]"),
  (#"{"type":"object","properties":{"answer":{"type":"string"}}}"#, #"{"answer":"a"}"#, #"{"answer":"a"}"#),
]

@Suite("restricted schemas") struct JSONSchemaRestrictionTests {
  @Test("a schema is rewritten to what is accepted", arguments: rewritings)
  func rewriting(text: String, expected: String) throws {
    let result = try restricted(text)
    #expect(try result.schema == JSON.parse(expected), "\(result.schema.text)")
    _ = try JSONSchema(result.schema)
    // What is restricted already stays as it is.
    let again = try JSONSchema(result.schema).restricted(to: strict).schema
    #expect(again == result.schema, "\(again.text)")
  }

  @Test("what is given up is told")
  func notes() throws {
    let result = try restricted(
      #"{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}},"n":{"type":"number","maximum":5}},"required":["m","n"]}"#
    )
    #expect(
      result.notes == [
        "/properties/m: further properties cannot be asked for: the object stays empty",
        "/properties/n: 'maximum' moves into the description",
      ])
    let deep = try restricted(
      #"{"type":"object","properties":{"a":{"properties":{"b":{"properties":{"c":{"properties":{"d":{"enum":[1,2,3,4]}}}}}}}}}"#
    )
    #expect(deep.notes.contains("/properties/a/properties/b/properties/c/properties/d: is nested deeper than 4"))
    #expect(deep.notes.contains("(root): has 4 enum values, 3 are accepted"))
  }

  @Test(
    "what would make right answers impossible is told apart from what only weakens the schema",
    arguments: [
      (#"{"type":"object","properties":{"n":{"type":"number","maximum":5}}}"#, true),
      (#"{"type":"object","properties":{"n":{"type":"number"}},"additionalProperties":true}"#, true),
      (#"{"type":"object","properties":{"n":{}}}"#, false),
      (#"{"type":"object","properties":{"n":true}}"#, false),
      (#"{"type":"object","properties":{"m":{"type":"object"}}}"#, false),
      (#"{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}}}"#, false),
      (#"{"type":"object","properties":{"m":false}}"#, false),
      (#"{"type":"object","properties":{"m":{"enum":[1,2,3,4]}}}"#, false),
      (#"{"type":"object","properties":{"m":{"type":["string","null"]},"n":{"type":["string","null"]}}}"#, false),
    ])
  func faithful(text: String, isFaithful: Bool) throws {
    let result = try restricted(text) {
      $0.requiresType = true
      $0.maximumUnions = 1
    }
    #expect(result.isFaithful == isFaithful, "\(result.notes)")
  }

  @Test("a whole that is wrapped keeps its references to itself")
  func wrappedRecursion() throws {
    let text =
      ##"{"anyOf":[{"type":"string"},{"type":"array","items":{"$ref":"#"}},{"$ref":"#/anyOf/0"},{"$ref":"#/$defs/d"}],"$defs":{"d":{"type":"null"}}}"##
    let wire = try JSONSchema(restricted(text).schema)
    let wrapped = try JSONSchema(JSONSchema.ofObject(JSON.parse(text)))
    for schema in [wire, wrapped] {
      #expect(try schema.isValid(JSON.parse(#"{"answer":["a",["b",[]],null]}"#)), "\(schema.source.text)")
      #expect(try !schema.isValid(JSON.parse(#"{"answer":["a",[1]]}"#)))
    }
    let object: JSON = ["type": "object"]
    #expect(JSONSchema.ofObject(object) == object)
  }

  @Test(
    "literals get the type that they have, or lose it, and are scalars",
    arguments: [
      (SchemaRules.Literals.asGiven, #"{"enum":["a",[1]]}"#, #"{"enum":["a",[1]]}"#),
      (.scalarsWithType, #"{"enum":["a",null,2]}"#, #"{"type":["string","null","integer"],"enum":["a",null,2]}"#),
      (.scalarsWithType, #"{"const":true}"#, #"{"type":"boolean","const":true}"#),
      (.scalarsWithType, #"{"const":[1]}"#, #"{"description":"(const: [1])"}"#),
      (.scalarsAlone, #"{"type":"string","enum":["a"]}"#, #"{"enum":["a"]}"#),
      (.scalarsAlone, #"{"type":"array","enum":[[1]]}"#, #"{"type":"array","description":"(enum: [[1]])"}"#),
    ])
  func literals(rule: SchemaRules.Literals, text: String, expected: String) throws {
    let result = try restricted(text) {
      $0.literals = rule
      $0.requiresObjectAtRoot = false
    }
    #expect(try result.schema == JSON.parse(expected), "\(result.schema.text)")
  }

  @Test("where references are not accepted what they mean takes their place, and recursion ends")
  func references() throws {
    let text =
      ##"{"type":"object","properties":{"p":{"$ref":"#/$defs/p"},"t":{"$ref":"#/$defs/t"}},"required":["p","t"],"$defs":{"p":{"type":"string"},"t":{"type":"object","properties":{"t":{"$ref":"#/$defs/t"}}}}}"##
    let result = try restricted(text) { $0.allowsReferences = false }
    #expect(result.schema["properties"]?["p"] == ["type": "string"])
    #expect(result.schema["$defs"] == nil)
    #expect(result.schema.text.contains("$ref") == false)
    #expect(result.notes.contains { $0.contains("refers to itself") })
    let kept = try restricted(text) { $0.allowsRecursion = false }
    #expect(kept.schema["properties"]?["p"] == ["$ref": "#/$defs/p"])
    #expect(kept.notes.contains { $0.contains("refers to itself") })
  }

  @Test("nulls in the place of what was left out go, others stay", arguments: answers)
  func answer(schema: String, answer: String, expected: String) throws {
    let compiled = try JSONSchema(JSON.parse(schema))
    let result = try compiled.unrestricted(JSON.parse(answer))
    #expect(try result == JSON.parse(expected), "\(result.text)")
  }

  @Test("a valid answer to the restricted schema is one to the original")
  func roundTrip() throws {
    let original = try JSONSchema(
      JSON.parse(
        #"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0},"tags":{"type":"array","items":{"enum":["a","b"]}}},"required":["name"]}"#
      ))
    let wire = try JSONSchema(original.restricted(to: strict).schema)
    let answer = try JSON.parse(#"{"name":"x","age":null,"tags":null}"#)
    #expect(wire.violations(in: answer).isEmpty)
    #expect(original.isValid(answer) == false)
    #expect(original.isValid(original.unrestricted(answer)))
  }

  @Test("references within references end")
  func bounded() throws {
    var text = ##"{"type":"object","properties":{"x":{"$ref":"#/$defs/n30"}},"$defs":{"n0":{"type":"string"}"##
    for level in 1...30 {
      let below = ##"{"$ref":"#/$defs/n\##(level - 1)"}"##
      text += #","n\#(level)":{"type":"object","properties":{"a":\#(below),"b":\#(below)}}"#
    }
    let result = try restricted(text + "}}") { $0.allowsReferences = false }
    #expect(result.notes.contains("(root): is too large to be restricted as a whole"))
  }
}
