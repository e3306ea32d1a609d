// A long list as the text of its elements, one to a line. A list of a million small values takes as many bytes as it would in
// a file, and not ten times as many; those who go over it, count it or write it down never need it as a value.

import Formats
import Synchronization
import Templates

package final class RawList: Sendable {
  /// Lists of more elements are kept as text.
  static let threshold = 10_000

  /// The JSON text of each element, and a line end behind it.
  let bytes: [UInt8]
  let count: Int
  private let loaded = Mutex<JSON?>(nil)

  init(bytes: [UInt8], count: Int) {
    self.bytes = bytes
    self.count = count
  }

  /// The list as a value, for those who need all of it; made once.
  var json: JSON {
    loaded.withLock { loaded in
      if let loaded { return loaded }
      var builder = JSONBuilder()
      builder.beginArray()
      var elements = makeIterator()
      while let element = elements.next() { builder.value(element) }
      builder.endContainer()
      let json = builder.finish()
      loaded = json
      return json
    }
  }

  func makeIterator() -> Iterator { Iterator(bytes: bytes) }

  struct Iterator: IteratorProtocol {
    fileprivate let bytes: [UInt8]
    private var start = 0

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> JSON? {
      guard start < bytes.count else { return nil }
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      defer { start = end + 1 }
      // It was written here: it is JSON.
      return (try? JSON.parse(Array(bytes[start..<end]))) ?? .null
    }
  }
}

/// Puts a list together: as a value while it is short, as text when it has become long.
struct ListCollector {
  private var builder = JSONBuilder()
  private var bytes: [UInt8] = []
  private(set) var count = 0

  init() { builder.beginArray() }

  mutating func add(_ value: JSON) {
    count += 1
    if count <= RawList.threshold { return builder.value(value) }
    if count == RawList.threshold + 1 { turn() }
    bytes += value.utf8
    bytes.append(0x0A)
  }

  private mutating func turn() {
    builder.endContainer()
    for element in builder.finish().elements {
      bytes += element.utf8
      bytes.append(0x0A)
    }
    builder = JSONBuilder()
  }

  mutating func finish(isTainted: Bool) -> Value {
    guard count > RawList.threshold else {
      builder.endContainer()
      return Value(builder.finish(), isTainted: isTainted)
    }
    return Value(RawList(bytes: bytes, count: count), isTainted: isTainted)
  }
}

/// The elements of a list, however it is kept.
enum ListElements: IteratorProtocol {
  case value(JSON.Elements.Iterator)
  case raw(RawList.Iterator)

  mutating func next() -> JSON? {
    switch self {
    case .value(var iterator):
      defer { self = .value(iterator) }
      return iterator.next()
    case .raw(var iterator):
      defer { self = .raw(iterator) }
      return iterator.next()
    }
  }
}

extension StepContext {
  /// The list that a name stands for, where the text is that name alone and the list is kept as text.
  func rawList(_ text: String, _ uses: [NameUse]) -> RawList? {
    guard uses.count == 1, let use = uses.first, use.level != NameUse.inputLevel, use.name == text,
      case .value(let value)? = frame.find(text)
    else { return nil }
    return value.raw
  }

  /// The same for a template that is one name in braces: `{{ rows }}`, with `length` behind it where that is asked for.
  func rawList(_ template: ChainTemplate, counted: Bool = false) -> RawList? {
    guard template.template.isExpression, template.uses.count == 1, let name = template.uses.first?.name else {
      return nil
    }
    let words = template.text.split { " {}|".contains($0) }
    guard words.map(String.init) == (counted ? [name, "length"] : [name]) else { return nil }
    return rawList(name, template.uses)
  }
}
