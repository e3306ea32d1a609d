// Setting one value in a file that a person wrote: the text is changed at the place of the value and nowhere else, so
// that comments, order and style stay. What the edited text then says is read again and compared: an edit that would
// change anything but its value is not made.

import Formats

enum ConfigEdit {
  /// The text with the value at a path set.
  ///
  /// - Throws: why it cannot be done safely.
  static func setting(_ path: [String], to value: JSON, in source: [UInt8]) throws(UsageError) -> [UInt8] {
    let before = try read(source)
    guard before.isNull || before.kind == .object else {
      throw UsageError("the file is no mapping, so nothing can be set in it", hint: "awl config edit")
    }
    let edited = try edit(path, value, before, source)
    // Proof: the new text says what the old one said, with the one value.
    let expected = changed(before, path[...], value)
    guard let after = try? YAML.parse(edited, .file), after.canonical == expected.canonical else {
      throw UsageError(
        "\(ConfigPath.text(path)) cannot be set here without touching what stands around it", hint: "awl config edit")
    }
    return edited
  }

  private static func read(_ source: [UInt8]) throws(UsageError) -> JSON {
    do throws(FormatError) {
      return try YAML.parse(source, .file)
    } catch {
      throw UsageError("line \(error.position.line): \(error.message)", hint: "awl config edit")
    }
  }

  private static func edit(
    _ path: [String], _ value: JSON, _ root: JSON, _ source: [UInt8]
  ) throws(UsageError) -> [UInt8] {
    // As far down as the file goes.
    var node = root
    var depth = 0
    while depth < path.count, let next = node[path[depth]] {
      node = next
      depth += 1
    }
    let text = line(value)
    if depth == path.count {
      guard let range = scalarRange(node, source) else {
        throw UsageError(
          "\(ConfigPath.text(path)) is more than one line or value in the file", hint: "awl config edit")
      }
      return Array(source[..<range.lowerBound]) + text + Array(source[range.upperBound...])
    }
    let missing = Array(path[depth...])
    if depth == 0 { return appended(missing, text, source) }
    return try inserted(missing, text, into: node, of: path[depth - 1], source)
  }

  /// A value on one line.
  private static func line(_ value: JSON) -> [UInt8] {
    var bytes = value.string == nil ? value.utf8 : value.yamlUTF8
    while bytes.last == 0x0A { bytes.removeLast() }
    // A text of several lines is written as JSON, which is YAML too.
    return bytes.contains(0x0A) ? value.utf8 : bytes
  }

  /// The bytes of a value that stands on one line: a quoted or plain scalar, or a flow collection; `nil` where it takes
  /// more than one.
  private static func scalarRange(_ node: JSON, _ source: [UInt8]) -> Range<Int>? {
    let start = node.position.offset
    guard start < source.count else { return nil }
    var end = start
    switch source[start] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let quote = source[start]
      end += 1
      while end < source.count, source[end] != 0x0A {
        if source[end] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
          end += 2
          continue
        }
        if source[end] == quote {
          if quote == UInt8(ascii: "'"), end + 1 < source.count, source[end + 1] == quote {
            end += 2
            continue
          }
          return start..<end + 1
        }
        end += 1
      }
      return nil
    case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"): return nil
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      var open = 0
      while end < source.count, source[end] != 0x0A {
        if "[{".utf8.contains(source[end]) { open += 1 }
        if "]}".utf8.contains(source[end]) { open -= 1 }
        end += 1
        if open == 0 { return start..<end }
      }
      return nil
    default:
      guard node.kind != .array, node.kind != .object else { return nil }
      // A plain scalar's text ends before a comment, a line's end, or what closes a flow collection: its own length is
      // that of its text.
      let text = Array((node.string ?? node.numberText ?? node.text).utf8)
      end = start + text.count
      return end <= source.count && Array(source[start..<end]) == text ? start..<end : nil
    }
  }

  /// Keys that the file has nothing of, at its end.
  private static func appended(_ path: [String], _ text: [UInt8], _ source: [UInt8]) -> [UInt8] {
    var bytes = source
    if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
    return bytes + lines(path, text, column: 0)
  }

  /// Keys below a mapping that is there: behind its last line, at its column.
  private static func inserted(
    _ path: [String], _ text: [UInt8], into node: JSON, of key: String, _ source: [UInt8]
  ) throws(UsageError) -> [UInt8] {
    guard node.kind == .object, let first = node.keys.first, let position = node.keyPosition(first) else {
      throw UsageError("'\(key)' has nothing below it in the file", hint: "awl config edit")
    }
    let start = node.position.offset
    if start < source.count, source[start] == UInt8(ascii: "{") {
      // A flow mapping: before its first key.
      var pair = flow(path, text)
      pair += Array(", ".utf8)
      return Array(source[..<position.offset]) + pair + Array(source[position.offset...])
    }
    let lineStart = source[..<position.offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    guard source[lineStart..<position.offset].allSatisfy({ $0 == 0x20 }) else {
      throw UsageError("'\(key)' begins in the middle of a line", hint: "awl config edit")
    }
    let new = lines(path, text, column: position.offset - lineStart)
    return Array(source[..<lineStart]) + new + Array(source[lineStart...])
  }

  private static func lines(_ path: [String], _ text: [UInt8], column: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for (depth, key) in path.enumerated() {
      bytes += [UInt8](repeating: 0x20, count: column + 2 * depth)
      bytes += line(.string(key)) + [0x3A]
      bytes += depth == path.count - 1 ? [0x20] + text + [0x0A] : [0x0A]
    }
    return bytes
  }

  private static func flow(_ path: [String], _ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for key in path.dropLast() { bytes += JSON.string(key).utf8 + Array(": {".utf8) }
    bytes += JSON.string(path.last ?? "").utf8 + Array(": ".utf8) + text
    return bytes + [UInt8](repeating: UInt8(ascii: "}"), count: path.count - 1)
  }

  /// The value with one set, as it should read back.
  private static func changed(_ value: JSON, _ path: ArraySlice<String>, _ new: JSON) -> JSON {
    guard let key = path.first else { return new }
    var members: [(String, JSON?)] = []
    var isThere = false
    for (name, member) in value.members {
      isThere = isThere || name == key
      members.append((name, name == key ? changed(member, path.dropFirst(), new) : member))
    }
    if !isThere { members.append((key, changed(.null, path.dropFirst(), new))) }
    return .object(members)
  }
}
