// Equality of values as data. Pairs still to be compared wait in a list, so that deep values need no deep stack.

extension JSON: Equatable {
  /// Equal as data: strings and keys by code points (not by canonical equivalence, as Swift compares), numbers by value
  /// (by text where a double cannot hold them), objects without regard to order, of repeated keys the last.
  package static func == (left: JSON, right: JSON) -> Bool {
    var pending = [(left, right)]
    while let (left, right) = pending.popLast() {
      switch (left.node.kind, right.node.kind) {
      case (.null, .null), (.true_, .true_), (.false_, .false_): continue
      case (.string, .string):
        guard left.document.utf8(left.index) == right.document.utf8(right.index) else { return false }
      case (.number, .number):
        guard JSONNumber.areEqual(left.numberText ?? "", right.numberText ?? "") else { return false }
      case (.array, .array):
        guard left.count == right.count else { return false }
        pending.append(contentsOf: zip(left.elements, right.elements))
      case (.object, .object):
        let (leftMembers, rightMembers) = (left.lastMembers, right.lastMembers)
        guard leftMembers.count == rightMembers.count else { return false }
        for (key, value) in leftMembers {
          guard let other = rightMembers[key] else { return false }
          pending.append((value, other))
        }
      default: return false
      }
    }
    return true
  }

  /// The members of an object by the UTF-8 of their keys; of repeated keys the last.
  private var lastMembers: [[UInt8]: JSON] {
    var members: [[UInt8]: JSON] = Dictionary(minimumCapacity: count)
    var key = index + 1
    for _ in 0..<count {
      members[document.utf8(key)] = JSON(document: document, index: key + 1)
      key = Int(document.nodes[key + 1].next)
    }
    return members
  }
}
