// Arrays and objects. Members are walked once, each key looked up among the schema's names; what a member was looked at
// by (`properties`, `patternProperties`) decides whether `additionalProperties` concerns it.

extension SchemaEvaluator {
  mutating func check(
    _ keywords: ArrayKeywords, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var holds = checkSize(keywords, node, value)
    if !holds, !goesOn { return false }
    let count = Int(document.nodes[value].length)
    if keywords.isUnique, !areUnique(node, value) {
      holds = false
      if !goesOn { return false }
    }
    if !keywords.prefix.isEmpty || keywords.rest != nil {
      var element = value + 1
      for ordinal in 0..<count {
        guard let schema = ordinal < keywords.prefix.count ? keywords.prefix[ordinal] : keywords.rest else { break }
        seen.insert(ordinal)
        if program.nodes[schema].always == false {
          holds = failSurplus(keywords, node, element)
        } else if !checkElsewhere(schema, element) {
          holds = false
        }
        if !holds, !goesOn { return false }
        element = Int(document.nodes[element].next)
      }
      if keywords.rest != nil { seen.insertAll() }
    }
    if keywords.contains != nil, !contains(keywords, node, value, &seen) { holds = false }
    return holds
  }

  // What needs words stands in functions of its own: the frames of those that recurse stay small.

  @inline(never)
  private mutating func failSurplus(_ keywords: ArrayKeywords, _ node: SchemaNode, _ element: Int) -> Bool {
    fail(
      node, keywords.restKeyword, element,
      "must not be there: the array may have \(SchemaWords.count(keywords.prefix.count, "item", "items"))")
  }

  @inline(never)
  private mutating func checkSize(_ keywords: ArrayKeywords, _ node: SchemaNode, _ value: Int) -> Bool {
    var holds = true
    let count = Int(document.nodes[value].length)
    if let least = keywords.least, count < least {
      holds = fail(
        node, "minItems", value, "must have at least \(SchemaWords.count(least, "item", "items")), has \(count)")
      if !goesOn { return false }
    }
    if let most = keywords.most, count > most {
      holds = fail(
        node, "maxItems", value, "must have at most \(SchemaWords.count(most, "item", "items")), has \(count)")
      if !goesOn { return false }
    }
    return holds
  }

  private mutating func contains(
    _ keywords: ArrayKeywords, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    guard let schema = keywords.contains else { return true }
    var found = 0
    var element = value + 1
    for ordinal in 0..<Int(document.nodes[value].length) {
      var inner = SchemaEvaluated()
      if test(schema, element, &inner) {
        found += 1
        if keywords.containsEvaluates { seen.insert(ordinal) }
      }
      if isStopped { return false }
      element = Int(document.nodes[element].next)
    }
    if found < keywords.containsLeast {
      return fail(
        node, keywords.containsLeast == 1 ? "contains" : "minContains", value,
        "must have at least \(SchemaWords.count(keywords.containsLeast, "item", "items")) that fit 'contains', has \(found)"
      )
    }
    if let most = keywords.containsMost, found > most {
      return fail(
        node, "maxContains", value,
        "must have at most \(SchemaWords.count(most, "item", "items")) that fit 'contains', has \(found)")
    }
    return true
  }

  private mutating func areUnique(_ node: SchemaNode, _ value: Int) -> Bool {
    let count = Int(document.nodes[value].length)
    guard count > 1 else { return true }
    steps -= Int(document.nodes[value].next) - value
    var known: [[UInt8]: Int] = Dictionary(minimumCapacity: count)
    var element = value + 1
    for ordinal in 0..<count {
      let json = JSON(document: document, index: element)
      if let first = known.updateValue(ordinal, forKey: json.identity) {
        return fail(
          node, "uniqueItems", element, "must not repeat item \(first): \(SchemaWords.constant(json))")
      }
      element = Int(document.nodes[element].next)
    }
    return true
  }

  mutating func check(
    _ keywords: ObjectKeywords, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var holds = checkSize(keywords, node, value)
    if !holds, !goesOn { return false }
    if keywords.looksAtMembers, !members(keywords, node, value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    for (name, schema) in keywords.dependentSchemas where member(name, value) != nil {
      if !check(schema, value, &seen) {
        holds = false
        if !goesOn { return false }
      }
    }
    return holds
  }

  @inline(never)
  private mutating func checkSize(_ keywords: ObjectKeywords, _ node: SchemaNode, _ value: Int) -> Bool {
    var holds = true
    let count = Int(document.nodes[value].length)
    func words(_ bound: String, _ wanted: Int) -> String {
      "must have at \(bound) \(SchemaWords.count(wanted, "property", "properties")), has \(count)"
    }
    if let least = keywords.least, count < least {
      holds = fail(node, "minProperties", value, words("least", least))
      if !goesOn { return false }
    }
    if let most = keywords.most, count > most {
      holds = fail(node, "maxProperties", value, words("most", most))
      if !goesOn { return false }
    }
    for (name, others, keyword) in keywords.dependentRequired where member(name, value) != nil {
      for other in others where member(other, value) == nil {
        holds = fail(
          node, keyword, value,
          "must have the property \(SchemaWords.quoted(other)), since it has \(SchemaWords.quoted(name))")
        if !goesOn { return false }
      }
    }
    return holds
  }

  private func member(_ name: String, _ value: Int) -> Int? {
    var name = name
    return name.withUTF8 { document.member(UnsafeRawBufferPointer($0), of: value) }
  }

  private mutating func members(
    _ keywords: ObjectKeywords, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var holds = true
    var required = 0
    var key = value + 1
    for ordinal in 0..<Int(document.nodes[value].length) {
      let member = key + 1
      var isKnown = false
      if let place = document.withText(key, &scratch, { keywords.names.place(of: $0) }) {
        if keywords.isRequired[place] { required += 1 }
        let schema = keywords.nodes[place]
        if schema >= 0 {
          isKnown = true
          if !checkElsewhere(schema, member) { holds = false }
        }
      }
      for (pattern, schema) in keywords.patterns {
        guard let matches = matches(pattern, key) else { return stopped(pattern, node, member) }
        guard matches else { continue }
        isKnown = true
        if !checkElsewhere(schema, member) { holds = false }
      }
      if !holds, !goesOn { return false }
      if !isKnown, let additional = keywords.additional {
        isKnown = true
        if !checkUnknown(additional, "additionalProperties", keywords, node, value, key) { holds = false }
      }
      if isKnown { seen.insert(ordinal) }
      if let names = keywords.propertyNames, !checkElsewhere(names, key) { holds = false }
      if !holds, !goesOn { return false }
      key = Int(document.nodes[member].next)
    }
    if required < keywords.requiredCount {
      holds = false
      guard goesOn else { return false }
      failMissing(keywords, node, value)
    }
    return holds
  }

  @inline(never)
  private mutating func failMissing(_ keywords: ObjectKeywords, _ node: SchemaNode, _ value: Int) {
    for (place, name) in keywords.names.names.enumerated()
    where keywords.isRequired[place] && self.member(name, value) == nil {
      _ = fail(node, "required", value, "must have the property \(SchemaWords.quoted(name))")
    }
  }

  /// A member that no other keyword looked at.
  private mutating func checkUnknown(
    _ schema: Int, _ keyword: String, _ keywords: ObjectKeywords?, _ node: SchemaNode, _ object: Int, _ key: Int
  ) -> Bool {
    guard program.nodes[schema].always == false else { return checkElsewhere(schema, key + 1) }
    return goesOn && failUnknown(keyword, keywords, node, object, key)
  }

  @inline(never)
  private mutating func failUnknown(
    _ keyword: String, _ keywords: ObjectKeywords?, _ node: SchemaNode, _ object: Int, _ key: Int
  ) -> Bool {
    let known = (keywords?.names.names ?? []).filter { keywords?.nodes.isEmpty == false && !$0.isEmpty }
    let name = document.string(key)
    let missing = known.filter { member($0, object) == nil }
    var hint = EditDistance.suggestion(for: name, among: missing).map { " (did you mean \(SchemaWords.quoted($0))?)" }
    if hint == nil, !known.isEmpty, known.count <= 12 {
      hint = " (known: \(known.joined(separator: ", ")))"
    }
    return fail(
      node, keyword, object, at: key, "must not have the property \(SchemaWords.quoted(name))\(hint ?? "")")
  }

  mutating func unevaluated(_ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated) -> Bool {
    let tape = document.nodes[value]
    var holds = true
    if tape.kind == .object, let schema = node.unevaluatedProperties {
      var key = value + 1
      for ordinal in 0..<Int(tape.length) {
        if !seen.contains(ordinal),
          !checkUnknown(schema, "unevaluatedProperties", node.object, node, value, key)
        {
          holds = false
          if !goesOn { return false }
        }
        key = Int(document.nodes[key + 1].next)
      }
      seen.insertAll()
    }
    if tape.kind == .array, let schema = node.unevaluatedItems {
      var element = value + 1
      for ordinal in 0..<Int(tape.length) {
        if !seen.contains(ordinal), !checkElsewhere(schema, element) {
          holds = false
          if !goesOn { return false }
        }
        element = Int(document.nodes[element].next)
      }
      seen.insertAll()
    }
    return holds
  }
}
