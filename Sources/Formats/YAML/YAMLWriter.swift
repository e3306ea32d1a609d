// Values as YAML for people: block style, two spaces a level, keys in their order. What it writes reads back as the
// same value here, and under the readers of YAML 1.1 that are still about.

extension JSON {
  /// The value as YAML, with a final line break. Of a repeated key the last is written.
  package var yamlText: String { String(decoding: yamlUTF8, as: UTF8.self) }

  /// `yamlText` in UTF-8.
  package var yamlUTF8: [UInt8] {
    var writer = YAMLWriter()
    writer.document(self)
    return writer.bytes
  }
}

/// Writes YAML documents.
package struct YAMLWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Deeper collections are written as JSON, which is YAML too, so that the writer's depth is bounded.
  private static let maximumBlockDepth = 256
  /// A key with more bytes is written behind `? ` (YAML 1.2.2 §7.4.3 allows 1024 characters without).
  private static let longestKey = 1000

  package init() {}

  /// Writes one value as a document; before a second one goes `---`.
  package mutating func document(_ value: JSON) {
    if !bytes.isEmpty { append("---\n") }
    node(value, column: 0, afterDash: true, depth: 0)
  }

  /// Writes a value whose collection stands at `column`; `afterDash` where its first line is begun already.
  private mutating func node(_ value: JSON, column: Int, afterDash: Bool, depth: Int) {
    if value.count == 0 || depth >= YAMLWriter.maximumBlockDepth {
      return scalar(value, column: column)
    }
    if value.kind == .object {
      mapping(value, column, afterDash, depth)
    } else {
      sequence(value, column, afterDash, depth)
    }
  }

  private mutating func sequence(_ value: JSON, _ column: Int, _ afterDash: Bool, _ depth: Int) {
    var isFirst = afterDash
    for element in value.elements {
      if !isFirst { indent(column) }
      isFirst = false
      append("- ")
      node(element, column: column + 2, afterDash: true, depth: depth + 1)
    }
  }

  private mutating func mapping(_ value: JSON, _ column: Int, _ afterDash: Bool, _ depth: Int) {
    var isFirst = afterDash
    for (key, member) in YAMLWriter.lastMembers(value) {
      if !isFirst { indent(column) }
      isFirst = false
      if key.count > YAMLWriter.longestKey {
        append("? ")
        bytes.append(contentsOf: YAMLScalarForm.keyText(key))
        append("\n")
        indent(column)
      } else {
        bytes.append(contentsOf: YAMLScalarForm.keyText(key))
      }
      append(":")
      if member.count > 0, depth + 1 < YAMLWriter.maximumBlockDepth {
        append("\n")
        node(member, column: column + 2, afterDash: false, depth: depth + 1)
      } else {
        append(" ")
        scalar(member, column: column + 2)
      }
    }
  }

  /// The members with the UTF-8 of their keys; of repeated keys the last.
  private static func lastMembers(_ value: JSON) -> [([UInt8], JSON)] {
    var members = value.members.map { (Array($0.key.utf8), $0.value) }
    var last: [[UInt8]: Int] = Dictionary(minimumCapacity: members.count)
    for (index, member) in members.enumerated() { last[member.0] = index }
    if last.count < members.count {
      members = members.enumerated().filter { last[$0.element.0] == $0.offset }.map(\.element)
    }
    return members
  }

  /// A scalar, an empty collection, or a collection as JSON; the lines of a block stand at `column`.
  private mutating func scalar(_ value: JSON, column: Int) {
    guard value.kind == .string else {
      bytes.append(contentsOf: value.utf8)
      return append("\n")
    }
    var text: [UInt8] = []
    _ = value.appendString(to: &text)
    switch YAMLScalarForm(of: text) {
    case .plain, .singleQuoted, .doubleQuoted:
      bytes.append(contentsOf: YAMLScalarForm.inlineText(text))
      append("\n")
    case .literal(let header):
      append(header)
      append("\n")
      literalLines(text, column: max(column, 2))
    }
  }

  private mutating func literalLines(_ text: [UInt8], column: Int) {
    var body = text[...]
    if body.last == 0x0A { body.removeLast() }
    for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if !line.isEmpty { indent(column) }
      bytes.append(contentsOf: line)
      append("\n")
    }
  }

  private mutating func indent(_ column: Int) { bytes.append(contentsOf: repeatElement(0x20, count: column)) }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
