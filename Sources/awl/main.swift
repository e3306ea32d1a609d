// The program's entry: the composition root. What needs neither network nor threads (help, version, usage errors) ends
// here without starting any.

import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// A reader that goes away is told by write(2), not by a signal.
signal(SIGPIPE, SIG_IGN)

let program = Program(environment: .ofProcess())
// Everything is written by now. exit(3) would take the runtime's statics down under threads that still run.
_exit(Launcher.launch(program, Array(CommandLine.arguments.dropFirst())))
