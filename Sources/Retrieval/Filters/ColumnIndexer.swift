// Builds the columns of a segment from the metadata of its rows, see `ColumnFormat`.

import Formats

/// Builds the filter columns of a segment.
package struct ColumnIndexer: SegmentIndexer {
  private enum Value: Hashable {
    case bool(Bool)
    /// The bits of a number; zero is written one way.
    case number(UInt64)
    case text(String)
    case null
  }

  private struct Field {
    var name: String
    var numbers: [Value: UInt32] = [:]
    var values: [Value] = []
    /// For rows so far: 0, 1 + a value in order of appearance, or the mark and a list.
    var codes: [UInt32] = []
    var lists: [[UInt32]] = []

    mutating func number(of value: Value) -> UInt32 {
      if let known = numbers[value] { return known }
      let number = UInt32(values.count)
      numbers[value] = number
      values.append(value)
      return number
    }
  }

  private var fields: [Field] = []
  private var places: [String: Int] = [:]
  private var rows = 0

  package init() {}

  package mutating func add(_ record: StoreRecord, row: Int) {
    rows = max(rows, row + 1)
    guard let metadata = record.metadata, metadata.kind == .object else { return }
    add(metadata, prefix: "", row: row, depth: 0)
  }

  private mutating func add(_ object: JSON, prefix: String, row: Int, depth: Int) {
    for (key, value) in object.members {
      let name = prefix + key
      if value.kind == .object {
        if depth < ColumnFormat.maximumDepth { add(value, prefix: name + ".", row: row, depth: depth + 1) }
        continue
      }
      guard let place = place(of: name) else { continue }
      while fields[place].codes.count < row { fields[place].codes.append(0) }
      // The first of two members with one name counts.
      guard fields[place].codes.count == row else { continue }
      if value.kind == .array {
        let members = value.elements.compactMap { ColumnIndexer.value($0) }.map { fields[place].number(of: $0) }
        fields[place].codes.append(ColumnFormat.listMark | UInt32(fields[place].lists.count))
        fields[place].lists.append(members)
      } else if let scalar = ColumnIndexer.value(value) {
        fields[place].codes.append(1 + fields[place].number(of: scalar))
      }
    }
  }

  private mutating func place(of name: String) -> Int? {
    if let known = places[name] { return known }
    guard fields.count < ColumnFormat.maximumFields else { return nil }
    places[name] = fields.count
    fields.append(Field(name: name))
    return fields.count - 1
  }

  private static func value(_ json: JSON) -> Value? {
    switch json.kind {
    case .null: return .null
    case .bool: return json.bool.map { .bool($0) }
    case .number: return json.double.map { .number($0 == 0 ? 0 : $0.bitPattern) }
    case .string: return json.string.map { .text($0) }
    case .array, .object: return nil
    }
  }

  package mutating func finish() -> [SegmentBlock] {
    var bytes: [UInt8] = []
    for number in [ColumnFormat.magic, ColumnFormat.version, UInt32(rows), UInt32(fields.count)] {
      KeywordFormat.append(number, &bytes)
    }
    let table = bytes.count
    bytes += [UInt8](repeating: 0, count: fields.count * 8)
    for (index, field) in fields.enumerated() {
      let start = bytes.count
      ColumnIndexer.write(field, rows, &bytes)
      for (offset, number) in [UInt32(start), UInt32(bytes.count - start)].enumerated() {
        withUnsafeBytes(of: number.littleEndian) { raw in
          for place in 0..<4 { bytes[table + index * 8 + offset * 4 + place] = raw[place] }
        }
      }
    }
    return [SegmentBlock(name: ColumnFormat.name, bytes: bytes)]
  }

  private static func write(_ field: Field, _ rows: Int, _ bytes: inout [UInt8]) {
    var bools: [(Bool, Int)] = []
    var numbers: [(Double, Int)] = []
    var texts: [(String, Int)] = []
    var null: Int?
    for (index, value) in field.values.enumerated() {
      switch value {
      case .bool(let flag): bools.append((flag, index))
      case .number(let bits): numbers.append((Double(bitPattern: bits), index))
      case .text(let text): texts.append((text, index))
      case .null: null = index
      }
    }
    bools.sort { !$0.0 && $1.0 }
    numbers.sort { $0.0 < $1.0 }
    texts.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    /// The number in order of each value by its order of appearance.
    var order = [UInt32](repeating: 0, count: field.values.count)
    let all = bools.map(\.1) + numbers.map(\.1) + texts.map(\.1) + (null.map { [$0] } ?? [])
    for (number, index) in all.enumerated() { order[index] = UInt32(number) }
    let textSize = texts.reduce(0) { $0 + $1.0.utf8.count }
    let members = field.lists.reduce(0) { $0 + $1.count }
    let name = Array(field.name.utf8)
    for count in [
      name.count, bools.count, numbers.count, texts.count, null == nil ? 0 : 1, textSize, field.lists.count, members,
    ] { KeywordFormat.append(UInt32(count), &bytes) }
    // Whether the booleans are false, true or both.
    KeywordFormat.append(UInt32(bools.first?.0 == true ? 1 : 0), &bytes)
    append(name, &bytes)
    for (value, _) in numbers { KeywordFormat.append(value.bitPattern, &bytes) }
    var end: UInt32 = 0
    for (text, _) in texts {
      end += UInt32(text.utf8.count)
      KeywordFormat.append(end, &bytes)
    }
    append(texts.flatMap { Array($0.0.utf8) }, &bytes)
    var start: UInt32 = 0
    for list in field.lists {
      KeywordFormat.append(start, &bytes)
      start += UInt32(list.count)
    }
    KeywordFormat.append(start, &bytes)
    for list in field.lists { for member in list { KeywordFormat.append(order[Int(member)], &bytes) } }
    for row in 0..<rows {
      let code = row < field.codes.count ? field.codes[row] : 0
      let isValue = code != 0 && code & ColumnFormat.listMark == 0
      KeywordFormat.append(isValue ? 1 + order[Int(code - 1)] : code, &bytes)
    }
  }

  private static func append(_ text: [UInt8], _ bytes: inout [UInt8]) {
    bytes += text
    bytes += [UInt8](repeating: 0, count: (4 - text.count % 4) % 4)
  }
}
