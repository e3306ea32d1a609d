// The providers' rules for schemas, on a schema with a bit of everything.

import Formats
import Testing

@testable import Models

private let sample = #"""
  {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","title":"Order",
   "properties":{"id":{"type":"integer","minimum":1},"note":{"type":"string","maxLength":80,"format":"uri"},
    "lines":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/line"}}},
   "required":["id","lines"],
   "$defs":{"line":{"type":"object","properties":{"name":{"const":"x"}},"required":["name"]}}}
  """#

private let expectations: [(String, SchemaRules, String)] = [
  (
    "openai", OpenAIChatDialect.schemaRules,
    #"""
    {"type":"object","title":"Order","properties":{"id":{"type":"integer","minimum":1},
     "note":{"type":["string","null"],"description":"(at most 80 characters; in the format uri)"},
     "lines":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/line"}}},
     "$defs":{"line":{"type":"object","properties":{"name":{"const":"x"}},"required":["name"],
      "additionalProperties":false}},
     "required":["id","note","lines"],"additionalProperties":false}
    """#
  ),
  (
    "anthropic", AnthropicDialect.schemaRules,
    #"""
    {"type":"object","title":"Order","properties":{"id":{"type":"integer","description":"(at least 1)"},
     "note":{"type":"string","format":"uri","description":"(at most 80 characters)"},
     "lines":{"type":"array","items":{"$ref":"#/$defs/line"},"description":"(at least 2 items)"}},
     "$defs":{"line":{"type":"object","properties":{"name":{"const":"x"}},"required":["name"],
      "additionalProperties":false}},
     "required":["id","lines"],"additionalProperties":false}
    """#
  ),
  (
    "gemini", GeminiDialect.schemaRules,
    #"""
    {"type":"object","title":"Order","properties":{"id":{"type":"integer","minimum":1},
     "note":{"type":"string","format":"uri","description":"(at most 80 characters)"},
     "lines":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/line"}}},
     "$defs":{"line":{"type":"object","properties":{"name":{"enum":["x"]}},"required":["name"]}},
     "required":["id","lines"]}
    """#
  ),
]

@Suite("the providers' rules for schemas") struct SchemaRulesTests {
  @Test("a schema becomes what each provider takes", arguments: expectations)
  func restricted(name: String, rules: SchemaRules, expected: String) throws {
    let result = try JSONSchema(JSON.parse(sample)).restricted(to: rules)
    #expect(try result.schema == JSON.parse(expected), "\(name): \(result.schema.text)")
  }

  @Test("what is restricted to OpenAI's rules is within strict mode")
  func strict() throws {
    let result = try JSONSchema(JSON.parse(sample)).restricted(to: OpenAIResponsesDialect.schemaRules)
    #expect(OpenAIStrictSchema.accepts(result.schema))
  }
}
