// The keywords of a schema that is being rewritten, and the words that take the place of keywords.

/// Members of a schema in their order.
struct SchemaParts {
  var members: [(key: String, value: JSON)]

  init(_ members: [(key: String, value: JSON)]) { self.members = members }

  subscript(_ key: String) -> JSON? { members.last { $0.key == key }?.value }

  mutating func take(_ key: String) -> JSON? {
    defer { members.removeAll { $0.key == key } }
    return self[key]
  }

  /// Takes in what another schema asks for; false, and nothing taken, where a keyword of both says different things.
  mutating func merge(_ other: JSON) -> Bool {
    var merged = self
    for (key, value) in other.members {
      guard let mine = merged[key], mine != value else {
        if merged[key] == nil { merged.members.append((key, value)) }
        continue
      }
      let combined: JSON
      switch key {
      case "properties", "$defs", "definitions":
        for (name, schema) in value.members { if let known = mine[name], known != schema { return false } }
        combined = .object(
          mine.members.map { ($0.key, $0.value) }
            + value.members.filter { mine[$0.key] == nil }.map { ($0.key, $0.value) })
      case "required": combined = .array(Array(mine.elements) + value.elements.filter { !mine.elements.contains($0) })
      case "description", "title", "$comment", "examples", "default": combined = mine
      default: return false
      }
      merged.members[merged.members.lastIndex { $0.key == key } ?? 0].value = combined
    }
    self = merged
    return true
  }
}

extension SchemaWords {
  /// What a keyword asks for; nil for an annotation that asks for nothing.
  static func moved(_ keyword: String, _ value: JSON) -> String? {
    let text = value.string ?? value.text
    switch keyword {
    case "minimum": return "at least \(text)"
    case "maximum": return "at most \(text)"
    case "exclusiveMinimum": return "above \(text)"
    case "exclusiveMaximum": return "below \(text)"
    case "multipleOf": return "a multiple of \(text)"
    case "minLength": return value.int == 0 ? nil : "at least \(text) characters"
    case "maxLength": return "at most \(text) characters"
    case "pattern": return "matches the regular expression \(text)"
    case "format": return "in the format \(text)"
    case "minItems": return value.int == 0 ? nil : "at least \(text) items"
    case "maxItems": return "at most \(text) items"
    case "uniqueItems": return value.bool == true ? "without repeated items" : nil
    case "minProperties": return "at least \(text) properties"
    case "maxProperties": return "at most \(text) properties"
    case "default": return "by default \(value.text)"
    case "const", "enum", "type", "items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "if", "then", "else",
      "contains", "minContains", "maxContains", "patternProperties", "propertyNames", "dependentRequired",
      "dependentSchemas", "dependencies", "unevaluatedItems", "unevaluatedProperties", "additionalItems", "properties",
      "examples":
      return "\(keyword): \(value.text)"
    default: return nil
    }
  }

  /// A description with further words behind it.
  static func joined(_ description: String?, _ words: [String]) -> String? {
    let more = words.isEmpty ? nil : "(\(words.joined(separator: "; ")))"
    let parts = [description, more].compactMap { $0 }.filter { !$0.isEmpty }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}

/// Which references lead back to themselves.
enum SchemaReferences {
  static func isRecursive(_ reference: String, _ root: JSON) -> Bool {
    var seen: Set<String> = []
    var waiting = [reference]
    while let next = waiting.popLast() {
      guard let tokens = SchemaURI.tokens(SchemaURI.split(next).fragment ?? ""),
        let target = root.path(tokens)?.last
      else { continue }
      for found in references(below: target, isRoot: tokens.isEmpty) {
        if found == reference { return true }
        if seen.insert(found).inserted { waiting.append(found) }
      }
    }
    return false
  }

  /// All references at or below a schema; those of the definitions beside a root are not its own.
  private static func references(below schema: JSON, isRoot: Bool) -> [String] {
    var found: [String] = []
    let document = schema.document
    var index = schema.index
    let end = Int(document.nodes[index].next)
    var skipped: [Int: Int] = [:]
    if isRoot {
      for name in ["$defs", "definitions"] {
        if let definitions = schema[name] { skipped[definitions.index] = Int(document.nodes[definitions.index].next) }
      }
    }
    while index < end {
      if let next = skipped[index] {
        index = next
        continue
      }
      let json = JSON(document: document, index: index)
      if json.kind == .object, let reference = json["$ref"]?.string { found.append(reference) }
      index += 1
    }
    return found
  }
}
