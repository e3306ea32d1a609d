// Values made fit for evaluation: their depth is bounded, and where an object has a key twice a copy without the earlier
// one takes its place, so that evaluation may count on unique keys.

extension JSONDocument {
  /// Whether nothing below a node is nested deeper than `limit`.
  func isWithinDepth(_ limit: Int, from root: Int) -> Bool {
    var ends: [Int] = []
    var index = root
    let end = Int(nodes[root].next)
    while index < end {
      while let last = ends.last, last <= index { ends.removeLast() }
      let node = nodes[index]
      if node.isContainer, node.length > 0 {
        ends.append(Int(node.next))
        if ends.count > limit { return false }
      }
      index += 1
    }
    return true
  }

  func hasRepeatedKeys(from root: Int) -> Bool {
    for index in root..<Int(nodes[root].next) where nodes[index].kind == .object && nodes[index].length > 1 {
      if hasRepeatedKeys(index) { return true }
    }
    return false
  }

  private func hasRepeatedKeys(_ object: Int) -> Bool {
    let count = Int(nodes[object].length)
    var keys: [Int] = []
    keys.reserveCapacity(count)
    var key = object + 1
    for _ in 0..<count {
      keys.append(key)
      key = Int(nodes[key + 1].next)
    }
    if count > 12 || keys.contains(where: { nodes[$0].form == .escaped }) {
      var seen: Set<[UInt8]> = Set(minimumCapacity: count)
      return keys.contains { !seen.insert(utf8($0)).inserted }
    }
    return bytes.withUnsafeBufferPointer { all in
      for later in 1..<count {
        let (start, length) = (Int(nodes[keys[later]].start), Int(nodes[keys[later]].length))
        for earlier in 0..<later where Int(nodes[keys[earlier]].length) == length {
          let other = Int(nodes[keys[earlier]].start)
          var offset = 0
          while offset < length, all[start + offset] == all[other + offset] { offset += 1 }
          if offset == length { return true }
        }
      }
      return false
    }
  }
}

extension JSON {
  /// A copy in which of a repeated key the last is left; positions are kept.
  var withoutRepeatedKeys: JSON {
    var builder = JSONBuilder(source: document.source ?? document.bytes)
    append(to: &builder, depth: 0)
    return builder.finish()
  }

  private func append(to builder: inout JSONBuilder, depth: Int) {
    let place = document.offset(of: index)
    switch kind {
    case .array where depth <= SchemaBounds.depth:
      builder.beginArray(at: place)
      for element in elements { element.append(to: &builder, depth: depth + 1) }
      builder.endContainer()
    case .object where depth <= SchemaBounds.depth:
      builder.beginObject(at: place)
      var last: [[UInt8]: Int] = [:]
      var key = index + 1
      for _ in 0..<count {
        last[document.utf8(key)] = key
        key = Int(document.nodes[key + 1].next)
      }
      for (_, key) in last.sorted(by: { $0.value < $1.value }) {
        builder.key(document.string(key), at: document.offset(of: key))
        JSON(document: document, index: key + 1).append(to: &builder, depth: depth + 1)
      }
      builder.endContainer()
    default: builder.value(self, at: place)
    }
  }
}
