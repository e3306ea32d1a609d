// A few threads for one piece of work. Started for it and gone after it: beside a scan of milliseconds a thread costs
// nothing, and a program that asks once and ends has no pool to keep.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs `body(0)` to `body(count - 1)` at the same time and waits for all; the last on the calling thread.
func runInParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  guard count > 0 else { return }
  let left = Monitor(count - 1)
  for index in 0..<(count - 1) {
    let isStarted = startThread(name: "awl-vectors") {
      body(index)
      left.update { $0 -= 1 }
    }
    if !isStarted {
      body(index)
      left.update { $0 -= 1 }
    }
  }
  body(count - 1)
  left.wait { $0 == 0 ? .go(()) : .wait }
}

/// Threads worth starting on this machine, at most 16: beyond that memory is the limit.
let threadCount = min(16, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
