// How callers read JSON text: once, or many texts one after the other with one reused tape.

extension JSON {
  /// What is accepted, by where the text comes from.
  package struct Options: Sendable {
    package var maximumDepth: Int
    /// In bytes; at most 4 GiB - 1, the reach of the tape's offsets.
    package var maximumSize: Int
    /// A file that a person wrote: a repeated key is an error.
    package var refusesDuplicateKeys: Bool

    package init(maximumDepth: Int = 512, maximumSize: Int = 1 << 30, refusesDuplicateKeys: Bool = false) {
      self.maximumDepth = maximumDepth
      self.maximumSize = min(maximumSize, Int(UInt32.max) - 1)
      self.refusesDuplicateKeys = refusesDuplicateKeys
    }

    /// From a server: of a repeated key the last one wins.
    package static let wire = Options()
    /// From a person: a repeated key is an error.
    package static let file = Options(refusesDuplicateKeys: true)
  }

  /// Reads one JSON text (RFC 8259; a leading byte order mark is skipped).
  package static func parse(_ bytes: [UInt8], _ options: Options = .wire) throws(FormatError) -> JSON {
    let document = JSONDocument(bytes: bytes)
    try JSONReader.read(into: document, options)
    return JSON(document: document, index: 0)
  }

  package static func parse(_ text: String, _ options: Options = .wire) throws(FormatError) -> JSON {
    try parse(Array(text.utf8), options)
  }
}

/// Parses many texts one after the other (lines, events) and reuses the tape of the one before when no value refers to
/// it any more.
package struct JSONParser: Sendable {
  private var document = JSONDocument(bytes: [])
  private let options: JSON.Options

  package init(_ options: JSON.Options = .wire) {
    self.options = options
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> JSON {
    if isKnownUniquelyReferenced(&document) {
      document.bytes.removeAll(keepingCapacity: true)
      document.bytes.append(contentsOf: bytes)
    } else {
      document = JSONDocument(bytes: Array(bytes))
    }
    try JSONReader.read(into: document, options)
    return JSON(document: document, index: 0)
  }
}
