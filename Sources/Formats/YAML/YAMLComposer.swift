// From events to values: aliases, tags and plain scalars are resolved, keys become text, and each node is written
// straight onto the tape of a JSON document. Text that stands in the source as it means is not copied.

/// Composes the documents of one text.
struct YAMLComposer {
  private let source: [UInt8]
  private let stream: YAMLStream
  private let options: YAML.Options
  /// Decoded text and converted numbers; its offsets on the tape start at `source.count`.
  private var decoded: [UInt8]

  var nodes = JSONTape()
  var positions: [UInt32] = []
  var tags: [Int: String] = [:]
  private var open: [Open] = []
  private var anchors: [String: Anchor] = [:]
  private var aliasNodes = 0

  /// A collection whose end has not come.
  private struct Open {
    var node: Int
    var isObject: Bool
    var needsKey: Bool
    var hasMergeKey = false
    /// Levels of collections inside.
    var height = 0
    var anchor: String?
  }

  private struct Anchor {
    var event: Int
    var node: Int
    /// Levels of collections, itself included; 0 while it is open.
    var height: Int
  }

  /// What one document became.
  private struct Composed {
    var nodes: JSONTape
    var positions: [UInt32]
    var tags: [Int: String]
  }

  static func compose(
    _ stream: YAMLStream, _ source: [UInt8], _ options: YAML.Options
  ) throws(FormatError) -> [JSON] {
    var composer = YAMLComposer(stream, source, options)
    var composed: [Composed] = []
    do throws(FormatError) {
      var index = 0
      while index < stream.events.count {
        index = try composer.composeDocument(from: index + 1)
        composed.append(
          Composed(nodes: composer.nodes, positions: composer.positions, tags: composer.tags))
        composer.reset()
      }
    } catch {
      composer.nodes.deallocate()
      for document in composed { document.nodes.deallocate() }
      throw error
    }
    let bytes = composer.decoded.isEmpty ? source : source + composer.decoded
    return composed.map {
      let document = JSONDocument(
        bytes: bytes, nodes: $0.nodes, positions: $0.positions, source: source, tags: $0.tags)
      document.keysAreUnique = true
      return JSON(document: document, index: 0)
    }
  }

  private init(_ stream: YAMLStream, _ source: [UInt8], _ options: YAML.Options) {
    self.source = source
    self.options = options
    self.decoded = stream.decoded
    var stream = stream
    stream.decoded = []
    self.stream = stream
  }

  private mutating func reset() {
    nodes = JSONTape()
    positions = []
    tags = [:]
    anchors = [:]
    aliasNodes = 0
  }

  /// Composes the document whose first event behind its start is at `first`; gives the index behind its end.
  private mutating func composeDocument(from first: Int) throws(FormatError) -> Int {
    var index = first
    nodes.reserve(16)
    while index < stream.events.count {
      let event = stream.events[index]
      switch event.kind {
      case .scalar: try addScalar(event, index)
      case .alias: try addAlias(event)
      case .mappingStart: try begin(.object, event, index)
      case .sequenceStart: try begin(.array, event, index)
      case .mappingEnd, .sequenceEnd: try endCollection()
      case .documentStart: break
      case .documentEnd: return index + 1
      }
      index += 1
    }
    return index
  }

  private func fail(_ message: String, hint: String? = nil, at offset: Int) -> FormatError {
    FormatError(message, hint: hint, at: SourcePosition(of: offset, in: source))
  }

  private func failKey(_ kind: JSONNode.Kind, _ offset: Int) -> FormatError {
    let isTemplate = offset > 0 && source[offset] == UInt8(ascii: "{") && source[offset - 1] == UInt8(ascii: "{")
    return fail(
      kind == .object ? "a mapping as a key" : "a list as a key",
      hint: isTemplate ? "text that starts with '{{' needs quotes" : "keys are text", at: offset)
  }

  // MARK: collections

  private mutating func begin(_ kind: JSONNode.Kind, _ event: YAMLEvent, _ index: Int) throws(FormatError) {
    if let last = open.last, last.isObject, last.needsKey {
      throw failKey(kind, Int(event.position))
    }
    countValue()
    let node = nodes.count
    var entry = Open(node: node, isObject: kind == .object, needsKey: kind == .object)
    if event.properties >= 0 {
      entry.anchor = try addProperties(event, index, node)
      if let tag = stream.properties[Int(event.properties)].tag {
        let expected = kind == .object ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq"
        if isCore(tag), tag != expected { throw mismatch(event) }
      }
    }
    append(kind, start: Int(event.position), length: 0, next: open.last?.node ?? -1, at: Int(event.position))
    open.append(entry)
  }

  private mutating func endCollection() throws(FormatError) {
    guard let closed = open.popLast() else { return }
    nodes[closed.node].next = UInt32(truncatingIfNeeded: nodes.count)
    if closed.isObject {
      try refuseRepeatedKeys(of: closed.node)
      if closed.hasMergeKey { try mergeKeys(of: closed.node) }
    }
    let height = closed.height + 1
    if let anchor = closed.anchor, anchors[anchor]?.node == closed.node { anchors[anchor]?.height = height }
    raiseHeight(height)
  }

  private mutating func raiseHeight(_ height: Int) {
    guard !open.isEmpty else { return }
    if open[open.count - 1].height < height { open[open.count - 1].height = height }
  }

  /// A value is added to the innermost collection.
  @inline(__always)
  private mutating func countValue() {
    guard let last = open.indices.last else { return }
    nodes[open[last].node].length += 1
    if open[last].isObject { open[last].needsKey = true }
  }

  @inline(__always)
  private mutating func append(_ kind: JSONNode.Kind, start: Int, length: Int, next: Int, at position: Int) {
    nodes.append(kind, start: start, length: length, next: next, form: .decoded)
    positions.append(UInt32(truncatingIfNeeded: position))
  }

  // MARK: scalars

  private mutating func addScalar(_ event: YAMLEvent, _ index: Int) throws(FormatError) {
    let start = event.isDecoded ? source.count + Int(event.start) : Int(event.start)
    let length = Int(event.length)
    var kind = JSONNode.Kind.string
    var number: String?
    let isKey = open.last.map { $0.isObject && $0.needsKey } ?? false
    var tag: String?
    if event.properties >= 0 {
      _ = try addProperties(event, index, nodes.count)
      tag = stream.properties[Int(event.properties)].tag
    }
    if !isKey, tag == nil, event.style == .plain, !event.isDecoded {
      (kind, number) = try resolve(event)
    } else if let tag, isCore(tag) {
      let resolved = try resolve(tag, event)
      if !isKey { (kind, number) = resolved }
    }
    if isKey {
      open[open.count - 1].needsKey = false
      if options.mergesKeys, event.style == .plain, tag == nil, isMergeKey(start, length) {
        open[open.count - 1].hasMergeKey = true
      }
    } else {
      countValue()
    }
    if let number {
      let numberStart = source.count + decoded.count
      decoded.append(contentsOf: number.utf8)
      append(kind, start: numberStart, length: number.utf8.count, next: nodes.count + 1, at: Int(event.position))
    } else {
      append(kind, start: start, length: length, next: nodes.count + 1, at: Int(event.position))
    }
  }

  /// A plain scalar that stands in the source.
  @inline(__always)
  private func resolve(_ event: YAMLEvent) throws(FormatError) -> (JSONNode.Kind, String?) {
    let range = Int(event.start)..<Int(event.start) + Int(event.length)
    switch source.withUnsafeBufferPointer({ YAMLCoreSchema.resolve(UnsafeBufferPointer(rebasing: $0[range])) }) {
    case .string: return (.string, nil)
    case .null: return (.null, nil)
    case .bool(let value): return (value ? .true_ : .false_, nil)
    case .int(let text), .float(let text): return (.number, text)
    case .infinity(let isNegative): return (.number, isNegative ? "-1e999" : "1e999")
    case .notANumber:
      throw fail("'not a number' has no form in JSON", hint: "quote it if it is text", at: Int(event.position))
    }
  }

  /// A scalar with a tag of the core schema.
  private func resolve(_ tag: String, _ event: YAMLEvent) throws(FormatError) -> (JSONNode.Kind, String?) {
    if tag == "!" || tag == "tag:yaml.org,2002:str" { return (.string, nil) }
    let first = Int(event.start)
    let text =
      event.isDecoded
      ? Array(decoded[first..<first + Int(event.length)]) : Array(source[first..<first + Int(event.length)])
    switch (tag, text.withUnsafeBufferPointer { YAMLCoreSchema.resolve($0) }) {
    case ("tag:yaml.org,2002:null", .null): return (.null, nil)
    case ("tag:yaml.org,2002:bool", .bool(let value)): return (value ? .true_ : .false_, nil)
    case ("tag:yaml.org,2002:int", .int(let number)),
      ("tag:yaml.org,2002:float", .int(let number)), ("tag:yaml.org,2002:float", .float(let number)):
      return (.number, number)
    case ("tag:yaml.org,2002:float", .infinity(let isNegative)): return (.number, isNegative ? "-1e999" : "1e999")
    default: throw mismatch(event)
    }
  }

  private func mismatch(_ event: YAMLEvent) -> FormatError {
    let properties = stream.properties[Int(event.properties)]
    return fail("the value is not of the type that its tag says", at: properties.tagPosition)
  }

  private func isCore(_ tag: String) -> Bool {
    switch tag {
    case "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int",
      "tag:yaml.org,2002:float", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map":
      true
    default: false
    }
  }

  // MARK: properties and aliases

  /// Keeps anchor and tag of the node that will be at `node`; gives the anchor's name.
  private mutating func addProperties(_ event: YAMLEvent, _ index: Int, _ node: Int) throws(FormatError) -> String? {
    let properties = stream.properties[Int(event.properties)]
    if let tag = properties.tag {
      if options.refusesTags {
        throw fail(
          "tags are not used in this file", hint: "quote text that starts with '!'", at: properties.tagPosition)
      }
      if !isCore(tag) { tags[node] = tag }
    }
    guard let range = properties.anchor else { return nil }
    let name = String(decoding: source[range], as: UTF8.self)
    anchors[name] = Anchor(event: index, node: node, height: 0)
    return name
  }

  private mutating func addAlias(_ event: YAMLEvent) throws(FormatError) {
    let position = Int(event.position)
    let name = String(decoding: source[Int(event.start)..<Int(event.start) + Int(event.length)], as: UTF8.self)
    guard let anchor = anchors[name] else {
      let hint = EditDistance.suggestion(for: name, among: anchors.keys.sorted()).map { "did you mean '*\($0)'?" }
      throw fail(
        "there is no anchor '&\(name)' before this", hint: hint ?? "quote text that starts with '*'", at: position)
    }
    var target = stream.events[anchor.event]
    if target.kind == .scalar {
      target.position = event.position
      // The anchor stays with the node that it was written on.
      try addScalar(target, anchor.event)
      anchors[name] = anchor
      try countAliasNodes(1, position)
      return
    }
    if open.last.map({ $0.isObject && $0.needsKey }) ?? false {
      throw failKey(nodes[anchor.node].kind, position)
    }
    let end = Int(nodes[anchor.node].next)
    guard anchor.height > 0 else {
      throw fail("the alias refers to a collection that it is in", at: position)
    }
    guard open.count + anchor.height <= options.maximumDepth else {
      throw fail("nested deeper than \(options.maximumDepth) levels", at: position)
    }
    try countAliasNodes(end - anchor.node, position)
    countValue()
    let shift = nodes.count - anchor.node
    for index in anchor.node..<end {
      let node = nodes[index]
      nodes.append(
        node.kind, start: Int(node.start), length: Int(node.length), next: Int(node.next) + shift, form: node.form)
      positions.append(index == anchor.node ? event.position : positions[index])
      if let tag = tags[index] { tags[index + shift] = tag }
    }
    raiseHeight(anchor.height)
  }

  private mutating func countAliasNodes(_ count: Int, _ position: Int) throws(FormatError) {
    aliasNodes += count
    guard aliasNodes <= options.maximumAliasNodes else {
      throw fail("aliases make more than \(options.maximumAliasNodes) values", at: position)
    }
  }
}

extension YAMLComposer {
  func text(of index: Int) -> ArraySlice<UInt8> {
    let node = nodes[index]
    let start = Int(node.start)
    return start >= source.count && node.length > 0
      ? decoded[start - source.count..<start - source.count + Int(node.length)]
      : source[min(start, source.count)..<min(start, source.count) + Int(node.length)]
  }

  private func isMergeKey(_ start: Int, _ length: Int) -> Bool {
    length == 2 && start + 2 <= source.count && source[start] == UInt8(ascii: "<")
      && source[start + 1] == UInt8(ascii: "<")
  }

  func failure(_ message: String, hint: String? = nil, node: Int) -> FormatError {
    fail(message, hint: hint, at: Int(positions[node]))
  }
}
