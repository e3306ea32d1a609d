// A table of hash values, as compact as it can be: a million of them take about 17 MB.

/// Numbers keys in the order in which they come: open addressing over 32-bit places.
struct HashIndex: Sendable {
  private(set) var keys: [UInt64] = []
  private var slots = [UInt32](repeating: .max, count: 64)

  var count: Int { keys.count }

  /// The number of a key, a new one where it is not known.
  mutating func place(of key: UInt64) -> Int {
    if keys.count * 4 > slots.count * 3 { grow() }
    let slot = slot(of: key)
    if slots[slot] == .max {
      slots[slot] = UInt32(truncatingIfNeeded: keys.count)
      keys.append(key)
    }
    return Int(slots[slot])
  }

  func find(_ key: UInt64) -> Int? {
    let found = slots[slot(of: key)]
    return found == .max ? nil : Int(found)
  }

  private func slot(of key: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while slots[slot] != .max, keys[Int(slots[slot])] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: .max, count: slots.count * 2)
    for place in keys.indices { slots[slot(of: keys[place])] = UInt32(truncatingIfNeeded: place) }
  }
}
