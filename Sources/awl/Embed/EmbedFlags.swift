// The flags that say which model embeds, and how: the same for every verb of `awl embed` that may call one.

import Models
import Retrieval

struct EmbedFlags: Sendable {
  var model: String?
  var dimensions: Int?
  var baseURL: String?
  var width: Int
  var cache: CacheMode
  var isOffline: Bool
  var limits: Budget.Limits
  var retries: Int?
  var isQuiet: Bool

  static let group = FlagGroup(
    "The model",
    [
      Flag(
        "model", "m", value: "MODEL", "what embeds (the store's; else alias embed, else a local Ollama, else builtin)"),
      Flag("dimensions", value: "N", "shorter vectors, where the model can"),
      Flag("base-url", value: "URL", "the server's address"),
      Flag("width", "j", value: "N", "requests at once (4)"),
      Flag("cache", value: "MODE", "on (a text is paid for once), only, refresh, off"),
      Flag("offline", "send nothing: kept vectors and builtin models only (AWL_OFFLINE=1)"),
      Flag("max-cost", value: "USD", "most money"),
      Flag("max-tokens-total", value: "N", "most tokens"),
      Flag("max-calls", value: "N", "most calls"),
      Flag("retries", value: "N", "retries after passing failures (2)"),
      Flag("quiet", "q", "no talk on stderr but errors"),
    ])

  init(_ arguments: Arguments) throws(UsageError) {
    model = arguments.string("model")
    dimensions = try arguments.int("dimensions", in: 1...SegmentFormat.dimensionLimit)
    baseURL = arguments.string("base-url")
    width = try arguments.int("width", in: 1...256) ?? 4
    isOffline = arguments.has("offline")
    // A text has one vector, so what is kept is as good as new.
    cache = arguments.has("cache") ? try CacheFlags.mode(arguments) : isOffline ? .only : .on
    limits = try CacheFlags.limits(arguments)
    retries = try arguments.int("retries", in: 0...100)
    isQuiet = arguments.has("quiet")
  }
}
