// From words to a running command to an exit code: parsing, help, signals, and the last word on every error.

import Models
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum Launcher {
  /// Runs what `words` ask for and gives the program's exit code.
  static func launch(_ program: Program, _ words: [String]) -> Int32 {
    do throws(UsageError) {
      var words = words
      // `awl --version` and `awl --help` as everybody types them.
      switch words.first {
      case "--version", "-V": words[0] = "version"
      case "--help", "-h": words[0] = "help"
      // Asked by shells and by `make install`, not by people.
      case "__complete":
        program.output.write(Completion.candidates(Array(words.dropFirst()), program).map { $0 + "\n" }.joined())
        return finish(program, .done)
      case "__man":
        let name = words.dropFirst().first
        guard let page = name.map(ManualPage.text) ?? (ManualPage.names.joined(separator: "\n") + "\n") else {
          return ExitCode.usage.rawValue
        }
        program.output.write(page)
        return finish(program, .done)
      default: break
      }
      if words.count > 1, ["--help", "-h"].contains(words[1]), let page = Help.text(ofNoun: words[0]) {
        program.output.write(page)
        return finish(program, .done)
      }
      let (command, rest) = try Commands.find(words)
      let helpAt = rest.firstIndex { $0 == "--help" || $0 == "-h" }
      let wordsEnd = rest.firstIndex(of: "--") ?? rest.endIndex
      // Asked for among mistakes, too: that is when it is needed.
      if let helpAt, helpAt < wordsEnd { return help(on: command, program) }
      let arguments = try Arguments(rest, flags: command.flags, command: command.name)
      if arguments.has("help") { return help(on: command, program) }
      return finish(program, try command.parse(arguments).launch(program))
    } catch {
      program.say(error.text)
      return ExitCode.usage.rawValue
    }
  }

  private static func help(on command: any Command.Type, _ program: Program) -> Int32 {
    program.output.write(Help.text(of: command))
    return finish(program, .done)
  }

  private static func finish(_ program: Program, _ code: ExitCode) -> Int32 {
    program.output.flush()
    // Nobody reads any more: that is the end of the work and no failure.
    if program.output.isClosed { return ExitCode.done.rawValue }
    if let problem = program.output.problem, code == .done {
      program.say("stdout: \(problem)")
      return ExitCode.usage.rawValue
    }
    return code == .done ? program.ownCode.value ?? code.rawValue : code.rawValue
  }

  /// Runs a command on the cooperative pool while this thread waits. Ctrl-C and SIGTERM cancel it; a second one ends the
  /// process at once.
  static func run(_ command: any Command, _ program: Program) -> ExitCode {
    run(program, watch: { signals, task in signals.watch { task.cancel() } }) { () async throws(Failure) in
      try await command.run(program)
    }
  }

  /// Runs `body` on the cooperative pool while this thread waits; `watch` says what signals do to it.
  static func run(
    _ program: Program, watch: (Signals, Task<Void, Never>) -> Void,
    _ body: @escaping @Sendable () async throws(Failure) -> ExitCode
  ) -> ExitCode {
    let signals = Signals.block()
    let result = Monitor<ExitCode?>(nil)
    let task = Task.detached {
      let code: ExitCode
      do throws(Failure) {
        code = try await body()
      } catch {
        for message in error.messages { program.say(message) }
        code = error.code
      }
      result.update { $0 = code }
    }
    watch(signals, task)
    return result.wait { value in value.map { .go($0) } ?? .wait }
  }
}

/// A command that needs no concurrency: it starts nothing.
protocol PlainCommand: Command {
  func run(_ program: Program) -> ExitCode
}

extension Command {
  func launch(_ program: Program) -> ExitCode { Launcher.run(self, program) }
}

extension PlainCommand {
  func launch(_ program: Program) -> ExitCode { run(program) }
  func run(_ program: Program) async throws(Failure) -> ExitCode { (run as (Program) -> ExitCode)(program) }
}

/// Ctrl-C and its kin, taken on a thread of their own.
struct Signals {
  private static let taken = [SIGINT, SIGTERM, SIGHUP]

  /// Blocks the signals in this thread and in all that it starts.
  static func block() -> Signals {
    var set = signalSet()
    pthread_sigmask(SIG_BLOCK, &set, nil)
    return Signals()
  }

  /// Seconds that an interrupted command has to end by itself: it may stand in a write that nobody reads.
  private static let grace: UInt32 = 5

  /// Calls `interrupted` at the first signal; ends the process at the second, or when the command has not ended.
  func watch(_ interrupted: @escaping @Sendable () -> Void) {
    let isInterrupted = Monitor(false)
    forEach { _ in
      let isFirst = isInterrupted.update { isInterrupted in
        defer { isInterrupted = true }
        return !isInterrupted
      }
      guard isFirst else { _exit(ExitCode.interrupted.rawValue) }
      interrupted()
      Signals.endSoon { _exit(ExitCode.interrupted.rawValue) }
    }
  }

  /// Hands every signal to `received`, on a thread of its own.
  func forEach(_ received: @escaping @Sendable (Int32) -> Void) {
    startThread(name: "awl-signals") {
      var set = Signals.signalSet()
      var signal: Int32 = 0
      while sigwait(&set, &signal) == 0 { received(signal) }
    }
  }

  /// Calls `end` when the command has had its time to end by itself.
  static func endSoon(_ end: @escaping @Sendable () -> Void) {
    startThread(name: "awl-grace") {
      sleep(Signals.grace)
      end()
    }
  }

  private static func signalSet() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in taken { sigaddset(&set, signal) }
    return set
  }
}
