// Indexing and questions as a caller inside the program sees them: rows of its own, an embedder of its own.

import Formats
import Models
import Storage
import Synchronization
import Testing

@testable import Retrieval

private final class Counter: Sendable {
  let texts = Mutex<[String]>([])

  var embedder: Embedder {
    Embedder(model: "test/letters", batch: 3, width: 2) { [self] texts, purpose throws(ModelError) in
      self.texts.withLock { $0 += texts }
      return texts.map { text in
        var vector = [Float](repeating: 0.01, count: 26)
        for byte in text.utf8 { vector[Int(byte) % 26] += 1 }
        return vector
      }
    }
  }
}

@Suite("Indexing") struct IndexingTests {
  private func record(_ id: String, _ text: String, _ number: Int = 0) -> StoreRecord {
    StoreRecord(id: id, text: text, source: "list", metadata: .object([("n", .number(number))]))
  }

  @Test("rows of a caller are added, replaced and left alone; an unchanged text keeps its vector") func records()
    async throws
  {
    let folder = try Folder()
    let counter = Counter()
    let indexing = Indexing(store: folder.path + "/s", embedder: counter.embedder)
    let rows = (0..<10).map { record("r\($0)", "text number \($0)") }
    let first = await indexing.run(records: rows + [record("none", "--")])
    #expect(first.added == 10 && first.wordless == 1 && first.stop == nil && first.isCommitted)
    #expect(counter.texts.withLock { $0.count } == 10)
    let changed = [rows[0], record("r1", "text number 1", 7), record("r2", "another text")]
    let second = await indexing.run(records: changed)
    #expect(second.unchanged == 1 && second.changed == 2 && second.reused == 1)
    #expect(counter.texts.withLock { $0.count } == 11)
    let reader = try StoreReader.open(folder.path + "/s")
    #expect(reader.count == 10)
    let vector = try await counter.embedder.vectors(["another text"], .query)[0]
    let hits = try Retriever(reader).search(RetrievalQuery("another", vector: vector))
    #expect(hits.first?.id == "r2" && hits.count == 10)
    let filter = try Filter(JSON.parse(Array(#"{"n": 7}"#.utf8)))
    var query = RetrievalQuery("text", mode: .keyword)
    query.filter = filter
    #expect(try Retriever(reader).search(query).map(\.id) == ["r1"])
  }

  @Test("a run whose model fails keeps the sources before, whole") func failing() async throws {
    let folder = try Folder()
    for number in 0..<20 { try folder.write("docs/\(number).txt", "Text of file \(number).") }
    let calls = Mutex(0)
    let failing = Embedder(model: "test/fails", batch: 3, width: 1) { texts, _ throws(ModelError) in
      let number = calls.withLock { count in
        count += 1
        return count
      }
      if number > 3 { throw ModelError(.quota, "nothing is left", attempts: 1) }
      return texts.map { [Float($0.utf8.count), 1] }
    }
    let indexing = Indexing(store: folder.path + "/s", embedder: failing)
    let root = IndexRoot(name: indexing.names.name(SourceNames.resolved(folder.path + "/docs")))
    let report = await indexing.run(adding: [root])
    guard case .model(let error) = report.stop else {
      Issue.record("it did not stop")
      return
    }
    #expect(error.kind == .quota && report.isCommitted && report.added == 9 && report.rows == 9)
    let reader = try StoreReader.open(folder.path + "/s")
    #expect(reader.count == 9)
    #expect(try SourceTable(reader).sources.count == 9)
  }

  @Test("names of files are counted from the store's directory, and shown from where one stands") func names() throws {
    let folder = try Folder()
    try folder.write("project/docs/a.md", "x")
    let names = SourceNames(store: folder.path + "/project/.awl/stores/docs-1")
    let base = SourceNames.resolved(folder.path + "/project")
    #expect(names.base == base)
    #expect(names.name(base + "/docs/a.md") == "./docs/a.md" && names.name("/elsewhere/b") == "/elsewhere/b")
    #expect(names.path("./docs/a.md") == base + "/docs/a.md" && names.path("stdin") == nil)
    #expect(names.shown("./docs/a.md", from: base + "/docs") == "a.md" && names.shown("stdin", from: base) == "stdin")
    #expect(SourceNames.resolved(folder.path + "/project/none/../docs/x") == base + "/docs/x")
  }

  @Test("the list of sources reads back as it was written, and no cut or flipped byte is taken for one") func table()
    throws
  {
    var table = SourceTable()
    for number in 0..<3 {
      table.sources["./file \(number)"] = SourceState(
        stamp: FileStamp(size: number, modified: -1, changed: 2, device: 3, inode: 4),
        digest: SHA256.hash([UInt8(number)]), settings: .max, rows: number, root: 1)
    }
    let bytes = table.bytes
    #expect(try SourceTable(bytes, path: "t") == table)
    for count in bytes.indices {
      #expect(throws: StoreError.self) { try SourceTable(Array(bytes[..<count]), path: "t") }
    }
  }
}

@Suite("Exchange") struct ExchangeTests {
  @Test(
    "headers of numpy's arrays are read, and what is no such array is told",
    arguments: [
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", 3, 4),
      ("{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(2,5)}", 2, 5),
      ("{'shape': (7,), 'fortran_order': False, 'descr': '<f2'}", 1, 7),
      ("{'descr': '>f4', 'fortran_order': False, 'shape': (3, 4)}", 0, 0),
      ("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4)}", 0, 0),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, 5)}", 0, 0),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0)}", 0, 0), ("hello", 0, 0),
    ]) func headers(text: String, rows: Int, dimension: Int) throws
  {
    let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + [0, 0]
    let header = try? NumPyHeader(bytes)
    #expect(header?.rows ?? 0 == rows && header?.dimension ?? 0 == dimension)
    for count in 0..<(bytes.count - 2) { #expect(throws: FormatError.self) { try NumPyHeader(Array(bytes[..<count])) } }
    let own = try NumPyHeader(NumPyHeader.float32(rows: rows, dimension: max(1, dimension)))
    #expect(own.rows == rows && own.offset % 64 == 0)
  }

  @Test("numbers of half precision") func halves() {
    for (bits, value) in [
      (0x3C00, 1), (0xC000, -2), (0x3555, 0.33325195), (0x0001, 5.9604645e-08), (0x7BFF, 65504), (0x8000, 0),
    ] as [(UInt16, Float)] { #expect(NumPyHeader.float(bits) == value) }
    #expect(NumPyHeader.float(0x7C00) == .infinity && NumPyHeader.float(0x7E00).isNaN)
  }
}
