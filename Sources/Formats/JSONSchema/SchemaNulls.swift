// The way back from a restricted schema: nulls in the place of properties that were optional go, a wrapping object too.
// Only what the original schema says decides: a null that it accepts stays.

extension JSONSchema {
  /// An answer to the restricted schema as an answer to this one, to be checked against it.
  package func unrestricted(_ answer: JSON) -> JSON {
    guard let answer = SchemaEvaluator.prepared(answer) else { return answer }
    var nulls = SchemaNulls(self)
    let stripped = nulls.strip(answer, node: 0, depth: 0)
    if stripped.count == 1, let inner = stripped[JSONSchema.wrapper], !isValid(stripped) {
      let unwrapped = nulls.strip(inner, node: 0, depth: 0)
      return isValid(unwrapped) || program.nodes[0].types.isDisjoint(with: .object) ? unwrapped : stripped
    }
    return stripped
  }
}

private struct SchemaNulls {
  private let schema: JSONSchema
  private var budget = 100_000

  init(_ schema: JSONSchema) { self.schema = schema }

  private func isValid(_ value: JSON, node: Int) -> Bool {
    var evaluator = SchemaEvaluator(schema.program, value.document, schema.options, collects: false)
    return evaluator.isValid(value.index, node: node)
  }

  mutating func strip(_ value: JSON, node number: Int, depth: Int) -> JSON {
    budget -= 1
    guard budget > 0, depth < SchemaBounds.depth, value.hasNull else { return value }
    let node = schema.program.nodes[number]
    var value = value
    if let applicators = node.applicators {
      if let reference = applicators.reference { value = strip(value, node: reference, depth: depth + 1) }
      for branch in applicators.allOf { value = strip(value, node: branch, depth: depth + 1) }
      for branches in [applicators.anyOf, applicators.oneOf] {
        for branch in branches {
          let candidate = strip(value, node: branch, depth: depth + 1)
          guard isValid(candidate, node: branch) else { continue }
          value = candidate
          break
        }
      }
    }
    switch value.kind {
    case .array:
      guard let array = node.array else { return value }
      var elements: [JSON] = []
      for (ordinal, element) in value.elements.enumerated() {
        let schema = ordinal < array.prefix.count ? array.prefix[ordinal] : array.rest
        elements.append(schema.map { strip(element, node: $0, depth: depth + 1) } ?? element)
      }
      return value.rebuilt(elements: elements)
    case .object:
      guard let object = node.object else { return value }
      var members: [(key: Int, value: JSON)] = []
      var key = value.index + 1
      for _ in 0..<value.count {
        let member = JSON(document: value.document, index: key + 1)
        let place = value.document.utf8(key).withUnsafeBufferPointer { object.names.place(of: $0) }
        let schema = place.map { object.nodes[$0] } ?? object.additional ?? -1
        if schema < 0 {
          members.append((key, member))
        } else if member.isNull, let place, !object.isRequired[place], !isValid(member, node: schema) {
          // Left out.
        } else {
          members.append((key, strip(member, node: schema, depth: depth + 1)))
        }
        key = Int(value.document.nodes[key + 1].next)
      }
      return value.rebuilt(members: members)
    default: return value
    }
  }
}

extension JSON {
  fileprivate var hasNull: Bool {
    for index in index..<Int(node.next) where document.nodes[index].kind == .null { return true }
    return false
  }

  /// An array with other elements; positions are kept.
  fileprivate func rebuilt(elements: [JSON]) -> JSON {
    var builder = JSONBuilder(source: document.source ?? document.bytes)
    builder.beginArray(at: document.offset(of: index))
    for element in elements { builder.value(element) }
    builder.endContainer()
    return builder.finish()
  }

  /// An object with other values for some of its keys.
  fileprivate func rebuilt(members: [(key: Int, value: JSON)]) -> JSON {
    var builder = JSONBuilder(source: document.source ?? document.bytes)
    builder.beginObject(at: document.offset(of: index))
    for (key, value) in members {
      builder.key(document.string(key), at: document.offset(of: key))
      builder.value(value)
    }
    builder.endContainer()
    return builder.finish()
  }
}
