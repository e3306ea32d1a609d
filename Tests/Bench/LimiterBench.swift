// What the limiter costs a call when a thousand wait behind it: CPU of the whole, by the number of calls.

import Foundation
import Models

/// - Parameter program: not needed; all measurements take it.
func limiterOfAThousand(_ program: String) async throws -> [Row] {
  let (callers, rounds) = (1000, 20)
  var costs: [Double] = []
  for _ in 0..<5 {
    let limiter = Limiters().limiter(host: "https://example.com", key: "key", model: "model")
    // Headers that leave room for all, as a server sends them with every answer.
    let limits = RateLimits(requests: RateLimits.Window(limit: 1_000_000, remaining: 999_999, reset: 0.01))
    let before = clock()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<callers {
        group.addTask {
          for _ in 0..<rounds {
            guard let call = try? await limiter.acquire() else { return }
            await Task.yield()
            limiter.accepted(call, limits)
          }
        }
      }
    }
    costs.append(Double(clock() - before) / Double(CLOCKS_PER_SEC) / Double(callers * rounds))
  }
  return [
    Row(
      "1,000 callers behind one limiter, CPU a call", String(format: "%.1f µs", Measure.median(costs) * 1e6), "", "",
      "below 20 µs")
  ]
}
