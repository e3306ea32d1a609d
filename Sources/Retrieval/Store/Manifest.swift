// The one file of a store that changes: what belongs to the store now. It is replaced as a whole by a rename, so a
// reader sees one version or the next. One line of JSON that ends with its checksum (`RecordLine`).

import Formats
import Storage

/// The segments of a store and what is deleted in them.
struct Manifest: Equatable, Sendable {
  static let version = 1
  static let fileName = "manifest.json"

  struct File: Equatable, Sendable {
    var name: String
    var size: Int
    var checksum: UInt32
  }

  struct Segment: Equatable, Sendable {
    /// The checksum is that of the head, which holds those of the blocks.
    var file: File
    var rows: Int
    /// A bit for each deleted row; nil for none.
    var deleted: File?
    var deletedRows: Int
  }

  var generation = 0
  var model: String
  var dimension: Int
  var segments: [Segment] = []
  /// Small files of others, each replaced as a whole, by name.
  var attachments: [(name: String, file: File)] = []

  static func == (left: Manifest, right: Manifest) -> Bool { left.bytes == right.bytes }

  /// Every file that belongs to the store beside the manifest and the lock.
  var files: Set<String> {
    Set(segments.flatMap { [$0.file.name] + ($0.deleted.map { [$0.name] } ?? []) } + attachments.map(\.file.name))
  }

  // MARK: Writing

  var bytes: [UInt8] {
    func json(_ file: File) -> JSON {
      .object([
        ("file", .string(file.name)), ("size", .number(file.size)), ("crc32", .number(Int(file.checksum))),
      ])
    }
    let segments: [JSON] = segments.map { segment in
      .object([
        ("segment", json(segment.file)), ("rows", .number(segment.rows)), ("deleted", segment.deleted.map(json)),
        ("deleted_rows", .number(segment.deletedRows)),
      ])
    }
    let attachments: [JSON] = attachments.map { .object([("name", .string($0.name)), ("attachment", json($0.file))]) }
    let value = JSON.object([
      ("awl", .number(Manifest.version)), ("kind", "store"), ("generation", .number(generation)),
      ("model", .string(model)), ("dimension", .number(dimension)), ("segments", .array(segments)),
      ("attachments", .array(attachments)),
    ])
    return (RecordLine.encode(jsonBytes(value)) ?? []) + [UInt8(ascii: "\n")]
  }

  // MARK: Reading

  /// The manifest of the store in a directory; nil where there is none.
  static func read(_ directory: String) throws(StoreError) -> Manifest? {
    let path = Paths.join(directory, fileName)
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: 64 << 20)
    } catch  where error.kind == .notFound {
      return nil
    } catch {
      throw StoreError(error)
    }
    return try Manifest(bytes, path: path)
  }

  init(model: String, dimension: Int) {
    self.model = model
    self.dimension = dimension
  }

  init(_ bytes: [UInt8], path: String) throws(StoreError) {
    func damaged(_ what: String) -> StoreError { StoreError(path: path, kind: .damaged(what: what)) }
    let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
    // A newer version may keep its checksum elsewhere, so the version is looked at first.
    if let value = try? JSON.parse(Array(line)), value.kind == .object, let version = value["awl"]?.int,
      version > Manifest.version
    {
      throw StoreError(path: path, kind: .version(found: version, supported: Manifest.version))
    }
    guard bytes.last == UInt8(ascii: "\n"), let record = RecordLine.decode(line) else {
      throw damaged("its checksum does not hold")
    }
    guard let value = try? JSON.parse(record), value["kind"]?.string == "store",
      value["awl"]?.int == Manifest.version, let generation = value["generation"]?.int,
      let model = value["model"]?.string,
      let dimension = value["dimension"]?.int, (0...SegmentFormat.dimensionLimit).contains(dimension),
      let segments = value["segments"], let attachments = value["attachments"]
    else { throw damaged("it does not say what a store's manifest says") }
    self.generation = generation
    self.model = model
    self.dimension = dimension
    for entry in segments.elements {
      guard let file = Manifest.file(entry["segment"]), let rows = entry["rows"]?.int,
        let deletedRows = entry["deleted_rows"]?.int, rows >= 0, (0...rows).contains(deletedRows)
      else { throw damaged("an entry for a segment is not whole") }
      var deleted: File?
      if let value = entry["deleted"] {
        guard let file = Manifest.file(value) else { throw damaged("an entry for deleted rows is not whole") }
        deleted = file
      }
      self.segments.append(Segment(file: file, rows: rows, deleted: deleted, deletedRows: deletedRows))
    }
    for entry in attachments.elements {
      guard let name = entry["name"]?.string, let file = Manifest.file(entry["attachment"]) else {
        throw damaged("an entry for an attachment is not whole")
      }
      self.attachments.append((name, file))
    }
  }

  /// Names lead nowhere but into the directory.
  private static func file(_ value: JSON?) -> File? {
    guard let name = value?["file"]?.string, StoreFiles.isOwn(name), let size = value?["size"]?.int, size >= 0,
      let checksum = value?["crc32"]?.int.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    return File(name: name, size: size, checksum: checksum)
  }
}

/// The names of the files in a store's directory.
enum StoreFiles {
  static let lock = "lock"
  static let segment = "seg"
  static let deleted = "del"
  static let attachment = "att"

  /// A new name that sorts by time.
  static func newName(_ ending: String) -> String { "\(RecordID.next().text).\(ending)" }

  /// True for names that a store makes, also unfinished ones: an id of 26 characters and an ending.
  static func isOwn(_ name: String) -> Bool {
    guard RecordID(String(name.prefix(26))) != nil else { return false }
    let ending = name.dropFirst(26)
    return [".seg", ".del", ".att"].contains { ending == $0 } || (ending.hasPrefix(".seg.") && ending.hasSuffix(".tmp"))
  }
}
