// YAML as the program uses it: text in, values of the JSON type out, every node with its place in the text.

/// Reads YAML 1.2.2 with the core schema.
///
///     let value = try YAML.parse(bytes, .file)
///     value["steps"]?[0]?.position
///
/// - Keys that are not text are taken as the text they are written as; a list or mapping as a key is an error, since
///   JSON has no such keys. A repeated key is an error.
/// - An alias stands for a copy of what it refers to; the copy's first node has the alias's place.
/// - `.inf` is the number `1e999` (infinite as a double); `.nan` has no form in JSON and is an error.
/// - `<<` is a key like any other: merge keys are no part of YAML 1.2. `Options.mergesKeys` reads them as YAML 1.1 did.
package enum YAML {
  package struct Options: Sendable {
    /// Collections inside one another.
    package var maximumDepth: Int
    /// In bytes.
    package var maximumSize: Int
    /// How many nodes aliases may add, over all of a document (the "billion laughs" limit).
    package var maximumAliasNodes: Int
    /// A tag is an error; for files that have no use for any.
    package var refusesTags: Bool
    /// `<<` takes in the members of the mappings that are its value (https://yaml.org/type/merge.html).
    package var mergesKeys: Bool

    package init(
      maximumDepth: Int = 512, maximumSize: Int = 1 << 28, maximumAliasNodes: Int = 1_000_000,
      refusesTags: Bool = false, mergesKeys: Bool = false
    ) {
      self.maximumDepth = min(maximumDepth, 512)
      self.maximumSize = min(maximumSize, 1 << 30)
      self.maximumAliasNodes = maximumAliasNodes
      self.refusesTags = refusesTags
      self.mergesKeys = mergesKeys
    }

    /// Files of any origin.
    package static let any = Options()
    /// Files of our own formats.
    package static let file = Options(refusesTags: true)
  }

  /// Reads a text with one document; a text without any is null.
  package static func parse(_ bytes: [UInt8], _ options: Options = .any) throws(FormatError) -> JSON {
    let stream = try read(bytes, options)
    if let second = stream.events.indices.filter({ stream.events[$0].kind == .documentStart }).dropFirst().first {
      let position = SourcePosition(of: Int(stream.events[second].position), in: bytes)
      throw FormatError("a second document where one is expected", hint: "'---' starts a document", at: position)
    }
    return try YAMLComposer.compose(stream, bytes, options).first ?? .null
  }

  package static func parse(_ text: String, _ options: Options = .any) throws(FormatError) -> JSON {
    try parse(Array(text.utf8), options)
  }

  /// Reads all documents of a text; positions refer to the whole text.
  package static func parseAll(_ bytes: [UInt8], _ options: Options = .any) throws(FormatError) -> [JSON] {
    try YAMLComposer.compose(read(bytes, options), bytes, options)
  }

  private static func read(_ bytes: [UInt8], _ options: Options) throws(FormatError) -> YAMLStream {
    guard bytes.count <= options.maximumSize else {
      throw FormatError("larger than \(options.maximumSize) bytes", at: SourcePosition(of: 0, in: bytes))
    }
    return try YAMLReader.read(bytes, maximumDepth: options.maximumDepth)
  }
}

extension JSON {
  /// The tag that the node was written with, where it is none of the core schema's: `!prompt`,
  /// `tag:yaml.org,2002:binary`. Only values read from YAML have any.
  package var tag: String? { document.tags[index] }
}
