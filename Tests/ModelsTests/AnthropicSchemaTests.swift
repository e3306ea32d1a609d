// Schemas as Anthropic takes them.

import Formats
import Testing

@testable import Models

@Suite("Anthropic dialect: schemas") struct AnthropicSchemaTests {
  @Test(
    "objects are closed, and what cannot be enforced moves into the description",
    arguments: [
      (
        #"{"type":"object","properties":{"a":{"type":"integer","minimum":1,"description":"n"}},"required":["a"]}"#,
        #"{"type":"object","properties":{"a":{"type":"integer","description":"n\n\n{minimum: 1}"}},"additionalProperties":false,"required":["a"]}"#
      ),
      (
        #"{"type":"array","minItems":2,"items":{"type":["object","null"]}}"#,
        #"{"type":"array","items":{"type":["object","null"],"properties":{},"additionalProperties":false},"description":"{minItems: 2}"}"#
      ),
      (#"{"type":"array","minItems":1}"#, #"{"type":"array","minItems":1}"#),
      (
        #"{"oneOf":[{"type":"string","format":"date"},{"type":"string","format":"hex"}]}"#,
        #"{"anyOf":[{"type":"string","format":"date"},{"type":"string","description":"{format: \"hex\"}"}]}"#
      ),
      (
        ##"{"$schema":"x","$ref":"#/$defs/A","$defs":{"A":{"enum":["b"],"type":"string"}}}"##,
        ##"{"$defs":{"A":{"type":"string","enum":["b"]}},"$ref":"#/$defs/A"}"##
      ),
      ("true", "true"),
    ])
  func restricted(schema: String, sent: String) throws {
    #expect(try AnthropicSchema.restricted(JSON.parse(schema)) == JSON.parse(sent))
  }
}
