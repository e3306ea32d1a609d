// A program that takes over the terminal for a while, such as an editor: it has this process's own input, output and
// group, so that the terminal's signals reach it.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum ForegroundProcess {
  /// Runs a program to its end and gives its exit code, 128 and the signal's number where one ended it.
  ///
  /// - Parameter environment: all of it; the program is the user's own choice.
  /// - Throws: why it could not be started.
  package static func run(_ arguments: [String], environment: [String: String]) async throws(ChildError) -> Int32 {
    let result: Result<Int32, ChildError> = await withCheckedContinuation { continuation in
      let isStarted = startThread(name: "awl-foreground") {
        continuation.resume(returning: wait(arguments, environment))
      }
      if !isStarted { continuation.resume(returning: .failure(ChildError(.system, "no thread is left"))) }
    }
    return try result.get()
  }

  private static func wait(_ arguments: [String], _ environment: [String: String]) -> Result<Int32, ChildError> {
    guard let program = arguments.first else { return .failure(ChildError(.invalid, "no program is named")) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var id: pid_t = 0
    let number = withCStrings(arguments) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawnp(&id, program, nil, &attributes, arguments, environment)
      }
    }
    guard number == 0 else {
      return .failure(ChildError(number == ENOENT ? .notFound : .notExecutable, "\(program): \(systemWords(number))"))
    }
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return .success(signal == 0 ? status >> 8 & 0xFF : 128 + signal)
  }
}
