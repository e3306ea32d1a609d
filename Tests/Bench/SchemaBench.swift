// Schema validation beside the Python package jsonschema, the reference most people know: one schema of an order and an
// answer of about 3 KB, compiled once on both sides, the values read beforehand.

import Formats
import Foundation

func schemaValidation(_: String) async throws -> [Row] {
  let value = try JSON.parse(orderText())
  let schema = try JSONSchema(JSON.parse(orderSchema), JSONSchema.Options(assertsFormat: false))
  guard schema.isValid(value) else { throw BenchError("the order is not valid: \(schema.violations(in: value))") }
  let script = """
    import json, sys, time, jsonschema
    schema, value = (json.loads(text) for text in open(sys.argv[1]).read().split("\\0"))
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(value)
    start = time.process_time()
    for _ in range(50): validator.is_valid(value)
    print((time.process_time() - start) / 50)
    """
  guard let python = Peers.python else { return [] }
  let input = [UInt8]((orderSchema + "\0" + orderText()).utf8)
  var ours: [Double] = []
  var theirs: [Double] = []
  for _ in 0..<5 {
    let start = Measure.threadSeconds
    for _ in 0..<2000 where !schema.isValid(value) { throw BenchError("a valid order was refused") }
    ours.append((Measure.threadSeconds - start) / 2000)
    let text = try Peers.output(python, script, input).trimmingCharacters(in: .whitespacesAndNewlines)
    guard let seconds = Double(text) else { throw BenchError("jsonschema is not there (make bench-peers)") }
    theirs.append(seconds)
  }
  let (mine, other) = (Measure.median(ours), Measure.median(theirs))
  func microseconds(_ value: Double) -> String { String(format: "%.1f µs", value * 1e6) }
  return [
    Row(
      "JSON Schema: \(value.utf8.count) bytes checked", microseconds(mine), "\(microseconds(other)) (jsonschema)",
      Measure.ratio(other / mine), "≥ 20")
  ]
}

private let orderSchema = ##"""
  {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
   "properties":{"id":{"type":"string","pattern":"^ord_[0-9a-f]{8}$"},
    "status":{"enum":["open","paid","shipped","cancelled"]},"total":{"type":"number","minimum":0},
    "customer":{"$ref":"#/$defs/person"},"lines":{"type":"array","minItems":1,"maxItems":100,
     "items":{"$ref":"#/$defs/line"}},"notes":{"type":["string","null"]}},
   "required":["id","status","total","customer","lines"],
   "$defs":{
    "person":{"type":"object","properties":{"name":{"type":"string","minLength":1},"email":{"type":"string"},
     "tags":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"required":["name"],
     "additionalProperties":false},
    "line":{"type":"object","properties":{"sku":{"type":"string","maxLength":20},"quantity":{"type":"integer",
      "minimum":1},"price":{"type":"number","multipleOf":0.01},
      "discount":{"anyOf":[{"type":"null"},{"type":"object","properties":{"percent":{"type":"integer","maximum":100}},
       "required":["percent"]}]}},"required":["sku","quantity","price"],"additionalProperties":false}}}
  """##

private func orderText() -> String {
  let lines = (0..<30).map { number in
    #"{"sku":"article-\#(1000 + number)","quantity":\#(number % 7 + 1),"price":\#(number).25,"#
      + #""discount":\#(number % 3 == 0 ? #"{"percent":10}"# : "null")}"#
  }
  return
    #"{"id":"ord_0123abcd","status":"paid","total":1234.5,"customer":{"name":"Ada Lovelace","email":"ada@example.com","#
    + #""tags":["new","b2b","north"]},"lines":[\#(lines.joined(separator: ","))],"notes":null}"#
}
