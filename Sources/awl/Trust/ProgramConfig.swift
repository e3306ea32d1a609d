// The program with its configuration: what the files say becomes names of models, providers, prices, patches and trust.

import Formats
import Models
import Storage

extension Program {
  /// The program with the configuration applied, for a command that speaks to models.
  ///
  /// - Throws: what is wrong with the files, all at once (exit code 2), or what of a project's file needs a person's yes
  ///   (6).
  func configured(allowsCode: Bool = false, allowsAddress: Bool = false) throws(Failure) -> Program {
    let program = reading(allowsCode: allowsCode, allowsAddress: allowsAddress)
    let problems = program.config.problems
    guard problems.isEmpty else { throw Failure(messages: problems, .usage) }
    try program.checkTrust()
    return program
  }

  /// The program with the configuration as far as it can be used, for commands that only show: problems are left to
  /// those that need the files, and what is not trusted is left out.
  func configuredAsFarAsPossible() -> Program {
    var program = reading(allowsCode: false, allowsAddress: false)
    guard program.config.problems.isEmpty else { return self }
    if (try? program.checkTrust()) == nil {
      program.apply(Config(files: program.config.files.filter { !$0.isProject }, home: program.config.home))
    }
    return program
  }

  private func reading(allowsCode: Bool, allowsAddress: Bool) -> Program {
    var program = self
    program.trust.allowsCode = allowsCode
    program.trust.allowsAddress = allowsAddress
    program.apply(Config.read(environment))
    return program
  }

  private mutating func apply(_ config: Config) {
    self.config = config
    guard !config.leaves.isEmpty else { return }
    let providers = config.providers
    credentials = Credentials(variables: environment.variables, file: keyFile, providers: providers)
    names = ModelNames(
      catalogue: ModelCatalogue(overrides: config.modelRows), variables: environment.variables,
      credentials: credentials, aliases: config.aliases, providers: providers, patches: config.patches)
  }

  /// Every value of a project's file that needs a person's yes has it.
  func checkTrust() throws(Failure) {
    for file in config.files where file.isProject && file.leaves.contains(where: { $0.trust != nil }) {
      if try trust.isTrusted(file.path, bytes: file.bytes) { continue }
      for leaf in file.leaves {
        guard let need = leaf.trust else { continue }
        try trust.check(
          file: file.path, bytes: file.bytes, what: "\(ConfigPath.text(leaf.path)) \(need.consequence)", needs: need,
          line: leaf.place.position.line
        )
      }
    }
  }
}
