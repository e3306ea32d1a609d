// The door to JSON Schema: compiled once, then asked about as many values as there are. A value is first checked without
// a word, which is quick and mostly the end of it; only one that fails is looked at again for what is wrong with it.

/// A compiled JSON Schema (drafts 2020-12 and 7; 2019-09 but for its meta-schema; 4 and 6 read as 7).
///
///     let schema = try JSONSchema(JSON.parse(text))
///     for violation in schema.violations(in: answer) { print(violation.text) }
///     // /items/3/age: must be an integer, got "12"
///
/// References are never fetched: what they lead to outside the schema is given in ``Options/remotes``; the meta-schemas
/// of 2020-12 and 7 are known. Patterns are ECMA-262 (``RegularExpression``). `content…` keywords are annotations.
package struct JSONSchema: Sendable {
  package struct Options: Sendable {
    /// The draft of a schema that has no `$schema`.
    package var draft: SchemaDraft
    /// Whether `format` is checked; otherwise it is an annotation, as the drafts have it.
    package var assertsFormat: Bool
    /// Schemas that references may lead to, by address.
    package var remotes: [String: JSON]
    package var maximumErrors: Int
    /// Schemas applied, elements compared and steps of patterns (eight of those are one), beyond 64 for each node of
    /// the value; more is a violation.
    package var stepLimit: Int

    package init(
      draft: SchemaDraft = .draft2020, assertsFormat: Bool = false, remotes: [String: JSON] = [:],
      maximumErrors: Int = 20, stepLimit: Int = 1_000_000
    ) {
      self.draft = draft
      self.assertsFormat = assertsFormat
      self.remotes = remotes
      self.maximumErrors = max(1, maximumErrors)
      self.stepLimit = min(max(1, stepLimit), 1 << 40)
    }
  }

  /// The schema as it was given.
  package let source: JSON
  let program: SchemaProgram
  let options: Options

  /// Compiles a schema.
  ///
  /// - Throws: what cannot be a schema, with the place in it: a keyword's value of the wrong type, a pattern that is
  ///   none, a reference that leads nowhere or back to itself without end.
  package init(_ schema: JSON, _ options: Options = Options()) throws(FormatError) {
    source = schema
    self.options = options
    program = try SchemaCompiler.compile(schema, options)
  }

  /// Whether a value is valid; quicker than asking for the violations.
  package func isValid(_ value: JSON) -> Bool {
    guard let value = SchemaEvaluator.prepared(value) else { return false }
    var evaluator = SchemaEvaluator(program, value.document, options, collects: false)
    return evaluator.isValid(value.index)
  }

  /// What is wrong with a value, at most ``Options/maximumErrors``; nothing when it is valid.
  package func violations(in value: JSON) -> [SchemaViolation] {
    guard let prepared = SchemaEvaluator.prepared(value) else {
      return [SchemaViolation.tooDeep(value)]
    }
    var quick = SchemaEvaluator(program, prepared.document, options, collects: false)
    if quick.isValid(prepared.index) { return [] }
    var evaluator = SchemaEvaluator(program, prepared.document, options, collects: true)
    return evaluator.violations(of: prepared.index)
  }
}
