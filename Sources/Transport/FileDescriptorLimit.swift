// The limit of open files: a thousand connections need more than the usual soft limit of 1,024, but a child process
// that uses select() must not inherit a higher one.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The soft limit of open files (RLIMIT_NOFILE).
package enum FileDescriptorLimit {
  private static let found = Mutex<UInt64?>(nil)

  /// The soft limit this process was started with: what a child process is to get back. `nil` when it was never
  /// raised.
  package static var original: UInt64? { found.withLock { $0 } }

  /// Raises the soft limit to the hard one, once.
  package static func raise() {
    found.withLock { found in
      guard found == nil, var limit = current() else { return }
      let soft = UInt64(limit.rlim_cur)
      #if canImport(Darwin)
        limit.rlim_cur = min(limit.rlim_max, rlim_t(OPEN_MAX))
      #else
        limit.rlim_cur = limit.rlim_max
      #endif
      guard UInt64(limit.rlim_cur) > soft, set(&limit) else { return }
      found = soft
    }
  }

  private static func current() -> rlimit? {
    var limit = rlimit()
    #if canImport(Glibc)
      return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    #else
      return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit : nil
    #endif
  }

  private static func set(_ limit: inout rlimit) -> Bool {
    #if canImport(Glibc)
      return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    #else
      return setrlimit(RLIMIT_NOFILE, &limit) == 0
    #endif
  }
}
