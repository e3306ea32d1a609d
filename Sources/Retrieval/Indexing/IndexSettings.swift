// How a store is made, kept with it as one of its attachments: how texts are cut, and which paths are indexed, so that
// `sync` needs no flags. JSON, since it is small and people look at it.

import Formats
import Storage

/// A path that is indexed, with what of it.
package struct IndexRoot: Sendable, Equatable {
  /// As `SourceNames` calls it.
  package var name: String
  package var include: [String]
  package var exclude: [String]
  package var honoursIgnoreFiles: Bool
  package var takesHidden: Bool
  package var followsLinks: Bool
  package var columns: RowColumns
  /// Each row is a record under its own id.
  package var isTable: Bool

  package init(
    name: String, include: [String] = [], exclude: [String] = [], honoursIgnoreFiles: Bool = true,
    takesHidden: Bool = false, followsLinks: Bool = false, columns: RowColumns = RowColumns(), isTable: Bool = false
  ) {
    self.name = name
    self.include = include
    self.exclude = exclude
    self.honoursIgnoreFiles = honoursIgnoreFiles
    self.takesHidden = takesHidden
    self.followsLinks = followsLinks
    self.columns = columns
    self.isTable = isTable
  }

  var walk: FolderWalk.Options {
    FolderWalk.Options(
      include: include, exclude: exclude, honoursIgnoreFiles: honoursIgnoreFiles, takesHidden: takesHidden,
      followsLinks: followsLinks)
  }
}

package struct IndexSettings: Sendable, Equatable {
  package static let attachment = "settings"
  private static let version = 1
  /// Counts up when the same text would be cut otherwise than before.
  private static let chunkerVersion = 1

  /// nil takes what suits each file.
  package var strategy: ChunkOptions.Strategy?
  /// Tokens of a chunk at most.
  package var size = 300
  package var overlap = 0
  /// Numbers of a vector that were asked for, where they are not the model's own.
  package var dimensions: Int?
  package var roots: [IndexRoot] = []

  package init() {}

  /// Of a store; what is usual where it says nothing.
  package init(_ reader: StoreReader) throws(StoreError) {
    guard let bytes = try reader.attachment(IndexSettings.attachment) else {
      self.init()
      return
    }
    try self.init(bytes, path: reader.directory)
  }

  /// - Parameter path: named in errors.
  package init(_ bytes: [UInt8], path: String) throws(StoreError) {
    func damaged() -> StoreError { StoreError(path: path, kind: .damaged(what: "its settings")) }
    guard let json = try? JSON.parse(bytes), let version = json["awl"]?.int else { throw damaged() }
    guard version == IndexSettings.version else {
      throw StoreError(path: path, kind: .version(found: version, supported: IndexSettings.version))
    }
    strategy = json["by"]?.string.flatMap(ChunkOptions.Strategy.init)
    size = json["size"]?.int ?? size
    overlap = json["overlap"]?.int ?? overlap
    dimensions = json["dimensions"]?.int
    func texts(_ value: JSON?) -> [String] { value?.elements.compactMap(\.string) ?? [] }
    for entry in json["roots"]?.elements.map({ $0 }) ?? [] {
      guard let name = entry["path"]?.string else { throw damaged() }
      roots.append(
        IndexRoot(
          name: name, include: texts(entry["include"]), exclude: texts(entry["exclude"]),
          honoursIgnoreFiles: entry["ignored"]?.bool != true, takesHidden: entry["hidden"]?.bool == true,
          followsLinks: entry["links"]?.bool == true,
          columns: RowColumns(
            id: entry["id"]?.string, text: texts(entry["text"]), metadata: entry["meta"].map { texts($0) }),
          isTable: entry["table"]?.bool == true))
    }
  }

  package var bytes: [UInt8] {
    func list(_ texts: [String]) -> JSON? { texts.isEmpty ? nil : .array(texts.map { .string($0) }) }
    func flag(_ value: Bool) -> JSON? { value ? .bool(true) : nil }
    let roots = roots.map { root in
      JSON.object([
        ("path", .string(root.name)), ("include", list(root.include)), ("exclude", list(root.exclude)),
        ("ignored", flag(!root.honoursIgnoreFiles)), ("hidden", flag(root.takesHidden)),
        ("links", flag(root.followsLinks)), ("table", flag(root.isTable)),
        ("id", root.columns.id.map { .string($0) }), ("text", list(root.columns.text)),
        ("meta", root.columns.metadata.map { .array($0.map { .string($0) }) }),
      ])
    }
    return jsonBytes(
      .object([
        ("awl", .number(IndexSettings.version)), ("by", strategy.map { .string($0.rawValue) }),
        ("size", .number(size)), ("overlap", .number(overlap)), ("dimensions", dimensions.map { .number($0) }),
        ("roots", .array(roots)),
      ]))
  }

  /// Tells whether rows of a source under a root were made as they would be now.
  func fingerprint(_ root: IndexRoot) -> UInt64 {
    var text = "\(IndexSettings.chunkerVersion) \(strategy?.rawValue ?? "auto") \(size) \(overlap) \(root.isTable)"
    text += " \(root.columns.id ?? "") \(root.columns.text) \(root.columns.metadata.map { "\($0)" } ?? "all")"
    return number(SHA256.hash(Array(text.utf8)), 0, 8)
  }

  /// Adds a root, or replaces the one of its path; gives its number.
  mutating func add(_ root: IndexRoot) -> Int {
    if let index = roots.firstIndex(where: { $0.name == root.name }) {
      roots[index] = root
      return index
    }
    roots.append(root)
    return roots.count - 1
  }
}
