// Running programs and measuring them: CPU by wait4, wall time, the largest resident size.

import Foundation
import Support
import Synchronization

/// A line of the table.
struct Row {
  var what: String
  var ours: String
  var theirs: String
  var ratio: String
  var target: String

  init(_ what: String, _ ours: String, _ theirs: String, _ ratio: String, _ target: String) {
    self.what = what
    self.ours = ours
    self.theirs = theirs
    self.ratio = ratio
    self.target = target
  }
}

/// What one run of a program took.
struct RunCost {
  /// Seconds of CPU, user and system.
  var cpu: Double
  var wall: Double
  /// Largest resident size in bytes.
  var resident: Int
  var exit: Int32
  /// When the process was started.
  var start: ContinuousClock.Instant
}

enum Measure {
  /// Runs a program to its end; its output goes nowhere, or into `output`.
  static func run(
    _ command: [String], environment: [String: String] = [:], output: Int32? = nil, measuresSize: Bool = false
  ) throws -> RunCost {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let argv = command.map { strdup($0) } + [nil]
    let variables = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    let envp = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let start = ContinuousClock.now
    guard posix_spawnp(&pid, command[0], &actions, nil, argv, envp) == 0 else {
      throw BenchError("cannot start \(command[0])")
    }
    let watch = measuresSize ? ResidentWatch(pid) : nil
    var status: Int32 = 0
    var usage = rusage()
    wait4(pid, &status, 0, &usage)
    let wall = seconds(ContinuousClock.now - start)
    func time(_ value: timeval) -> Double { Double(value.tv_sec) + Double(value.tv_usec) / 1e6 }
    return RunCost(
      cpu: time(usage.ru_utime) + time(usage.ru_stime), wall: wall, resident: watch?.largest() ?? 0,
      exit: status >> 8 & 0xFF, start: start)
  }

  /// Whether a program is to be found: one that is not is left out of the table.
  static func isThere(_ program: String) -> Bool {
    (try? run(["sh", "-c", "command -v \"$0\"", program], environment: ["PATH": path]).exit) == 0
  }

  /// Where programs are looked for.
  static var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin" }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  /// The mean of what lies between the quartiles: as robust as a median, and fine-grained where the clock is coarse.
  static func middleMean(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted[(sorted.count / 4)..<max(sorted.count / 4 + 1, sorted.count * 3 / 4)]
    return middle.reduce(0, +) / Double(middle.count)
  }

  /// Bytes in a number of seconds.
  static func rate(_ bytes: Int, _ seconds: Double) -> String {
    let rate = Double(bytes) / 1e6 / seconds
    return String(format: rate < 10 ? "%.1f MB/s" : "%.0f MB/s", rate)
  }
  static func milliseconds(_ value: Double) -> String { String(format: "%.2f ms", value * 1000) }
  static func ratio(_ value: Double) -> String { String(format: "%.2f ×", value) }
}

struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Looks at a process's largest resident size (VmHWM) until it is gone. The kernel's own figure for a finished child
/// (ru_maxrss) holds that of the parent it was spawned from.
private final class ResidentWatch: Sendable {
  private final class Size: Sendable {
    let bytes = Mutex(0)
  }

  private let size: Size
  private let thread: JoinableThread

  init(_ pid: pid_t) {
    let size = Size()
    self.size = size
    thread = JoinableThread {
      while let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
          let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { break }
        size.bytes.withLock { $0 = max($0, kilobytes * 1024) }
        usleep(5000)
      }
    }
  }

  /// Bytes; call it when the process has ended.
  func largest() -> Int {
    thread.join()
    return size.bytes.withLock { $0 }
  }
}
