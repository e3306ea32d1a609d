// Setting fields of a request's body after it was encoded: options by path, and whatever a user adds raw. Files that
// are spliced into the body keep their places.

import Formats
import Transport

extension HTTPBody {
  /// The JSON body with each field set at its path; objects on the way are made where they are missing.
  /// - Throws: `badRequest` where a path leads through something that is no object.
  package func setting(_ fields: [BodyField]) throws(ModelError) -> HTTPBody {
    let json: JSON
    do { json = try JSON.parse(bytes) } catch {
      throw ModelError(.badRequest, "options cannot be set in a body that is not JSON", attempts: 0)
    }
    var rewriter = BodyRewriter(splices: splices)
    try rewriter.write(json, fields: fields.map { ($0.path[...], $0.value) }, at: "")
    return HTTPBody(rewriter.writer.bytes, splices: rewriter.placed)
  }
}

/// Writes a body again with fields set, and notes where its spliced strings come to stand.
private struct BodyRewriter {
  var writer = JSONWriter(capacity: 1024)
  var placed: [HTTPBody.Splice] = []
  private let splices: [HTTPBody.Splice]

  init(splices: [HTTPBody.Splice]) { self.splices = splices }

  mutating func write(
    _ value: JSON, fields: [(path: ArraySlice<String>, value: JSON)], at place: String
  ) throws(ModelError) {
    guard !fields.isEmpty else { return copy(value) }
    guard value.kind == .object else {
      throw ModelError(.badRequest, "'\(place)' is no object, so nothing can be set in it", attempts: 0)
    }
    var left = fields
    writer.beginObject()
    for (key, old) in value.members {
      let here = left.filter { $0.path.first == key }
      left.removeAll { $0.path.first == key }
      writer.key(key)
      if let whole = here.last(where: { $0.path.count == 1 }) {
        writer.value(whole.value)
      } else {
        try write(
          old, fields: here.map { ($0.path.dropFirst(), $0.value) }, at: place.isEmpty ? key : "\(place).\(key)")
      }
    }
    while let first = left.first {
      guard let key = first.path.first else {
        left.removeFirst()
        continue
      }
      let here = left.filter { $0.path.first == key }
      left.removeAll { $0.path.first == key }
      writer.key(key)
      if let whole = here.last(where: { $0.path.count == 1 }) {
        writer.value(whole.value)
      } else {
        try write([:], fields: here.map { ($0.path.dropFirst(), $0.value) }, at: key)
      }
    }
    writer.endObject()
  }

  /// Copies a value; a string that a file is spliced into is found by its place in the old body.
  private mutating func copy(_ value: JSON) {
    switch value.kind {
    case .object:
      writer.beginObject()
      for (key, member) in value.members {
        writer.key(key)
        copy(member)
      }
      writer.endObject()
    case .array:
      writer.beginArray()
      for element in value.elements { copy(element) }
      writer.endArray()
    case .string:
      let start = value.contentOffset
      guard let text = value.string, let splice = splices.first(where: { $0.offset == start + text.utf8.count }) else {
        return writer.value(value)
      }
      // A spliced string's inside is the prefix before the file and needs no escape.
      var moved = splice
      moved.offset = writer.string(unescaped: text.utf8)
      placed.append(moved)
    default: writer.value(value)
    }
  }
}
