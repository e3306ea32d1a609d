// What the reader makes of YAML text: a flat list of events (YAML 1.2.2 §3.1 "serialization tree"), from which values
// are composed. A list and not a callback: a collection turns out to be a key only after its end, and then the start of
// the mapping is put in before it.

/// One event; text is a range of the source, or of the reader's buffer of decoded text.
struct YAMLEvent: Sendable {
  enum Kind: UInt8, Sendable {
    case documentStart, documentEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd, scalar, alias
  }

  enum Style: UInt8, Sendable {
    /// Scalars.
    case plain, singleQuoted, doubleQuoted, literal, folded
    /// Collections; documents whose marker is not written.
    case block
    /// Collections in brackets; documents with `---` or `...`.
    case flow
  }

  var kind: Kind
  var style: Style
  /// `start` and `length` refer to the decoded text instead of the source.
  var isDecoded = false
  /// Byte offset in the source: of an opening quote, indicator or bracket, of the first character.
  var position: UInt32
  /// Text of a scalar, name of an alias.
  var start: UInt32 = 0
  var length: UInt32 = 0
  /// Index into the list of properties; -1 for none.
  var properties: Int32 = -1

  init(_ kind: Kind, _ style: Style, at position: Int) {
    self.kind = kind
    self.style = style
    self.position = UInt32(truncatingIfNeeded: position)
  }
}

/// Anchor and tag of a node (§6.9).
struct YAMLProperties: Sendable {
  /// Name of the anchor as a range of the source, without `&`.
  var anchor: Range<Int>?
  /// Handles resolved: `tag:yaml.org,2002:str`, `!local`, `!`.
  var tag: String?
  /// Byte offset of the tag.
  var tagPosition = 0
  /// Byte offset of the first of both.
  var position = 0
}

/// All events of a text, with what their ranges refer to.
struct YAMLStream: Sendable {
  var events: [YAMLEvent] = []
  var properties: [YAMLProperties] = []
  var decoded: [UInt8] = []
}
