// The flags that say what the cache does and what may be spent, for every command that asks models.

import Models

enum CacheFlags {
  /// `--cache`, `--offline` and `-n` together. A prompt's answer is new unless a kept one is asked for.
  static func mode(_ arguments: Arguments) throws(UsageError) -> CacheMode {
    guard let name = arguments.string("cache") else {
      return arguments.has("offline") ? .only : arguments.has("no-log") ? .off : .refresh
    }
    let names = ["on", "off", "only", "refresh"]
    guard names.contains(name), let mode = CacheMode(rawValue: name) else {
      throw .unknown("mode of --cache", name, among: names, hint: names.joined(separator: ", "))
    }
    if arguments.has("offline"), mode == .on || mode == .refresh {
      throw UsageError("--offline and --cache \(name) exclude each other", hint: "--offline reads the cache by itself")
    }
    if arguments.has("no-log") {
      if mode == .refresh {
        throw UsageError("-n and --cache refresh exclude each other", hint: "-n keeps nothing, in the cache either")
      }
      if mode == .on { return .lookup }
    }
    return mode
  }

  static func limits(_ arguments: Arguments) throws(UsageError) -> Budget.Limits {
    Budget.Limits(
      money: try arguments.double("max-cost", in: 0 ... .infinity),
      tokens: try arguments.int("max-tokens-total", in: 1...Int.max),
      calls: try arguments.int("max-calls", in: 1...Int.max))
  }
}
