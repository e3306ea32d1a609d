// References and combinations. Where no branch of `anyOf` or `oneOf` fits, the nearest one speaks: the branch whose
// faults look least like a value meant for another branch.

extension SchemaEvaluator {
  mutating func check(
    _ keywords: Applicators, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var holds = true
    if let reference = keywords.reference, !check(reference, value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    if let reference = keywords.dynamicReference, !check(dynamicTarget(reference), value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    for schema in keywords.allOf where !check(schema, value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    if keywords.hasBranches, !branches(keywords, node, value, &seen) { holds = false }
    return holds
  }

  private mutating func branches(
    _ keywords: Applicators, _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var holds = true
    if !keywords.anyOf.isEmpty, !anyOf(keywords.anyOf, node, value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    if !keywords.oneOf.isEmpty, !oneOf(keywords.oneOf, node, value, &seen) {
      holds = false
      if !goesOn { return false }
    }
    if let schema = keywords.not, !not(schema, node, value, seen) {
      holds = false
      if !goesOn { return false }
    }
    if keywords.condition != nil, !condition(keywords, value, &seen) { holds = false }
    return holds
  }

  private mutating func not(_ schema: Int, _ node: SchemaNode, _ value: Int, _ seen: SchemaEvaluated) -> Bool {
    var inner = seen.empty()
    guard test(schema, value, &inner) else { return bound == nil }
    return failNot(node, value)
  }

  private mutating func condition(_ keywords: Applicators, _ value: Int, _ seen: inout SchemaEvaluated) -> Bool {
    guard let condition = keywords.condition else { return true }
    var inner = seen.empty()
    let isMet = test(condition, value, &inner)
    if isStopped { return false }
    if isMet { seen.formUnion(inner) }
    guard let schema = isMet ? keywords.then : keywords.otherwise else { return true }
    return check(schema, value, &seen)
  }

  @inline(never)
  private mutating func failNot(_ node: SchemaNode, _ value: Int) -> Bool {
    failGot(node, "not", value, "must not fit the schema under 'not'")
  }

  private mutating func anyOf(
    _ branches: [Int], _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var fits = false
    for branch in branches {
      var inner = seen.empty()
      if test(branch, value, &inner) {
        seen.formUnion(inner)
        fits = true
        // With notes to be taken, all branches that fit have a say.
        if !seen.isActive { return true }
      }
      if isStopped { return false }
    }
    return fits || explain(branches, "anyOf", node, value)
  }

  private mutating func oneOf(
    _ branches: [Int], _ node: SchemaNode, _ value: Int, _ seen: inout SchemaEvaluated
  ) -> Bool {
    var fitting: Int?
    for (ordinal, branch) in branches.enumerated() {
      var inner = seen.empty()
      if test(branch, value, &inner) {
        if let first = fitting {
          return failGot(
            node, "oneOf", value,
            "must fit one branch of 'oneOf' alone, fits the \(Self.ordinal(first)) and the "
              + "\(Self.ordinal(ordinal))")
        }
        fitting = ordinal
        seen.formUnion(inner)
      }
      if isStopped { return false }
    }
    return fitting != nil || explain(branches, "oneOf", node, value)
  }

  /// No branch fits: says so, and what is wrong with the nearest. Always false.
  private mutating func explain(_ branches: [Int], _ keyword: String, _ node: SchemaNode, _ value: Int) -> Bool {
    guard goesOn else { return false }
    if let types = wantedTypes(branches, value) {
      return failGot(node, keyword, value, "must be \(SchemaWords.types(types))")
    }
    // Unions within unions are explained so far; no one reads further, and no stack has to hold it.
    guard explanations < 16 else {
      return fail(node, keyword, value, "must fit a branch of '\(keyword)', fits none")
    }
    explanations += 1
    defer { explanations -= 1 }
    let kept = violations
    let wantedBefore = wanted
    defer { wanted = wantedBefore }
    var best: (score: Int, ordinal: Int, violations: [SchemaViolation])?
    for (ordinal, branch) in branches.enumerated().prefix(50) {
      violations = []
      wanted = 10
      _ = checkElsewhere(branch, value)
      if bound != nil { break }
      isStopped = false
      let score = distance(violations, from: path(value))
      if score < best?.score ?? .max { best = (score, ordinal, violations) }
    }
    violations = kept
    wanted = wantedBefore
    guard bound == nil, let best else { return false }
    if branches.count > 1 {
      report(
        node, keyword, value,
        "must fit \(keyword == "oneOf" ? "one" : "any") of the \(branches.count) branches of "
          + "'\(keyword)', fits none; what the nearest, the \(Self.ordinal(best.ordinal)), asks for follows")
    }
    for violation in best.violations where !isStopped {
      violations.append(violation)
      if violations.count >= wanted { isStopped = true }
    }
    return false
  }

  /// The types that the branches want between them, where that alone keeps the value out of each.
  private func wantedTypes(_ branches: [Int], _ value: Int) -> SchemaTypes? {
    var types: SchemaTypes = []
    let kind = JSON(document: document, index: value).kind
    for branch in branches {
      var node = program.nodes[branch]
      var hops = 0
      while node.types == .any, let reference = node.applicators?.reference, hops < 8 {
        node = program.nodes[reference]
        hops += 1
      }
      guard node.types != .any else { return nil }
      types.formUnion(node.types)
    }
    let bits: SchemaTypes =
      switch kind {
      case .null: .null
      case .bool: .boolean
      case .number: [.integer, .fraction]
      case .string: .string
      case .array: .array
      case .object: .object
      }
    return types.isDisjoint(with: bits) ? types : nil
  }

  /// How far a value is from a branch: of another type first, then with another constant in it (the tag of a union),
  /// then by the number of faults.
  private func distance(_ violations: [SchemaViolation], from path: String) -> Int {
    var distance = violations.count
    for violation in violations {
      if violation.instancePath == path, violation.keyword == "type" { distance += 10_000 }
      let depth = violation.instancePath.utf8.dropFirst(path.utf8.count).count { $0 == UInt8(ascii: "/") }
      if depth <= 1, violation.keyword == "const" || violation.keyword == "enum" { distance += 1000 }
      if violation.keyword == "additionalProperties" { distance += 1 }
    }
    return distance
  }

  private static func ordinal(_ number: Int) -> String {
    switch number {
    case 0: "1st"
    case 1: "2nd"
    case 2: "3rd"
    default: (number + 1) % 100 / 10 == 1 ? "\(number + 1)th" : ending(number + 1)
    }
  }

  private static func ending(_ number: Int) -> String {
    switch number % 10 {
    case 1: "\(number)st"
    case 2: "\(number)nd"
    case 3: "\(number)rd"
    default: "\(number)th"
    }
  }
}
