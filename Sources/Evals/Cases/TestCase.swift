// A test of a suite: variables, what is asserted, and what it changes of how it is asked.

import Formats
import Storage

/// A test.
package struct TestCase: Sendable {
  /// Its own, where the file gives one.
  package var id: String?
  package var description: String?
  /// An object.
  package var vars: JSON = .object([])
  package var assertions: [Assertion] = []
  package var threshold: Double?
  package var options = TestOptions()
  package var metadata: JSON?
  /// Labels of the providers and prompts that it is meant for; nil for all.
  package var providers: [String]?
  package var prompts: [String]?
  /// Graded in place of an answer: nobody is asked.
  package var output: JSON?
  /// It is a row of a prompt file's own, which its evaluators judge besides.
  package var isOwn = false
  package var file = SuiteFile(name: "", directory: "")

  package init() {}

  /// With the defaults of the suite behind it: its assertions come first, and what a test says wins.
  package func over(_ defaults: TestCase) -> TestCase {
    var test = self
    if defaults.vars.count > 0 { test.vars = TestCase.merged(defaults.vars, vars) }
    if !defaults.assertions.isEmpty, !options.disablesDefaults { test.assertions = defaults.assertions + assertions }
    test.threshold = threshold ?? defaults.threshold
    test.options = options.over(defaults.options)
    if let metadata = defaults.metadata { test.metadata = TestCase.merged(metadata, test.metadata ?? .object([])) }
    test.providers = providers ?? defaults.providers
    test.prompts = prompts ?? defaults.prompts
    test.output = output ?? defaults.output
    return test
  }

  static func merged(_ below: JSON, _ above: JSON) -> JSON {
    if above.count == 0 { return below }
    var builder = JSONBuilder()
    builder.beginObject()
    for (key, value) in below.members where above[key] == nil {
      builder.key(key)
      builder.value(value)
    }
    for (key, value) in above.members {
      builder.key(key)
      builder.value(value)
    }
    builder.endContainer()
    return builder.finish()
  }

  /// The id that stays the same while nothing of the test changes: over prompts, providers, repeats and runs.
  ///
  /// - Parameter vars: the combination of variables that is asked.
  package func identity(_ vars: JSON) -> String {
    if let id { return id }
    var hash = SHA256()
    hash.update(vars.utf8)
    for assertion in assertions { hash.update(assertion.identity) }
    if let threshold { hash.update("\u{1}\(threshold)") }
    if let output { hash.update(output.utf8) }
    return SHA256.hex(ofDigest: Array(hash.digest().prefix(6)))
  }
}

/// What a test changes of how it is asked and graded.
package struct TestOptions: Sendable {
  package var prefix = ""
  package var suffix = ""
  package var transform: Transform?
  package var transformVars: Transform?
  package var disablesExpansion = false
  package var disablesDefaults = false
  /// The judge as it is written.
  package var provider: JSON?
  package var judges: [JSON] = []
  package var rubricPrompt: JSON?
  package var factuality: JSON?

  package init() {}

  func over(_ defaults: TestOptions) -> TestOptions {
    var options = self
    if prefix.isEmpty { options.prefix = defaults.prefix }
    if suffix.isEmpty { options.suffix = defaults.suffix }
    options.transform = transform ?? defaults.transform
    options.transformVars = transformVars ?? defaults.transformVars
    options.disablesExpansion = disablesExpansion || defaults.disablesExpansion
    // One grader of a test's own takes the place of several of the suite's, and the other way about.
    options.provider = provider ?? (judges.isEmpty ? defaults.provider : nil)
    options.judges = !judges.isEmpty || provider != nil ? judges : defaults.judges
    options.rubricPrompt = rubricPrompt ?? defaults.rubricPrompt
    options.factuality = factuality ?? defaults.factuality
    return options
  }
}
