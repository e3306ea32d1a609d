// The names that a template has given to values, block by block. A block has few, so that looking at each is quicker than
// a dictionary; what `loop` has to say of a round is made when it is asked for.

/// The names of one block.
struct TemplateBlock {
  private var names: [String] = []
  private var values: [TemplateValue] = []
  /// Within a loop, its round.
  var round: TemplateRound?

  subscript(_ name: String) -> TemplateValue? {
    for index in names.indices where names[index] == name { return values[index] }
    return nil
  }

  mutating func set(_ name: String, _ value: TemplateValue) {
    if let index = names.firstIndex(of: name) {
      values[index] = value
    } else {
      names.append(name)
      values.append(value)
    }
  }

  /// Forgets everything, for the next round.
  mutating func clear() {
    names.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    round = nil
  }
}

/// Where a loop stands.
struct TemplateRound {
  /// From 0.
  var index: Int
  var items: [TemplateValue]

  /// What `loop.NAME` is; `nil` where it has no such member.
  func member(_ name: String) -> TemplateValue? {
    switch name {
    case "index": .integer(index + 1)
    case "index0": .integer(index)
    case "revindex": .integer(items.count - index)
    case "revindex0": .integer(items.count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == items.count - 1)
    case "length": .integer(items.count)
    case "depth": .integer(1)
    case "previtem": index > 0 ? items[index - 1] : nil
    case "nextitem": index + 1 < items.count ? items[index + 1] : nil
    default: nil
    }
  }

  private static let names = [
    "index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem",
  ]

  /// All that `loop` says.
  var value: TemplateValue {
    .object(TemplateRound.names.compactMap { name in member(name).map { (key: name, value: $0) } })
  }
}
