// `awl version`: the number, and with -v what this program is made of.

import Models
import Retrieval
import Transport

struct VersionCommand: PlainCommand {
  static let name = "version"
  static let summary = "the version of awl, with -v also of its parts"
  static let usage = "[-v]"
  static let groups = [
    FlagGroup("Options", [Flag("verbose", "v", "also libcurl, architecture, vector kernels and log format")])
  ]
  static let examples = [
    ("awl version", "the version"),
    ("awl --version", "the same"),
    ("awl version -v", "the version with what a bug report needs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isVerbose: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> VersionCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl version [-v]") }
    return VersionCommand(isVerbose: arguments.has("verbose"))
  }

  func run(_ program: Program) -> ExitCode {
    program.output.write("awl \(Version.number)\n")
    guard isVerbose else { return .done }
    program.output.write("libcurl: \(HTTPTransport.version() ?? "not found (install libcurl4)")\n")
    program.output.write("architecture: \(VersionCommand.architecture)\n")
    program.output.write("vector kernels: \(VersionCommand.kernels(program.environment["AWL_KERNEL"]))\n")
    program.output.write("log format: \(CallRecord.version)\n")
    return .done
  }

  /// The instruction set that vector search uses, `AWL_KERNEL` being what was asked for.
  private static func kernels(_ wanted: String?) -> String {
    guard let wanted else { return VectorKernels.best.name }
    return VectorKernels.named(wanted)?.name
      ?? "\(wanted) is not for this machine (AWL_KERNEL takes scalar, avx2, neon)"
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }
}
