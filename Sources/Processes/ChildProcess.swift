// A child process as it is asked for and what came of it. No shell stands between: the words are the program's arguments.

/// A program to run.
///
///     let result = try await ChildProcess(["git", "log", "-1"], environment: variables).run()
///
/// The child leads a process group of its own. When it ends, what is left of its group is killed; when it takes too
/// long or the task is cancelled, the group gets SIGTERM and a little later SIGKILL. A process that leaves the group by
/// `setsid` is not followed, and holds nothing up.
package struct ChildProcess: Sendable {
  /// The program, looked up in the `PATH` of `environment` unless it has a slash, and its arguments.
  package var arguments: [String]
  /// All of its environment; see ``ChildEnvironment``.
  package var environment: [String: String]
  /// Working directory, before which a program with a relative path is looked up; this process's where it is nil.
  package var directory: String?
  package var input = Input.none
  package var limits = Limits()

  package init(_ arguments: [String], environment: [String: String], directory: String? = nil) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
  }

  /// What it reads on its standard input.
  package enum Input: Sendable {
    /// `/dev/null`.
    case none
    /// These bytes and then the end; a child that does not read them all is no error.
    case bytes([UInt8])
    case file(String)
  }

  /// One of the two outputs.
  package enum Output: Sendable, Equatable { case standard, errors }

  package struct Limits: Sendable {
    /// Seconds of real time.
    package var timeout: Double?
    /// Seconds between SIGTERM and SIGKILL.
    package var grace = 2.0
    /// Bytes kept of each output; what is more is read and dropped.
    package var outputBytes = 16 << 20
    /// Ends the child when an output is longer than what is kept.
    package var endsWhenFull = false
    /// Seconds of processor time of one process (RLIMIT_CPU).
    package var processorSeconds: Int?
    /// Address space of one process in bytes (RLIMIT_AS).
    package var memoryBytes: Int?
    /// The longest file that it may write, in bytes (RLIMIT_FSIZE).
    package var fileBytes: Int?

    package init() {}
  }
}

/// How a child ended, and what it wrote.
package struct ChildResult: Sendable {
  package enum Exit: Sendable, Equatable {
    case code(Int)
    case signal(Int)
  }

  /// Why it was ended from outside.
  package enum Stop: Sendable, Equatable { case timeout, cancelled, outputFull }

  package var exit: Exit
  package var stop: Stop?
  /// Seconds that it had.
  package var timeout: Double?
  package var output: [UInt8] = []
  package var errors: [UInt8] = []
  /// Whether more came than was kept.
  package var isOutputTruncated = false
  package var areErrorsTruncated = false
  /// Seconds of real time, and of processor time of the child and the children it waited for.
  package var seconds = 0.0
  package var processorSeconds = 0.0

  package var isSuccess: Bool { exit == .code(0) && stop == nil }

  /// `exit code 3`, `signal 9`, `it took longer than 10 s`
  package var ending: String {
    switch (stop, exit) {
    case (.timeout, _): "it took longer than \(ChildResult.rounded(timeout ?? seconds)) s"
    case (.cancelled, _): "interrupted"
    case (.outputFull, _): "it printed too much"
    case (nil, .code(let code)): "exit code \(code)"
    case (nil, .signal(let number)): "signal \(number)"
    }
  }

  private static func rounded(_ seconds: Double) -> String {
    seconds >= 10 ? "\(Int(seconds))" : "\(Double(Int(seconds * 10)) / 10)"
  }
}

/// Why a child could not be started.
package struct ChildError: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case notFound, notExecutable, directory, input, invalid
    /// No process, thread or descriptor is left.
    case system
  }

  package var kind: Kind
  /// `PROGRAM: what is wrong`.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// A clean environment for a child: what any program needs, and nothing that holds a key.
package enum ChildEnvironment {
  private static let usual: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME",
  ]

  /// Of `variables`, those on the list and those named besides.
  package static func allowed(_ variables: [String: String], also names: some Sequence<String> = [])
    -> [String: String]
  {
    let names = Set(names)
    return variables.filter { name, _ in
      usual.contains(name) || name.hasPrefix("LC_") || names.contains(name)
    }
  }
}
