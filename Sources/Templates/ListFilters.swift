// Filters of lists and objects.

import Formats

enum ListFilters {
  static let length: TemplateFilters.Filter = { call throws(TemplateFault) in
    switch call.value {
    case .list(let elements): return .integer(elements.count)
    case .object(let members): return .integer(members.count)
    case .json(let json): return .integer(json.count)
    default: break
    }
    guard let items = try? call.items() else { throw call.fault("\(call.value.kindName) has no length") }
    return .integer(items.count)
  }

  /// `[[key, value], …]` of an object or a list, whose keys are its places; nothing of anything else.
  static let entries: TemplateFilters.Filter = { call in
    if let members = call.value.members { return .list(members.map { .list([.string($0.key), $0.value]) }) }
    return .list((call.value.elements ?? []).enumerated().map { .list([.integer($0.offset), $0.element]) })
  }

  static let first: TemplateFilters.Filter = { call throws(TemplateFault) in
    try call.items().first ?? .undefined("the first of nothing")
  }

  static let last: TemplateFilters.Filter = { call throws(TemplateFault) in
    try call.items().last ?? .undefined("the last of nothing")
  }

  static let join: TemplateFilters.Filter = { call throws(TemplateFault) in
    let attribute = call.arguments.value(1, "attribute")
    let separator = call.text(0, "d", default: "")
    var text = ""
    var isFirst = true
    func add(_ item: TemplateValue) throws(TemplateFault) {
      if !isFirst { text += separator }
      isFirst = false
      text += try Self.attribute(attribute, of: item, call).text
    }
    if case .json(let json) = call.value, json.kind == .array {
      for element in json.elements { try add(TemplateValue(element)) }
    } else {
      for item in try call.items() { try add(item) }
    }
    return .string(text)
  }

  static let reverse: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    if case .string = call.value { return .string(items.reversed().map(\.text).joined()) }
    return .list(items.reversed())
  }

  static let sort: TemplateFilters.Filter = { call throws(TemplateFault) in
    let isReversed = call.flag(0, "reverse")
    let isCaseSensitive = call.flag(1, "case_sensitive")
    let attributes = call.arguments.value(2, "attribute")
    var keyed: [(keys: [TemplateValue], item: TemplateValue)] = []
    for item in try call.items() {
      var keys: [TemplateValue] = []
      if case .string(let names)? = attributes, names.contains(",") {
        for name in names.split(separator: ",") { keys.append(try attribute(.string(String(name)), of: item, call)) }
      } else {
        keys = [try attribute(attributes, of: item, call)]
      }
      keyed.append((keys, item))
    }
    var fault: TemplateFault?
    func isLess(_ left: [TemplateValue], _ right: [TemplateValue]) -> Bool {
      for (a, b) in zip(left, right) {
        guard let less = Self.isLess(a, b, isCaseSensitive: isCaseSensitive),
          let greater = Self.isLess(b, a, isCaseSensitive: isCaseSensitive)
        else {
          fault = fault ?? call.fault("\(a.kindName) and \(b.kindName) have no order")
          return false
        }
        if less || greater { return less }
      }
      return false
    }
    // Equal ones keep their order, also when reversed.
    keyed.sort { isReversed ? isLess($1.keys, $0.keys) : isLess($0.keys, $1.keys) }
    if let fault { throw fault }
    return .list(keyed.map(\.item))
  }

  static let unique: TemplateFilters.Filter = { call throws(TemplateFault) in
    let isCaseSensitive = call.flag(0, "case_sensitive")
    let attribute = call.arguments.value(1, "attribute")
    var seen: Set<TemplateKey> = []
    var kept: [TemplateValue] = []
    for item in try call.items() {
      let key = folded(try Self.attribute(attribute, of: item, call), isCaseSensitive)
      if seen.insert(TemplateKey(value: key)).inserted { kept.append(item) }
    }
    return .list(kept)
  }

  static let map: TemplateFilters.Filter = { call throws(TemplateFault) in
    var mapped: [TemplateValue] = []
    let attribute = call.arguments.named.last { $0.0 == "attribute" }?.1
    let fallback = call.arguments.named.last { $0.0 == "default" }?.1
    let name = call.arguments.positional.first?.text
    if attribute == nil, let name, !TemplateFilters.names.contains(name) {
      throw call.fault("map knows no filter '\(name)'", hint: TemplateFilters.suggestion(name) ?? "map(attribute='…')")
    }
    for item in try call.items() {
      if let attribute {
        let value = path(attribute, of: item)
        mapped.append(value.isUndefined ? fallback ?? value : value)
      } else if let name {
        let rest = TemplateArguments(
          positional: Array(call.arguments.positional.dropFirst()), named: call.arguments.named)
        mapped.append(try TemplateFilters.apply(name, item, rest, call.renderer, at: call.offset))
      } else {
        throw call.fault("map needs a filter or an attribute", hint: "map(attribute='name') or map('upper')")
      }
    }
    return .list(mapped)
  }

  static func select(_ call: FilterCall, keeps: Bool, byAttribute: Bool) throws(TemplateFault) -> TemplateValue {
    var arguments = call.arguments.positional
    let attribute = byAttribute ? arguments.first : nil
    if byAttribute {
      guard !arguments.isEmpty else { throw call.fault("the attribute is missing") }
      arguments.removeFirst()
    }
    let test = arguments.first?.text
    let rest = TemplateArguments(positional: Array(arguments.dropFirst()), named: call.arguments.named)
    var kept: [TemplateValue] = []
    for item in try call.items() {
      let value = attribute.map { path($0, of: item) } ?? item
      let holds: Bool
      if let test {
        holds = try TemplateTests.holds(test, value, rest, call.renderer, at: call.offset)
      } else {
        holds = try call.renderer.defined(value, at: call.offset).isTrue
      }
      if holds == keeps { kept.append(item) }
    }
    return .list(kept)
  }

  static let slice: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    let count = try call.integer(0, "slices", default: 1)
    guard count > 0, count <= 100_000 else { throw call.fault("the number of slices is out of range") }
    let (length, longer) = (items.count / count, items.count % count)
    var slices: [TemplateValue] = []
    var start = 0
    for number in 0..<count {
      let end = start + length + (number < longer ? 1 : 0)
      var part = Array(items[start..<end])
      if let filler = call.arguments.value(1, "fill_with"), number >= longer, longer > 0 { part.append(filler) }
      slices.append(.list(part))
      start = end
    }
    return .list(slices)
  }

  static let batch: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    let size = try call.integer(0, "linecount", default: 1)
    guard size > 0, size <= 1_000_000 else { throw call.fault("the size of a batch is out of range") }
    var batches: [TemplateValue] = []
    for start in stride(from: 0, to: items.count, by: size) {
      var part = Array(items[start..<min(start + size, items.count)])
      if let filler = call.arguments.value(1, "fill_with") { while part.count < size { part.append(filler) } }
      batches.append(.list(part))
    }
    return .list(batches)
  }

  static let tail: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    let picked = Array(items.suffix(max(0, try call.integer(0, "count", default: 1))))
    if case .string = call.value { return .string(picked.map(\.text).joined()) }
    return .list(picked)
  }

  static let items: TemplateFilters.Filter = { call throws(TemplateFault) in
    guard let members = call.value.members else {
      throw call.fault("items takes an object, not \(call.value.kindName)")
    }
    return .list(members.map { .list([.string($0.key), $0.value]) })
  }

  static let sortedItems: TemplateFilters.Filter = { call throws(TemplateFault) in
    guard let members = call.value.members else {
      throw call.fault("dictsort takes an object, not \(call.value.kindName)")
    }
    let isCaseSensitive = call.flag(0, "case_sensitive")
    let byValue = call.text(1, "by", default: "key") == "value"
    let isReversed = call.flag(2, "reverse")
    func key(_ member: (key: String, value: TemplateValue)) -> TemplateValue {
      byValue ? member.value : .string(member.key)
    }
    var hasOrder = true
    let sorted = members.sorted { left, right in
      let (a, b) = isReversed ? (key(right), key(left)) : (key(left), key(right))
      guard let less = isLess(a, b, isCaseSensitive: isCaseSensitive) else {
        hasOrder = false
        return false
      }
      return less
    }
    guard hasOrder else { throw call.fault("the values have no order") }
    return .list(sorted.map { .list([.string($0.key), $0.value]) })
  }

  static let group: TemplateFilters.Filter = { call throws(TemplateFault) in
    let name = call.arguments.value(0, "attribute")
    let fallback = call.arguments.value(1, "default")
    var groups: [(key: TemplateValue, items: [TemplateValue])] = []
    var places: [TemplateKey: Int] = [:]
    for item in try call.items() {
      let found = name.map { path($0, of: item) } ?? item
      let key = try call.renderer.defined(found.isUndefined ? fallback ?? found : found, at: call.offset)
      if let place = places[TemplateKey(value: key)] {
        groups[place].items.append(item)
      } else {
        places[TemplateKey(value: key)] = groups.count
        groups.append((key, [item]))
      }
    }
    groups.sort { isLess($0.key, $1.key, isCaseSensitive: false) ?? false }
    // A pair that also has names, as in Jinja.
    return .list(groups.map { .list([$0.key, .list($0.items)]) })
  }

  static let intersect: TemplateFilters.Filter = { call throws(TemplateFault) in
    guard let others = call.arguments.value(0, "other")?.elements else { throw call.fault("intersect needs a list") }
    let wanted = Set(others.map(TemplateKey.init))
    return .list(try call.items().filter { wanted.contains(TemplateKey(value: $0)) })
  }

  // MARK: Shared

  /// The value at an attribute (`a.b.0`) of an item; the item itself where none is named.
  static func attribute(_ name: TemplateValue?, of item: TemplateValue, _ call: FilterCall) throws(TemplateFault)
    -> TemplateValue
  {
    try call.renderer.defined(name.map { path($0, of: item) } ?? item, at: call.offset)
  }

  static func path(_ name: TemplateValue, of item: TemplateValue) -> TemplateValue {
    var value = item
    for step in name.text.split(separator: ".") {
      if let index = Int(step), let elements = value.elements {
        value = elements.indices.contains(index) ? elements[index] : .undefined(name.text)
      } else {
        value = value.member(String(step)) ?? .undefined(name.text)
      }
    }
    return value
  }

  static func folded(_ value: TemplateValue, _ isCaseSensitive: Bool) -> TemplateValue {
    if !isCaseSensitive, case .string(let text) = value { return .string(text.lowercased()) }
    return value
  }

  static func isLess(_ left: TemplateValue, _ right: TemplateValue, isCaseSensitive: Bool) -> Bool? {
    TemplateValue.isLess(folded(left, isCaseSensitive), folded(right, isCaseSensitive))
  }
}
