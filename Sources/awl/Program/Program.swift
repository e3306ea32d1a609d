// The composition root's value: everything a command needs of the outside, made once in main and passed down.

import Formats
import Models
import Storage
import Synchronization
import Transport

/// The running program.
struct Program: Sendable {
  var environment: Environment
  var output: Output
  var errors: Output
  var keyFile: KeyFile?
  var credentials: Credentials
  var names: ModelNames
  /// What the configuration files say; empty until a command asks for them by `configured`.
  var config = Config()
  var trust: Trust
  /// `-q`: nothing on stderr but errors.
  var isQuiet = false
  /// `--offline` or AWL_OFFLINE: nothing is sent.
  var isOffline: Bool
  /// Secrets that a chain names, beside the keys.
  var namedSecrets: [String] = []
  /// A code of the user's own, for a run that ended as it was told to.
  let ownCode = OwnCode()

  init(environment: Environment) {
    self.environment = environment
    isOffline = environment.isOffline
    output = Output(1, isTerminal: environment.isOutputTerminal)
    errors = Output(2, isTerminal: environment.isErrorTerminal)
    keyFile = environment.configDirectory.map { KeyFile($0 + "/keys.json") }
    trust = Trust(store: environment.configDirectory.map { TrustStore(path: $0 + "/trust.json") })
    credentials = Credentials(variables: environment.variables, file: keyFile)
    names = ModelNames(catalogue: ModelCatalogue(), variables: environment.variables, credentials: credentials)
  }

  /// Made when something is said: a command that says nothing need not know the secrets.
  var redactor: Redactor {
    namedSecrets.isEmpty ? credentials.redactor : credentials.redactor.extended(by: namedSecrets) { _ in [] }
  }

  /// One line of talk: `awl: …`. Text from outside is safe in it, and secrets are taken out.
  func say(_ message: String) {
    // A line of its own, also when the answer on the same terminal has not ended its line.
    if environment.isOutputTerminal, !output.endsLine { errors.write("\n") }
    errors.write(untrusted: "awl: " + redactor.redact(message))
    errors.write("\n")
    errors.flush()
  }

  /// A line of talk that is no error: progress, warnings, what was chosen.
  func note(_ message: String) {
    if !isQuiet { say(message) }
  }

  /// The log of calls; `nil` where there is no home to keep it in.
  var callLog: CallLog? {
    environment.dataDirectory.map {
      CallLog(directory: $0 + "/logs", project: Paths.workingDirectory().flatMap(Paths.project))
    }
  }

  /// Where answers are kept to be found again; `nil` where there is no home to keep them in.
  var cacheDirectory: String? { environment.cacheDirectory.map { $0 + "/answers" } }

  /// For commands that are nothing without the network.
  func requireNetwork() throws(Failure) {
    if isOffline { throw Failure("this needs the network, and AWL_OFFLINE forbids it", .needsPerson) }
  }

  /// - Parameters:
  ///   - proxy: `--proxy`.
  ///   - certificateFile: `--ca-file`.
  func transport(proxy: String? = nil, certificateFile: String? = nil) -> HTTPTransport {
    HTTPTransport(
      configuration: HTTPConfiguration(
        proxy: proxy ?? config.proxy,
        certificateFile: certificateFile ?? config.certificateFile ?? environment["CURL_CA_BUNDLE"]
          ?? environment["SSL_CERT_FILE"],
        certificateDirectory: environment["SSL_CERT_DIR"],
        offline: isOffline ? "nothing is sent while offline (--offline, AWL_OFFLINE)" : nil))
  }
}

/// An exit code that is none of the program's (`stop` of a chain).
final class OwnCode: Sendable {
  private let code = Mutex<Int32?>(nil)
  var value: Int32? { code.withLock { $0 } }
  func set(_ value: Int32) { code.withLock { $0 = value } }
}
