// Why a question was not found in the cache: the parts in which two requests differ, by their place in the JSON. Long
// texts are cut to their beginning and their digest first, on both sides alike, as they are kept beside an answer.

import Formats
import Storage

/// A part in which two requests differ.
package struct RequestDifference: Equatable, Sendable {
  /// `body.messages[1].content`; empty for the whole.
  package var path: String
  /// nil where only the other request has the part.
  package var left: JSON?
  package var right: JSON?

  /// At most this many are told.
  static let limit = 200

  /// The differences in the order of the canonical form.
  package static func between(_ left: CanonicalRequest, _ right: CanonicalRequest) -> [RequestDifference] {
    between(left.abridged, right.abridged)
  }

  static func between(_ left: JSON, _ right: JSON) -> [RequestDifference] {
    var found: [RequestDifference] = []
    compare(left, right, "", &found)
    return found
  }

  /// Recursion is bounded by the depth that parsing allows.
  private static func compare(
    _ left: JSON, _ right: JSON, _ path: String, _ found: inout [RequestDifference]
  ) {
    guard found.count < limit, left != right else { return }
    if left.kind == .object, right.kind == .object {
      let keys = Set(left.keys).union(right.keys).sorted()
      for key in keys { compareParts(left[key], right[key], path + member(key, isFirst: path.isEmpty), &found) }
    } else if left.kind == .array, right.kind == .array {
      let (leftElements, rightElements) = (Array(left.elements), Array(right.elements))
      for index in 0..<max(leftElements.count, rightElements.count) {
        let one: JSON?
        let other: JSON?
        if index < leftElements.count { one = leftElements[index] } else { one = .none }
        if index < rightElements.count { other = rightElements[index] } else { other = .none }
        compareParts(one, other, "\(path)[\(index)]", &found)
      }
    } else {
      found.append(RequestDifference(path: path, left: left, right: right))
    }
  }

  private static func compareParts(
    _ left: JSON?, _ right: JSON?, _ path: String, _ found: inout [RequestDifference]
  ) {
    if let left, let right { return compare(left, right, path, &found) }
    guard found.count < limit else { return }
    found.append(RequestDifference(path: path, left: left, right: right))
  }

  /// `.name`, or `["any name"]` where the name would be misread.
  private static func member(_ key: String, isFirst: Bool) -> String {
    let isPlain =
      !key.isEmpty
      && key.utf8.allSatisfy {
        ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
      }
    if isPlain { return isFirst ? key : "." + key }
    return "[" + String(decoding: JSON.string(key).canonical, as: UTF8.self) + "]"
  }
}

extension RequestDifference: CustomStringConvertible {
  /// `body.temperature: 0.2 and 0.7`, `body.seed: 1 and nothing`.
  package var description: String {
    func words(_ json: JSON?) -> String {
      guard let json else { return "nothing" }
      let text = String(decoding: json.canonical, as: UTF8.self)
      return text.count <= 120 ? text : text.prefix(119) + "…"
    }
    return "\(path.isEmpty ? "the whole" : path): \(words(left)) and \(words(right))"
  }
}

extension CanonicalRequest {
  /// A request whose long texts were cut, to be compared with others.
  init(abridged json: JSON) { self.init(canonical: json.canonical) }

  /// Texts beyond this many bytes are cut.
  private static let textLimit = 1024
  /// What is kept beside an answer is at most this large.
  static let keptLimit = 256 << 10

  /// The request with long texts cut to their beginning, length and digest.
  var abridged: JSON {
    guard let json = try? JSON.parse(bytes) else { return .null }
    var builder = JSONBuilder()
    CanonicalRequest.abridge(json, &builder)
    return builder.finish()
  }

  /// What is kept beside an answer: the request where it is short, else abridged, else with the body's digest alone.
  var kept: [UInt8] {
    if bytes.count <= CanonicalRequest.keptLimit { return bytes }
    let short = abridged
    let canonical = short.canonical
    if canonical.count <= CanonicalRequest.keptLimit { return canonical }
    let members = short.members.map { key, value in
      key == "body" || value.canonical.count > CanonicalRequest.textLimit * 8
        ? (key + "_sha256", JSON.string(SHA256.hex(value.canonical))) : (key, value)
    }
    return JSON.object(members.map { ($0.0, .some($0.1)) }).canonical
  }

  private static func abridge(_ json: JSON, _ builder: inout JSONBuilder) {
    switch json.kind {
    case .object:
      builder.beginObject()
      for (key, value) in json.members {
        builder.key(key)
        abridge(value, &builder)
      }
      builder.endContainer()
    case .array:
      builder.beginArray()
      for element in json.elements { abridge(element, &builder) }
      builder.endContainer()
    case .string:
      guard let text = json.string, text.utf8.count > textLimit else { return builder.value(json) }
      let start = String(decoding: Array(text.utf8.prefix(textLimit / 2)), as: UTF8.self)
      builder.string("\(start)… (\(text.utf8.count) bytes, sha256:\(SHA256.hex(Array(text.utf8)).prefix(32)))")
    default: builder.value(json)
    }
  }
}
