// Vectors that were made elsewhere, into a store: rows of a .npy file under their numbers, or JSON Lines with an embedding
// each. Streams, whatever the size.

import Formats
import Storage

/// Reads vectors into a store.
package struct StoreImport: Sendable {
  package let store: String
  /// What the vectors were made with, as the store records it; empty where nobody knows.
  package var model: String?
  package var rebuilds = false
  /// Members of a JSON object; nil for the usual names.
  package var idName: String?
  package var textName: String?
  package var vectorName: String?
  package var progress: @Sendable (Int) -> Void = { _ in }

  package init(store: String) { self.store = store }

  private static let vectorNames = ["embedding", "vector", "values", "embeddings"]
  private static let idNames = ["id", "_id"]
  private static let textNames = ["text", "content", "body", "passage", "document"]
  private static let ownNames: Set<String> = ["source", "lines", "bytes", "heading", "metadata"]

  /// Adds the rows of a file; gives their number.
  ///
  /// - Throws: `ReadingError`, `StoreError`. Nothing of the file is in the store then.
  package func run(_ path: String) throws -> Int {
    let file = try storage { () throws(StorageError) in try FileReader(path) }
    var start = try storage { () throws(StorageError) in try file.next(4096) }
    if NumPyHeader.isHead(start) { return try array(path, file, start) }
    var writer: StoreWriter?
    var reader = JSONLinesReader()
    var count = 0
    func take(_ lines: [JSONLine]) throws {
      for line in lines {
        guard case .success(let value) = line.result else { continue }
        let (record, vector) = try row(value, line, path)
        if writer == nil { writer = try open(vector.count) }
        try writer?.add(record, vector)
        count += 1
        if count % 1024 == 0 { progress(count) }
        if count % 100_000 == 0 { try writer?.cutSegment() }
      }
    }
    while !start.isEmpty {
      var lines: [JSONLine] = []
      do throws(FormatError) { try reader.push(start) { (line) throws(FormatError) in lines.append(line) } } catch {
        throw ReadingError.format(path: path, error)
      }
      try take(lines)
      start = try storage { () throws(StorageError) in try file.next(1 << 20) }
    }
    var last: [JSONLine] = []
    do throws(FormatError) { try reader.finish { (line) throws(FormatError) in last.append(line) } } catch {
      throw ReadingError.format(path: path, error)
    }
    try take(last)
    try writer?.commit()
    return count
  }

  private func storage<Result>(_ body: () throws(StorageError) -> Result) throws(ReadingError) -> Result {
    do throws(StorageError) { return try body() } catch { throw .storage(error) }
  }

  private func open(_ dimension: Int) throws(StoreError) -> StoreWriter {
    let isThere = Files.exists(Paths.join(store, Manifest.fileName)) && !rebuilds
    return try StoreWriter(
      store, model: model ?? (isThere ? nil : ""), dimension: dimension, replaces: rebuilds, indexers: Indexing.indexers
    )
  }

  private func array(_ path: String, _ file: FileReader, _ start: [UInt8]) throws -> Int {
    let header: NumPyHeader
    do throws(FormatError) { header = try NumPyHeader(start) } catch { throw ReadingError.format(path: path, error) }
    func fail(_ what: String) -> ReadingError {
      .format(path: path, FormatError(what, at: SourcePosition(line: 1, column: 1, offset: 0)))
    }
    let size = header.dimension * header.number.size
    if let status = try? FileStatus.of(path), status.kind == .regular,
      status.size - header.offset != header.rows * size
    {
      throw fail("is not as long as its header says")
    }
    let writer = try open(header.dimension)
    var bytes = Array(start[header.offset...])
    var row = 0
    var vector: [Float] = []
    while row < header.rows {
      let whole = bytes.count / size
      try bytes.withUnsafeBytes { raw in
        for index in 0..<min(whole, header.rows - row) {
          let piece = UnsafeRawBufferPointer(rebasing: raw[(index * size)..<((index + 1) * size)])
          if header.number == .float32, let base = piece.baseAddress, UInt(bitPattern: base) % 4 == 0 {
            // As it lies there: every machine that this runs on is little-endian.
            let numbers = base.assumingMemoryBound(to: Float.self)
            try writer.add(
              StoreRecord(id: String(row)), UnsafeBufferPointer(start: numbers, count: header.dimension))
          } else {
            header.decode(piece, into: &vector)
            try writer.add(StoreRecord(id: String(row)), vector)
          }
          row += 1
        }
      }
      progress(row)
      bytes.removeFirst(min(whole * size, bytes.count))
      guard row < header.rows else { break }
      let more = try storage { () throws(StorageError) in try file.next(max(1 << 20, size)) }
      guard !more.isEmpty else { throw fail("ends in row \(row)") }
      bytes += more
    }
    try writer.commit()
    return row
  }

  /// A line as a row: what has a place in a record goes there, the rest is metadata.
  private func row(_ value: JSON, _ line: JSONLine, _ path: String) throws(ReadingError) -> (StoreRecord, [Float]) {
    func fail(_ what: String, _ hint: String? = nil) -> ReadingError {
      .format(
        path: path, FormatError(what, hint: hint, at: SourcePosition(line: line.number, column: 1, offset: line.offset))
      )
    }
    func find(_ name: String?, _ usual: [String]) -> String? {
      if let name { return value[name] == nil ? nil : name }
      return usual.first { value[$0] != nil }
    }
    guard value.kind == .object, let vectorName = find(vectorName, StoreImport.vectorNames),
      let list = value[vectorName]
    else {
      throw fail(
        "has no vector '\(vectorName ?? "embedding")'", "one object a line: {\"id\": …, \"embedding\": [0.1, …]}")
    }
    guard let vector = StoreImport.vector(list), !vector.isEmpty else {
      throw fail("'\(vectorName)' is no list of numbers")
    }
    let idName = find(idName, StoreImport.idNames)
    if idName == nil, let asked = self.idName { throw fail("has no '\(asked)'") }
    let textName = find(textName, StoreImport.textNames)
    func range(_ name: String) -> (Int, Int)? {
      guard let pair = value[name], pair.count == 2, let first = pair[0]?.int, let last = pair[1]?.int, first >= 0,
        first <= last
      else { return nil }
      return (first, last)
    }
    let named = Set([idName, textName, vectorName].compactMap { $0 })
    let others = value.members.filter { !named.contains($0.key) && !StoreImport.ownNames.contains($0.key) }
    let inner = value["metadata"]?.kind == .object ? value["metadata"]?.members.map { $0 } ?? [] : []
    let metadata = inner.map { ($0.key, JSON?($0.value)) } + others.map { ($0.key, JSON?($0.value)) }
    let record = StoreRecord(
      id: idName.flatMap { value[$0] }.map { $0.string ?? $0.text } ?? String(line.number),
      text: textName.flatMap { value[$0]?.string } ?? "", source: value["source"]?.string ?? "",
      lines: range("lines").map { $0.0...$0.1 }, bytes: range("bytes").map { $0.0..<$0.1 },
      heading: value["heading"]?.string ?? "", metadata: metadata.isEmpty ? nil : .object(metadata))
    return (record, vector)
  }

  /// An array of numbers, or little-endian float32 in base64.
  private static func vector(_ json: JSON) -> [Float]? {
    if json.kind == .array {
      var vector: [Float] = []
      vector.reserveCapacity(json.count)
      for element in json.elements {
        guard let number = element.double else { return nil }
        vector.append(Float(number))
      }
      return vector
    }
    guard let text = json.string, let bytes = Base64.decode(Array(text.utf8), padding: .optional), bytes.count % 4 == 0
    else { return nil }
    return bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }
}
