// Keys of a mapping once it is complete: none may be there twice (YAML 1.2.2 §3.2.1.3), and merge keys, where they are
// read at all, are replaced by what they stand for.

extension YAMLComposer {
  /// Up to here keys are compared with each other, beyond with a table.
  private static let comparedKeys = 8

  /// Throws at the second of two equal keys. Linear in the number of keys.
  func refuseRepeatedKeys(of object: Int) throws(FormatError) {
    let count = Int(nodes[object].length)
    guard count > 1 else { return }
    let repeated = count <= YAMLComposer.comparedKeys ? comparedRepeat(object, count) : tabledRepeat(object, count)
    guard let (first, second) = repeated else { return }
    let key = String(decoding: text(of: second), as: UTF8.self)
    let line = failure("", node: first).position.line
    throw failure("the key '\(key)' is there twice", hint: "first on line \(line)", node: second)
  }

  private func comparedRepeat(_ object: Int, _ count: Int) -> (first: Int, second: Int)? {
    var second = Int(nodes[object + 2].next)
    for number in 1..<count {
      let length = nodes[second].length
      var first = object + 1
      for _ in 0..<number {
        if nodes[first].length == length, text(of: first) == text(of: second) { return (first, second) }
        first = Int(nodes[first + 1].next)
      }
      second = Int(nodes[second + 1].next)
    }
    return nil
  }

  private func tabledRepeat(_ object: Int, _ count: Int) -> (first: Int, second: Int)? {
    var seen: [ArraySlice<UInt8>: Int] = Dictionary(minimumCapacity: count)
    var key = object + 1
    for _ in 0..<count {
      if let first = seen.updateValue(key, forKey: text(of: key)) { return (first, key) }
      key = Int(nodes[key + 1].next)
    }
    return nil
  }

  /// Replaces `<<` of the object, the last on the tape, by the members of its value that the object does not have. Of
  /// several mappings the first that has a key gives it.
  mutating func mergeKeys(of object: Int) throws(FormatError) {
    var members: [Int] = []
    var seen: Set<ArraySlice<UInt8>> = []
    var merged: [Int] = []
    for key in keys(of: object) {
      if text(of: key).elementsEqual("<<".utf8) {
        merged = try mergedObjects(key + 1)
      } else {
        members.append(key)
        seen.insert(text(of: key))
      }
    }
    for key in merged.flatMap({ keys(of: $0) }) where seen.insert(text(of: key)).inserted { members.append(key) }
    rewrite(object, members)
  }

  private func keys(of object: Int) -> [Int] {
    var keys: [Int] = []
    var key = object + 1
    for _ in 0..<nodes[object].length {
      keys.append(key)
      key = Int(nodes[key + 1].next)
    }
    return keys
  }

  /// The mappings that the value of a merge key names.
  private func mergedObjects(_ value: Int) throws(FormatError) -> [Int] {
    if nodes[value].kind == .object { return [value] }
    var objects: [Int] = []
    var element = value + 1
    if nodes[value].kind == .array {
      for _ in 0..<nodes[value].length {
        if nodes[element].kind == .object { objects.append(element) }
        element = Int(nodes[element].next)
      }
    }
    guard nodes[value].kind == .array, objects.count == Int(nodes[value].length) else {
      throw failure("the value of '<<' is not a mapping or a list of mappings", node: value)
    }
    return objects
  }

  /// Writes the object anew with the members whose keys are at `members`.
  private mutating func rewrite(_ object: Int, _ members: [Int]) {
    struct Moved {
      var node: JSONNode
      var position: UInt32
      var tag: String?
    }
    var moved: [Moved] = []
    var target = object + 1
    for key in members {
      let end = Int(nodes[key + 1].next)
      for index in key..<end {
        var node = nodes[index]
        node.next = UInt32(truncatingIfNeeded: Int(node.next) - key + target)
        moved.append(Moved(node: node, position: positions[index], tag: tags[index]))
      }
      target += end - key
    }
    for index in object + 1..<nodes.count where tags[index] != nil { tags[index] = nil }
    while nodes.count > object + 1 {
      nodes.removeLast()
      positions.removeLast()
    }
    for (offset, entry) in moved.enumerated() {
      let node = entry.node
      nodes.append(
        node.kind, start: Int(node.start), length: Int(node.length), next: Int(node.next), form: node.form)
      positions.append(entry.position)
      if let tag = entry.tag { tags[object + 1 + offset] = tag }
    }
    nodes[object].length = UInt32(truncatingIfNeeded: members.count)
    nodes[object].next = UInt32(truncatingIfNeeded: nodes.count)
  }
}
