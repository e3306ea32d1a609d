// What goes into a store comes out of it, through commits, deletions and compaction.

import Formats
import Foundation
import Storage
import Testing

@testable import Retrieval

@Suite struct StoreTests {
  @Test("a record comes back as it was stored, with its vector at length 1")
  func roundTrip() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(50, 20, seed: 1))
    let reader = try StoreReader.open(directory.path)
    #expect(reader.count == 50 && reader.model == "test/model" && reader.dimension == 20)
    let place = try #require(try reader.find("r7"))
    let record = try reader.record(place)
    #expect(record.text == "text of r7" && record.source == "file1.md" && record.heading == "Guide > Part")
    #expect(record.lines == 1...8 && record.bytes == 0..<70 && record.metadata?["n"]?.int == 7)
    #expect(try reader.record(#require(try reader.find("r5"))).metadata == nil)
    let vector = try reader.vector(place)
    #expect(abs(vector.reduce(0) { $0 + Double($1) * Double($1) } - 1) < 1e-6)
    #expect(try reader.find("r50") == nil)
    #expect(reader.verify().isEmpty)
    #expect(try reader.rows(ofSource: "file2.md").count == 16)
  }

  @Test("a row of a known id is replaced, in a later commit and in the same one")
  func replace() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, [[1, 0], [0, 1]])
    let writer = try StoreWriter(directory.path)
    try writer.add(StoreRecord(id: "r0", text: "first"), [0, 1])
    try writer.add(StoreRecord(id: "r0", text: "second"), [-1, 0])
    try writer.commit()
    let reader = try StoreReader.open(directory.path)
    #expect(reader.count == 2)
    #expect(try reader.record(#require(try reader.find("r0"))).text == "second")
    #expect(try reader.search([1, 0]).map(\.id) == ["r1", "r0"])
  }

  @Test("a deleted row is found no more, one that was added after its deletion is")
  func remove() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(10, 4, seed: 2))
    let writer = try StoreWriter(directory.path)
    #expect(try writer.remove("r3"))
    #expect(try !writer.remove("r3"))
    #expect(try !writer.remove("nobody"))
    try writer.add(StoreRecord(id: "new"), [1, 1, 1, 1])
    try writer.remove("new")
    try writer.add(StoreRecord(id: "other"), [1, 1, 1, 1])
    try writer.remove("r4")
    try writer.add(StoreRecord(id: "r4", text: "again"), [1, 1, 1, 1])
    try writer.commit()
    let reader = try StoreReader.open(directory.path)
    #expect(reader.count == 10)
    #expect(try reader.find("r3") == nil && reader.find("new") == nil && reader.find("other") != nil)
    #expect(try reader.record(#require(try reader.find("r4"))).text == "again")
    for id in ["other", "r4"] { try writer.remove(id) }
    try writer.commit()
    // A segment without live rows is gone.
    #expect(try StoreReader.open(directory.path).segments.count == 1)
  }

  @Test("compaction keeps every live row, its bits and its rank, while an older reader goes on")
  func compact() throws {
    let directory = try StoreDirectory()
    for part in 0..<4 { try fill(directory.path, clustered(60, 12, seed: UInt64(part)), from: part * 40) }
    let before = try StoreReader.open(directory.path)
    let query = clustered(1, 12, seed: 9)[0]
    let hits = try before.search(query, SearchOptions(k: 200))
    let writer = try StoreWriter(directory.path)
    try writer.compact()
    let after = try StoreReader.open(directory.path)
    #expect(after.segments.count == 1 && after.count == before.count && after.segments[0].rows == after.count)
    let again = try after.search(query, SearchOptions(k: 200))
    #expect(again.map(\.id) == hits.map(\.id) && again.map(\.score) == hits.map(\.score))
    #expect(try before.search(query, SearchOptions(k: 200)) == hits)
    #expect(after.verify().isEmpty)
    #expect(try Files.list(directory.path).count == 3)
  }

  @Test("adding little to much does not rewrite the much")
  func adding() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(3000, 16, seed: 1))
    let large = try #require(try StoreReader.open(directory.path).segments.first).segment.path
    for part in 0..<20 {
      try fill(directory.path, clustered(10, 16, seed: UInt64(part)), from: 3000 + part * 10)
      try StoreWriter(directory.path).compactSmall()
    }
    let reader = try StoreReader.open(directory.path)
    #expect(reader.count == 3200)
    #expect(reader.segments.count <= 9)
    #expect(reader.segments.contains { $0.segment.path == large })
  }

  @Test("a store without vectors holds records, and refuses vectors")
  func textOnly() throws {
    let directory = try StoreDirectory()
    let writer = try StoreWriter(directory.path, model: "", dimension: 0)
    try writer.add(StoreRecord(id: "a", text: "one"), [])
    #expect(throws: StoreError.self) { try writer.add(StoreRecord(id: "b"), [1]) }
    try writer.commit()
    let reader = try StoreReader.open(directory.path)
    #expect(try reader.record(#require(try reader.find("a"))).text == "one")
    #expect(throws: StoreError.self) { try reader.search([1]) }
  }

  @Test("indexes get every record and their blocks back, also after compaction")
  func indexes() throws {
    struct Lengths: SegmentIndexer {
      var bytes: [UInt8] = []
      mutating func add(_ record: StoreRecord, row: Int) { bytes.append(UInt8(record.text.utf8.count)) }
      mutating func finish() -> [SegmentBlock] { [SegmentBlock(name: "lengths", bytes: bytes)] }
    }
    let directory = try StoreDirectory()
    for part in ["aa", "bbb"] {
      let writer = try StoreWriter(directory.path, model: "m", dimension: 1) { [Lengths()] }
      try writer.add(StoreRecord(id: part, text: part), [1])
      try writer.commit()
    }
    try StoreWriter(directory.path) { [Lengths()] }.compact()
    let segment = try #require(try StoreReader.open(directory.path).segments.first).segment
    let block = try #require(segment.bytes("lengths"))
    #expect(try block.read(0..<block.count) == [2, 3])
    #expect(throws: StoreError.self) { try block.read(1..<3) }
    #expect(segment.bytes("other") == nil)
  }

  @Test("attachments are replaced as a whole and survive commits")
  func attachments() throws {
    let directory = try StoreDirectory()
    let writer = try StoreWriter(directory.path, model: "m", dimension: 1)
    writer.attach("sources", [1, 2, 3])
    try writer.commit()
    writer.attach("sources", [4])
    writer.attach("more", [])
    try writer.commit()
    try writer.add(StoreRecord(id: "a"), [1])
    try writer.commit()
    let reader = try StoreReader.open(directory.path)
    #expect(try reader.attachment("sources") == [4] && reader.attachment("more") == [])
    #expect(try reader.attachment("none") == nil)
  }

  @Test(
    "what does not fit is refused and named",
    arguments: [
      ([Float.nan, 1], "bad: the vector holds a number that is infinite or none"),
      ([.infinity, 1], "bad: the vector holds a number that is infinite or none"),
      ([0, 0], "bad: the vector consists of zeros"), ([1, 2, 3], "holds vectors of 2 numbers, this one has 3"),
    ])
  func refused(vector: [Float], message: String) throws {
    let directory = try StoreDirectory()
    try fill(directory.path, [[1, 0]])
    let writer = try StoreWriter(directory.path)
    let error = #expect(throws: StoreError.self) { try writer.add(StoreRecord(id: "bad"), vector) }
    #expect(error?.description.hasPrefix("\(directory.path): \(message)") == true)
    #expect(throws: StoreError.self) { try writer.add(StoreRecord(id: ""), [1, 0]) }
  }

  @Test("another model, dimension or writer is refused, and a directory with other things in it")
  func mismatch() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, [[1, 0]])
    func kind(_ path: String, _ model: String, _ dimension: Int) -> StoreError.Kind? {
      #expect(throws: StoreError.self) { try StoreWriter(path, model: model, dimension: dimension) }?.kind
    }
    #expect(kind(directory.path, "other", 2) == .model(stored: "test/model", given: "other"))
    #expect(kind(directory.path, "test/model", 3) == .dimension(stored: 2, given: 3))
    let writer = try StoreWriter(directory.path)
    #expect(kind(directory.path, "test/model", 2) == .locked)
    withExtendedLifetime(writer) {}
    try Files.replace(Paths.join(directory.parent, "notes.md"), [1])
    #expect(kind(directory.parent, "m", 2) == .notAStore)
    #expect(#expect(throws: StoreError.self) { try StoreReader.open(directory.parent) }?.kind == .notAStore)
    #expect(#expect(throws: StoreError.self) { try StoreReader.open("/nonexistent") }?.kind == .notFound)
  }
}
