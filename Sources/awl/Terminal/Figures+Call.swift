// What a call took, as people read it.

import Formats
import Models

extension Figures {
  /// Tokens, money and times of a call in a line.
  static func summary(_ outcome: Outcome) -> String {
    var pieces: [String] = []
    if let usage = outcome.reply.usage {
      var input = "\(usage.totalInput) tokens in"
      if usage.cacheRead > 0 { input += " (\(usage.cacheRead) cached)" }
      var output = "\(usage.output) out"
      if usage.reasoning > 0 { output += " (\(usage.reasoning) reasoning)" }
      pieces += [input, output]
    } else {
      pieces.append("tokens unknown")
    }
    pieces.append(outcome.isCached ? "from the cache, $0" : outcome.cost.map(money) ?? "price unknown")
    if let first = outcome.timing.firstEvent {
      pieces.append("first after \(seconds(first))")
      let rest = outcome.timing.total - first
      if let output = outcome.reply.usage?.output, output > 1, rest > 0.001 {
        pieces.append("\(fixed(Double(output) / rest, 1)) tokens/s")
      }
    }
    pieces.append("\(seconds(outcome.timing.total)) in all")
    return pieces.joined(separator: ", ")
  }
}
