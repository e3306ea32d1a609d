// The canonical form of RFC 8785 (JCS), for keys of caches: two requests that mean the same give the same bytes. Walks
// the tape with a list of open containers; only keys with escapes are decoded to be sorted.

extension JSON {
  /// The value in canonical form: keys sorted by UTF-16 code units, no space, numbers as ECMAScript prints them, the
  /// shortest escapes. A number that a double cannot hold keeps its text; of a repeated key the last value counts.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    document.bytes.withUnsafeBytes { source in
      var writer = JSONCanonicalWriter(nodes: document.nodes, source: source)
      writer.write(index)
      bytes = writer.bytes
    }
    return bytes
  }
}

private struct JSONCanonicalWriter {
  let nodes: JSONTape
  let source: UnsafeRawBufferPointer
  var bytes: [UInt8] = []
  private var open: [Open] = []

  /// A container being written: the nodes of what is still to come (of members their keys), the next one last.
  private struct Open {
    var isObject: Bool
    var isFirst = true
    var rest: [Int]

    init(isObject: Bool, rest: [Int]) {
      self.isObject = isObject
      self.rest = rest
    }
  }

  init(nodes: JSONTape, source: UnsafeRawBufferPointer) {
    self.nodes = nodes
    self.source = source
  }

  mutating func write(_ first: Int) {
    var index = first
    while true {
      switch nodes[index].kind {
      case .array:
        bytes.append(UInt8(ascii: "["))
        open.append(Open(isObject: false, rest: children(of: index).reversed()))
      case .object:
        bytes.append(UInt8(ascii: "{"))
        open.append(Open(isObject: true, rest: sortedKeys(of: index).reversed()))
      case .number: writeNumber(nodes[index])
      case .string: writeString(nodes[index])
      case .null, .true_, .false_: JSONLayout.writeLeaf(nodes[index], source, into: &bytes)
      }
      while let last = open.last, last.rest.isEmpty {
        bytes.append(last.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        open.removeLast()
      }
      guard !open.isEmpty, let next = open[open.count - 1].rest.popLast() else { return }
      let isObject = open[open.count - 1].isObject
      if !open[open.count - 1].isFirst { bytes.append(UInt8(ascii: ",")) }
      open[open.count - 1].isFirst = false
      if isObject {
        writeString(nodes[next])
        bytes.append(UInt8(ascii: ":"))
      }
      index = isObject ? next + 1 : next
    }
  }

  /// The nodes of an array's elements, or of an object's keys.
  private func children(of container: Int) -> [Int] {
    let keys = nodes[container].kind == .object ? 1 : 0
    var index = container + 1
    var children: [Int] = []
    children.reserveCapacity(Int(nodes[container].length))
    for _ in 0..<nodes[container].length {
      children.append(index)
      index = Int(nodes[index + keys].next)
    }
    return children
  }

  private func sortedKeys(of object: Int) -> [Int] {
    let keys = children(of: object)
    guard keys.count > 1 else { return keys }
    let sorted: [Int]
    if keys.contains(where: { nodes[$0].form == .escaped }) {
      var texts: [Int: [UInt8]] = [:]
      for key in keys {
        var text: [UInt8] = []
        if nodes[key].form == .escaped {
          JSONEscapes.decode(content(nodes[key]), into: &text)
        } else {
          text.append(contentsOf: content(nodes[key]))
        }
        texts[key] = text
      }
      sorted = JSONCanonicalWriter.sort(keys) { left, right in
        JSONCanonicalWriter.compare(texts[left, default: []], texts[right, default: []])
      }
    } else {
      sorted = JSONCanonicalWriter.sort(keys) { left, right in
        JSONCanonicalWriter.compare(content(nodes[left]), content(nodes[right]))
      }
    }
    return sorted
  }

  /// Sorts by a comparison that gives less than, equal to or more than 0, and keeps the last of equal ones.
  private static func sort(_ keys: [Int], _ compare: (Int, Int) -> Int) -> [Int] {
    let sorted = keys.sorted { left, right in
      let order = compare(left, right)
      return order == 0 ? left < right : order < 0
    }
    return zip(sorted, sorted.dropFirst().map(Optional.some) + [nil])
      .compactMap { key, next in next.map { compare(key, $0) == 0 } ?? false ? nil : key }
  }

  /// The order of UTF-16 code units, on UTF-8: the same as that of bytes, but for U+E000 to U+FFFF (from 0xEE on), which
  /// stand behind the surrogates of what has four bytes.
  @inline(__always)
  private static func compare(
    _ left: some RandomAccessCollection<UInt8>, _ right: some RandomAccessCollection<UInt8>
  ) -> Int {
    func rank(_ byte: UInt8) -> Int { Int(byte) + (byte == 0xEE || byte == 0xEF ? 0x10 : 0) }
    for (one, other) in zip(left, right) where one != other { return rank(one) - rank(other) }
    return left.count - right.count
  }

  private func content(_ node: JSONNode) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: source[Int(node.start)..<Int(node.start) + Int(node.length)])
  }

  private mutating func writeNumber(_ node: JSONNode) {
    let text = content(node)
    // Whole numbers of up to 15 digits are doubles, and printed as they stand; "-0" is not among them.
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    if digits.count <= 15, digits.allSatisfy({ 0x30...0x39 ~= $0 }), digits.first != 0x30 || text.count == 1 {
      bytes.append(contentsOf: text)
    } else {
      bytes.append(contentsOf: JSONNumber.canonical(String(decoding: text, as: UTF8.self)).utf8)
    }
  }

  private mutating func writeString(_ node: JSONNode) {
    guard node.form == .escaped else {
      JSONLayout.writeLeaf(node, source, into: &bytes)
      return
    }
    var text: [UInt8] = []
    JSONEscapes.decode(content(node), into: &text)
    bytes.append(UInt8(ascii: "\""))
    text.withUnsafeBytes { JSONEscapes.encode($0, into: &bytes) }
    bytes.append(UInt8(ascii: "\""))
  }
}
