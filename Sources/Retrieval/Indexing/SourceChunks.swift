// A file as the rows that a store keeps of it: read, cut, each with its id, its place, and the text that is embedded.

import Formats
import Models
import Storage

/// A row on its way into the store.
package struct IndexItem: Sendable {
  package var record: StoreRecord
  /// Known already; nil where the text is to be embedded.
  package var vector: [Float]?

  package init(_ record: StoreRecord, vector: [Float]? = nil) {
    self.record = record
    self.vector = vector
  }

  /// What is embedded: the text below its headings, which says what it is about.
  package var text: String { IndexItem.embedded(record) }

  static func embedded(_ record: StoreRecord) -> String {
    record.heading.isEmpty ? record.text : record.heading + "\n" + record.text
  }
}

/// A row that the model cannot take as a whole.
struct OverlongRow: Error {
  var id: String
  var tokens: Int
  var limit: Int

  var text: String {
    "\(id): has about \(tokens) tokens, the model takes \(limit) (a shorter text, or another model)"
  }
}

/// Reads one file.
struct SourceChunks {
  let name: String
  let settings: IndexSettings
  let root: IndexRoot
  let reader: DocumentReader
  let textLimit: Int?
  private(set) var wordless = 0

  init(name: String, settings: IndexSettings, root: IndexRoot, reader: DocumentReader, textLimit: Int?) {
    self.name = name
    self.settings = settings
    self.root = root
    var reader = reader
    reader.columns = root.columns
    self.reader = reader
    self.textLimit = textLimit
  }

  /// Gives the rows of a file, and the state it was read in.
  ///
  /// - Throws: `ReadingError`, `OverlongRow`, and what `body` throws; rows given before count for nothing.
  mutating func read(_ path: String, _ body: (IndexItem) throws -> Void) throws -> FileStamp {
    var chunker: Chunker?
    var number = 0
    var (offset, lines) = (0, 0)
    let plain = SourceNames.plain(name)
    let own = SourceChunks.metadata(plain)
    return try reader.read(path) { document in
      if document.kind == .record {
        guard EmbeddableText.hasWords(String(decoding: document.text, as: UTF8.self)) else {
          wordless += 1
          return
        }
        try body(IndexItem(try record(document, plain)))
        return
      }
      if !document.isContinued { (chunker, number, offset, lines) = (nil, number, 0, 0) }
      var cutter = chunker ?? Chunker(options(document), hasBraces: document.hasBraces)
      let metadata = JSON.object(document.metadata.map { ($0.name, $0.value) } + own)
      try document.text.withUnsafeBytes { bytes in
        try cutter.cut(bytes) { (chunk) throws in
          let within = (chunk.bytes.lowerBound - offset)..<(chunk.bytes.upperBound - offset)
          let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[within]), as: UTF8.self)
          guard EmbeddableText.hasWords(text) else {
            wordless += 1
            return
          }
          number += 1
          let place = document.place(
            bytes: within, lines: (chunk.lines.lowerBound - lines)...(chunk.lines.upperBound - lines))
          var record = StoreRecord(
            id: "\(plain)#\(number)", text: text, source: name, lines: place.isPages ? nil : place.lines,
            bytes: place.isPages ? nil : place.bytes,
            heading: chunk.headings.isEmpty ? document.title ?? "" : chunk.headings.joined(separator: " > "),
            metadata: metadata)
          if place.isPages {
            record.metadata = .object(
              metadata.members.map { ($0.key, $0.value) } + [("page", .number(place.lines.lowerBound))])
          }
          try body(IndexItem(record))
        }
      }
      offset += document.text.count
      lines += document.text.count { $0 == 0x0A }
      chunker = cutter
    }
  }

  private func record(_ document: Document, _ plain: String) throws(OverlongRow) -> StoreRecord {
    let part = document.part ?? "1"
    let id = root.isTable && document.hasOwnID ? part : "\(plain)#\(part)"
    if let textLimit, document.text.count > textLimit {
      let tokens = TokenEstimate.count(utf8: document.text)
      guard tokens <= textLimit else { throw OverlongRow(id: id, tokens: tokens, limit: textLimit) }
    }
    let text = String(decoding: document.text, as: UTF8.self)
    let place = document.place(bytes: 0..<document.text.count, lines: 1...1)
    return StoreRecord(
      id: id, text: text, source: name, lines: place.lines, bytes: place.bytes, heading: document.title ?? "",
      metadata: document.metadata.isEmpty ? nil : .object(document.metadata.map { ($0.name, $0.value) }))
  }

  private func options(_ document: Document) -> ChunkOptions {
    let limit = textLimit ?? Int.max
    // The headings come on top.
    let size = min(settings.size, max(1, limit - limit / 8))
    return ChunkOptions(
      strategy: settings.strategy ?? document.strategy, size: size, overlap: settings.overlap, cap: min(2000, limit))
  }

  /// What every chunk of a file can be filtered by.
  private static func metadata(_ plain: String) -> [(String, JSON?)] {
    let name = plain.utf8.lastIndex(of: UInt8(ascii: "/")).map { plain[plain.index(after: $0)...] } ?? plain[...]
    let ending = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[name.index(after: $0)...]).lowercased() }
    return [("path", .string(plain)), ("ext", ending.map { .string($0) })]
  }
}
