// A fixed set of names, looked up by their bytes without making strings: the properties and enum values of a schema.

/// Names, each with its place in the list that it was made from.
struct SchemaNames: Sendable {
  let names: [String]
  private let bytes: [UInt8]
  /// Where each name lies in `bytes`; one more than there are names.
  private let starts: [Int]
  /// Open addressing, a power of two and at most half full; -1 where free.
  private let slots: [Int32]

  /// - Parameter names: of equal ones the first counts.
  init(_ names: [String]) {
    self.names = names
    var size = 4
    while size < names.count * 2 { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    var bytes: [UInt8] = []
    var starts = [0]
    for (place, name) in names.enumerated() {
      bytes.append(contentsOf: name.utf8)
      starts.append(bytes.count)
      var slot = Array(name.utf8).withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
      while slots[slot] >= 0, names[Int(slots[slot])].utf8.elementsEqual(name.utf8) == false {
        slot = (slot + 1) & (size - 1)
      }
      if slots[slot] < 0 { slots[slot] = Int32(truncatingIfNeeded: place) }
    }
    self.bytes = bytes
    self.starts = starts
    self.slots = slots
  }

  /// The place of a name; nil when it is not there.
  func place(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    let mask = slots.count - 1
    var slot = Self.hash(name) & mask
    while true {
      let place = Int(slots[slot])
      if place < 0 { return nil }
      if isEqual(place, name) { return place }
      slot = (slot + 1) & mask
    }
  }

  private func isEqual(_ place: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = starts[place]
    guard starts[place + 1] - start == name.count else { return false }
    for index in 0..<name.count where bytes[start + index] != name[index] { return false }
    return true
  }

  /// FNV-1a over all bytes: names of a schema are often alike at both ends.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(hash ^ hash >> 15)
  }
}
