// What a test says that steps give which reach outside: one value, or a list of values of which each time takes the next
// and the last stays.

import Formats
import Synchronization

package final class ScriptedSteps: Sendable {
  private let values: [String: JSON]
  private let taken = Mutex<[String: Int]>([:])

  package init(_ values: [String: JSON]) { self.values = values }

  /// - Parameter givesList: the step's value is a list itself; only a list of lists is one for each time then.
  func next(_ id: String, givesList: Bool = false) -> JSON? {
    guard let value = values[id] else { return nil }
    let isSeveral =
      value.kind == .array && value.count > 0 && (!givesList || value.elements.allSatisfy { $0.kind == .array })
    guard isSeveral else { return value }
    let place = taken.withLock { taken in
      defer { taken[id, default: 0] += 1 }
      return taken[id] ?? 0
    }
    return value[min(place, value.count - 1)]
  }
}
