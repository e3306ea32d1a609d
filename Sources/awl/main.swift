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

// A descriptor that the caller closed must not be taken by the next file that is opened. What stands in for it cannot be
// used the way it is meant to be, so that reading finds nothing and writing fails as it should.
for (descriptor, mode) in [(Int32(0), O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] where fcntl(descriptor, F_GETFD) < 0 {
  _ = open("/dev/null", mode)
}

// A reader that goes away is told by write(2), not by a signal.
signal(SIGPIPE, SIG_IGN)

let program = Program(environment: .ofProcess())
// Everything is written by now. exit(3) would take the runtime's statics down under threads that still run.
_exit(Launcher.launch(program, Array(CommandLine.arguments.dropFirst())))
