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
     "$defs":{"line":{"type":"object","properties":{"name":{"type":"string","const":"x"}},"required":["name"],
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

  @Test("what is restricted to OpenAI's rules is within strict mode, and stays as it is")
  func strict() throws {
    let rules = OpenAIResponsesDialect.schemaRules
    let result = try JSONSchema.restricted(JSON.parse(sample), to: rules)
    #expect(result.isFaithful)
    let again = JSONSchema.restricted(result.schema, to: rules)
    #expect(again.schema == result.schema && again.notes.isEmpty, "\(again.notes)")
  }

  @Test("a schema goes into the provider's field, into words, or both, by what the model can", arguments: held)
  func structure(model: String, schema: String, field: String?, isStrict: Bool, isTold: Bool) throws {
    let slash = try #require(model.firstIndex(of: "/"))
    let target = try DialectSupport.target(
      String(model[..<slash]), String(model[model.index(after: slash)...]), baseURL: "http://127.0.0.1")
    let dialect = try #require(Dialects.dialect(target.provider.dialect)).init(target)
    let json = try JSON.parse(schema)
    var request = ModelRequest(system: "be brief", messages: [Message(.user, text: "hi")])
    request.schema = OutputSchema(schema: json)
    let sent = request.structured(for: target, dialect)
    #expect(try sent.schema?.schema == field.map { try JSON.parse($0) }, "\(sent.schema?.schema.text ?? "none")")
    if field != nil { #expect(sent.schema?.isStrict == isStrict) }
    #expect(sent.system?.hasPrefix("be brief") == true)
    #expect(sent.system?.contains("JSON Schema") == isTold)
    // What goes out is the same as what `encode` makes of it.
    _ = try dialect.encode(sent)
    request.schema = nil
    #expect(request.structured(for: target, dialect).system == "be brief")
  }

  @Test("a tool is strict where its schema loses nothing by it")
  func tools() throws {
    let closed: JSON = ["type": "object", "properties": ["a": ["type": "integer"]], "required": ["a"]]
    let open: JSON = ["type": "object", "properties": ["a": ["type": "integer"]]]
    for (parameters, isStrict) in [(closed, true), (open, false), (["type": "object"], false)] {
      var request = ModelRequest(messages: [Message(.user, text: "hi")])
      request.tools = [Tool(name: "t", description: "", parameters: parameters, isStrict: true)]
      let target = try DialectSupport.target("openai-chat", "gpt-6-luna", baseURL: "http://127.0.0.1")
      let function = try DialectSupport.body(OpenAIChatDialect(target).encode(request))["tools"]?[0]?["function"]
      #expect((function?["strict"]?.bool ?? false) == isStrict)
      if isStrict { #expect(function?["parameters"]?["additionalProperties"]?.bool == false) }
    }
  }
}

private let closed =
  #"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}"#
private let plain = #"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"#
private let map = #"{"type":"object","additionalProperties":{"type":"integer"}}"#
private let list = #"{"type":"array","items":{"type":"integer"}}"#
private let wrappedList =
  #"{"type":"object","properties":{"answer":{"type":"array","items":{"type":"integer"}}},"required":["answer"],"additionalProperties":false}"#

/// Model, schema, what stands in the provider's field, whether it is strict there, and whether words ask for it.
private let held: [(String, String, String?, Bool, Bool)] = [
  ("openai/gpt-6-luna", plain, closed, true, false),
  ("openai/gpt-6-luna", map, map, false, false),
  ("openai/gpt-6-luna", list, wrappedList, true, false),
  ("openai/of-tomorrow", plain, closed, true, false),
  ("openai/gpt-4-turbo", plain, nil, false, true),
  ("vllm/mine", map, map, false, true),
  ("deepseek/deepseek-flash", list, wrappedList, false, true),
  ("anthropic/claude-sonnet-5-5", plain, closed, true, false),
  ("anthropic/claude-sonnet-5-5", map, nil, false, true),
  ("anthropic/claude-3-5-haiku-latest", plain, nil, false, true),
  ("gemini/gemini-3.5-flash", map, map, true, false),
  ("ollama/llama3.2", plain, plain, true, true),
]
