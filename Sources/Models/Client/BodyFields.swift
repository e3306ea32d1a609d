// Changing fields of a request's body after it was encoded: options by path, whatever a user adds raw, and patches.
// Files that are spliced into the body keep their places.

import Formats
import Transport

extension HTTPBody {
  /// The JSON body with each field set at its path; objects on the way are made where they are missing.
  /// - Throws: `badRequest` where a path leads through something that is no object.
  package func setting(_ fields: [BodyField]) throws(ModelError) -> HTTPBody {
    try changed(renaming: [], removing: [], setting: fields)
  }

  /// The JSON body with fields moved, then left out, then set. What is not there is neither moved nor left out.
  /// - Throws: `badRequest` where a path leads through something that is no object.
  package func changed(
    renaming: [RequestPatch.Renaming], removing: [[String]], setting fields: [BodyField]
  ) throws(ModelError) -> HTTPBody {
    let json: JSON
    do { json = try JSON.parse(bytes) } catch {
      throw ModelError(.badRequest, "options cannot be set in a body that is not JSON", attempts: 0)
    }
    var edits: [BodyEdit] = []
    for renaming in renaming {
      guard let value = json.value(at: renaming.from) else { continue }
      edits.append(BodyEdit(renaming.from, .remove))
      edits.append(BodyEdit(renaming.to, .place(value, isOfBody: true)))
    }
    edits += removing.filter { json.value(at: $0) != nil }.map { BodyEdit($0, .remove) }
    edits += fields.map { BodyEdit($0.path, .place($0.value, isOfBody: false)) }
    var rewriter = BodyRewriter(splices: splices)
    try rewriter.write(json, edits: edits, at: "")
    return HTTPBody(rewriter.writer.bytes, splices: rewriter.placed)
  }
}

extension JSON {
  fileprivate func value(at path: [String]) -> JSON? {
    var value: JSON? = path.isEmpty ? nil : self
    for key in path { value = value?[key] }
    return value
  }
}

/// One change at a path. Of several at one path the last counts.
private struct BodyEdit {
  enum Change {
    case remove
    /// A value of the body itself may hold files that are spliced in.
    case place(JSON, isOfBody: Bool)
  }

  var path: ArraySlice<String>
  var change: Change

  init(_ path: [String], _ change: Change) {
    self.path = path[...]
    self.change = change
  }

  init(below edit: BodyEdit) {
    path = edit.path.dropFirst()
    change = edit.change
  }
}

/// Writes a body again with its changes, and notes where its spliced strings come to stand.
private struct BodyRewriter {
  var writer = JSONWriter(capacity: 1024)
  var placed: [HTTPBody.Splice] = []
  private let splices: [HTTPBody.Splice]

  init(splices: [HTTPBody.Splice]) { self.splices = splices }

  mutating func write(_ value: JSON, edits: [BodyEdit], at place: String) throws(ModelError) {
    guard !edits.isEmpty else { return copy(value) }
    guard value.kind == .object else {
      throw ModelError(.badRequest, "'\(place)' is no object, so nothing can be set in it", attempts: 0)
    }
    var left = edits
    writer.beginObject()
    for (key, old) in value.members {
      let here = left.filter { $0.path.first == key }
      left.removeAll { $0.path.first == key }
      try member(key, old, here, at: place)
    }
    while let first = left.first {
      guard let key = first.path.first else {
        left.removeFirst()
        continue
      }
      let here = left.filter { $0.path.first == key }
      left.removeAll { $0.path.first == key }
      try member(key, nil, here, at: place)
    }
    writer.endObject()
  }

  /// One member with its changes; nothing where it is left out.
  private mutating func member(
    _ key: String, _ old: JSON?, _ edits: [BodyEdit], at place: String
  ) throws(ModelError) {
    if let whole = edits.last(where: { $0.path.count == 1 }) {
      guard case .place(let value, let isOfBody) = whole.change else { return }
      writer.key(key)
      if isOfBody { copy(value) } else { writer.value(value) }
      return
    }
    let inner = edits.map(BodyEdit.init(below:))
    if old == nil, !inner.contains(where: { if case .place = $0.change { true } else { false } }) { return }
    writer.key(key)
    try write(old ?? [:], edits: inner, at: place.isEmpty ? key : "\(place).\(key)")
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
