// Minimal instances of schemas, against instances written by hand.

import Formats
import Testing

@testable import Models

struct BuiltinSchemaTests {
  @Test(
    "the smallest instance of a schema",
    arguments: [
      (##"{}"##, "\"\""), (##"true"##, "\"\""), (##"{"type":"null"}"##, "null"), (##"{"type":"boolean"}"##, "false"),
      (##"{"type":"integer"}"##, "0"), (##"{"type":"integer","minimum":3}"##, "3"),
      (##"{"type":"integer","exclusiveMinimum":3}"##, "4"), (##"{"type":"integer","maximum":-2}"##, "-2"),
      (##"{"type":"integer","minimum":5,"multipleOf":4}"##, "8"), (##"{"type":"number","minimum":0.5}"##, "0.5"),
      (##"{"type":"number","exclusiveMinimum":0,"maximum":1}"##, "0.5"),
      (##"{"type":"integer","minimum":-5,"maximum":-3}"##, "-5"),
      (##"{"type":"string","minLength":3}"##, ##""xxx""##),
      (##"{"type":"string","format":"date"}"##, ##""2000-01-01""##),
      (##"{"enum":["b","a"]}"##, ##""b""##), (##"{"const":{"x":1}}"##, ##"{"x":1}"##),
      (##"{"default":7,"type":"integer"}"##, "7"),
      (##"{"default":"seven","type":"integer"}"##, "0"), (##"{"type":["null","string"]}"##, "null"),
      (
        ##"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["b"]}"##,
        ##"{"b":null}"##
      ),
      (##"{"type":"object","required":["z"]}"##, ##"{"z":""}"##), (##"{"type":"array"}"##, "[]"),
      (##"{"type":"array","minItems":2,"items":{"type":"boolean"}}"##, "[false,false]"),
      (##"{"minItems":3,"uniqueItems":true,"items":{"type":"integer"}}"##, "[0,1,2]"),
      (##"{"prefixItems":[{"const":1},{"const":2}],"minItems":2}"##, "[1,2]"),
      (##"{"anyOf":[{"type":"integer","minimum":2},{"type":"null"}]}"##, "2"),
      (##"{"oneOf":[false,{"const":3}]}"##, "3"),
      (
        ##"{"allOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}},"required":["b"]}]}"##,
        ##"{"a":1,"b":2}"##
      ),
      (##"{"enum":[1,2,3],"allOf":[{"enum":[3,2]}]}"##, "2"),
      (##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"const":9}}}"##, "9"),
      (
        ##"{"$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["next"]}},"$ref":"#/$defs/n"}"##,
        ##"{"next":null}"##
      ),
    ] as [(String, String)])
  func instance(schema: String, expected: String) throws {
    #expect(try SchemaInstance.json(of: JSON.parse(schema), filling: "") == expected)
  }

  @Test(
    "a schema without an instance is refused",
    arguments: [
      ##"false"##, ##"{"$ref":"#"}"##, ##"{"$ref":"https://example.com/a"}"##,
      ##"{"type":"integer","minimum":3,"maximum":2}"##,
      ##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##,
      ##"{"type":"string","allOf":[{"type":"null"}]}"##,
      ##"{"type":"array","minItems":1000000}"##,
    ])
  func none(schema: String) async throws {
    var request = ModelRequest(messages: [Message(.user, text: "x")])
    request.schema = OutputSchema(schema: try JSON.parse(schema))
    #expect(await ask("echo", request).error?.kind == .badRequest)
  }

  @Test("free strings are cut to the longest length that is allowed")
  func lengths() throws {
    let schema = try JSON.parse(##"{"type":"string","maxLength":2}"##)
    #expect(try SchemaInstance.json(of: schema, filling: "äöü") == ##""äö""##)
  }
}
