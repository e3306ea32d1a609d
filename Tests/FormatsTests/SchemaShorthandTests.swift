// The one-line schemas, and picoschema by the public cases of dotprompt.

import Testing

@testable import Formats

/// Shorthand and the JSON Schema of its properties.
private let meanings: [(String, String)] = [
  ("name", #"{"name":{"type":"string"}}"#),
  (
    "name, age int, bio: a short bio",
    #"""
    {"name":{"type":"string"},"age":{"type":"integer"},"bio":{"type":"string","description":"a short bio"}}
    """#
  ),
  (
    "name: the name, in full\nage int: years\n\nok bool\n",
    #"""
    {"name":{"type":"string","description":"the name, in full"},"age":{"type":"integer","description":"years"},
     "ok":{"type":"boolean"}}
    """#
  ),
  ("age? int", #"{"age":{"type":["integer","null"]}}"#),
  (
    "tags [str], scores [float], rows [[int]], free []",
    #"""
    {"tags":{"type":"array","items":{"type":"string"}},"scores":{"type":"array","items":{"type":"number"}},
     "rows":{"type":"array","items":{"type":"array","items":{"type":"integer"}}},
     "free":{"type":"array","items":{"type":"string"}}}
    """#
  ),
  (
    "status (open|in review|closed): where it stands",
    #"""
    {"status":{"type":"string","enum":["open","in review","closed"],"description":"where it stands"}}
    """#
  ),
  ("level? (low|high)", #"{"level":{"type":["string","null"],"enum":["low","high",null]}}"#),
  (
    "author {name, email?}: who",
    #"""
    {"author":{"type":"object","properties":{"name":{"type":"string"},"email":{"type":["string","null"]}},
     "required":["name","email"],"additionalProperties":false,"description":"who"}}
    """#
  ),
  (
    "people [{name, age int}]",
    #"""
    {"people":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
     "age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}}}
    """#
  ),
  ("größe float, any any", #"{"größe":{"type":"number"},"any":{}}"#),
]

private let faults: [(String, String)] = [
  ("", "1:1: schema: a schema has one field at least (like 'name, age int')"),
  ("name, age integr", "1:11: schema: there is no type 'integr' (did you mean 'integer'?)"),
  ("a, b, a", "1:7: schema: the field 'a' is there twice"),
  ("tags list", "1:6: schema: there is no type 'list' (did you mean '[str]'?)"),
  ("tags [str", "1:6: schema: '[' is not closed"),
  ("a {b, c", "1:3: schema: '{' is not closed"),
  ("s (a|", "1:3: schema: '(' is not closed"),
  ("s (a||b)", "1:6: schema: a choice is empty (like '(open|closed)')"),
  (": text", "1:1: schema: a field must start with a name, not ':' (like 'age int: in years')"),
  ("a\nb int x\nc", "2:7: schema: after the type of 'b' comes ':', a comma or the end, not 'x'"),
]

@Suite("the schema shorthand") struct SchemaShorthandTests {
  @Test("a line of fields means a closed object", arguments: meanings)
  func meaning(text: String, properties: String) throws {
    let schema = try SchemaShorthand.schema(text)
    let expected = try JSON.parse(properties)
    #expect(schema["properties"] == expected, "\(schema.text)")
    #expect(schema["required"]?.elements.compactMap(\.string) == expected.keys)
    #expect(schema["additionalProperties"]?.bool == false)
    _ = try JSONSchema(schema)
  }

  @Test("lines may end in CRLF, within braces too")
  func lines() throws {
    let schema = try SchemaShorthand.schema("author {\r\n  name: full\r\n  born? date\r\n}\r\nyear int\r\n")
    #expect(schema["properties"]?.keys == ["author", "year"])
    #expect(schema["properties"]?["author"]?["properties"]?.keys == ["name", "born"])
    #expect(schema["properties"]?["author"]?["properties"]?["name"]?["description"]?.string == "full")
  }

  @Test("several answers are the items of an object")
  func list() throws {
    let schema = try SchemaShorthand.schema("name", isList: true)
    let compiled = try JSONSchema(schema)
    #expect(try compiled.isValid(JSON.parse(#"{"items":[{"name":"a"},{"name":"b"}]}"#)))
    #expect(try compiled.isValid(JSON.parse(#"[{"name":"a"}]"#)) == false)
  }

  @Test("what is wrong is told with line and column", arguments: faults)
  func fault(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try SchemaShorthand.schema(text) }
    #expect(error?.text(file: "").dropFirst().hasPrefix(expected) == true, "\(error?.text(file: "") ?? "")")
  }

  @Test("no text crashes the reader")
  func fuzz() {
    var random = SplitMix64(7)
    let alphabet = Array("ab ?:,|()[]{}\n\"é-int".unicodeScalars)
    for _ in 0..<5000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<24, using: &random) {
        text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
      }
      if let schema = try? SchemaShorthand.schema(String(text)) { #expect((try? JSONSchema(schema)) != nil) }
    }
    #expect((try? SchemaShorthand.schema(String(repeating: "a{", count: 100_000))) == nil)
  }
}

/// The picoschema notations of dotprompt's `picoschema.yaml`, as JSON, with the schema named in some.
private let notations: [String: String] = [
  "simple_scalar_no_description": #""string""#,
  "simple_scalar_description": #""number, the description""#,
  "simple_scalar_description_no_whitespace": #""number,the description""#,
  "simple_scalar_description_with_commas": #""number,the description, which has, multiple commas""#,
  "simple_scalar_description_extra_whitespace": #""number,    the description""#,
  "simple_object": #"{"field1":"boolean","field2":"string"}"#,
  "required_field": #"{"req":"string, required field","nonreq?":"boolean, optional field"}"#,
  "array_of_scalars": #"{"tags(array, list of tags)":"string, the tag","vector(array)":"number"}"#,
  "nested_object_in_array_and_out":
    #"{"obj?(object, a nested object)":{"nest1?":"string"},"arr(array, array of objects)":{"nest2?":"boolean"}}"#,
  "simple_json_schema_type": #"{"type":"string"}"#,
  "inferred_json_schema_from_properties": #"{"properties":{"foo":{"type":"string"}}}"#,
  "enum_field": #"{"color?(enum, the enum)":["RED","BLUE","GREEN"]}"#,
  "any_field": #"{"first":"any","second?":"any, could be anything"}"#,
  "wildcard_fields_with_other_fields": #"{"otherField":"string, another string","(*)":"any, whatever you want"}"#,
  "wildcard_fields_without_other_fields": #"{"(*)":"number, lucky number"}"#,
  "named_schema_override_description": #""Foo, an overridden foo""#,
  "nested_named_schema": #"{"foo":"Foo","foo2?":"Foo, this one is optional"}"#,
]

@Suite("picoschema") struct PicoschemaTests {
  @Test("every public case comes out as it should", .enabled(if: Conformance.isPresent, Conformance.absent))
  func cases() throws {
    var seen = 0
    for test in try Conformance.lines("dotprompt/cases.jsonl") where test["file"]?.string == "picoschema.yaml" {
      guard let name = test["group"]?.string, let notation = notations[name] else { continue }
      seen += 1
      let expected = try #require(test["expect"]?["output"]?["schema"])
      let named = Dictionary(
        uniqueKeysWithValues: (test["schemas"]?.members.map { ($0.key, $0.value) } ?? []))
      let schema = try Picoschema.schema(JSON.parse(notation), named: named)
      #expect(schema == expected, "\(name): \(schema.text)")
    }
    #expect(seen == notations.count)
  }

  @Test(
    "what is wrong has its place",
    arguments: [
      (#"{"a":"strng"}"#, "1:6: there is no type 'strng' (did you mean 'string'?)"),
      (#"{"a(arry)":"string"}"#, "1:2: there is no field type '(arry)' (did you mean '(array)'?)"),
      (#"{"a(array":"string"}"#, "1:2: '(' in 'a(array' is not closed"),
      (#"{"a(enum)":"x"}"#, "1:12: an (enum) has an array of its values"),
      (#"{"a":[1]}"#, "1:6: a schema must be the name of a type or an object of fields"),
      (#"{"a":"string","a?":"string"}"#, "1:15: the field 'a' is there twice"),
    ])
  func fault(text: String, expected: String) {
    let error = #expect(throws: FormatError.self) { try Picoschema.schema(JSON.parse(text)) }
    #expect(error?.text(file: "").dropFirst() == expected[...], "\(error?.text(file: "") ?? "")")
  }
}
