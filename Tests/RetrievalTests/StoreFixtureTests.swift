// A store that version 1 wrote, kept for ever: what can be read from it and the scores to the last bit. It has two
// segments, a deleted row, a replaced one and an attachment.

import CVectorKernels
import Formats
import Foundation
import Storage
import Testing

@testable import Retrieval

private let saved = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/store-1").path

@Suite struct StoreFixtureTests {
  private func vector(_ number: Int) -> [Float] {
    (0..<70).map { Float(($0 * 7 + number * 13) % 11) - 5 + Float(number) / 8 }
  }

  @Test("a store of version 1 is read as it was written")
  func records() throws {
    let reader = try StoreReader.open(saved)
    #expect(reader.model == "builtin/hash-70" && reader.dimension == 70 && reader.count == 41)
    #expect(reader.generation == 2 && reader.segments.map(\.rows) == [40, 3])
    #expect(reader.verify().isEmpty)
    #expect(try reader.find("row-3") == nil)
    let record = try reader.record(try #require(try reader.find("row-7")))
    #expect(record.text == "text 7, süß" && record.source == "notes/one.md" && record.heading == "Guide > Part 7")
    #expect(record.lines == 8...9 && record.bytes == 70..<79 && record.metadata?["tag"]?.string == "größer")
    #expect(try reader.record(try #require(try reader.find("row-5"))).text == "later text 5")
    #expect(try reader.attachment("sources") == Array("what was read\n".utf8))
    var unit = [Float](repeating: 0, count: 70)
    #expect(awl_normalise(vector(11), 70, &unit) == 0)
    #expect(try reader.vector(try #require(try reader.find("row-11"))) == unit)
  }

  @Test("a store of version 1 gives the same hits and scores for ever", arguments: SearchMode.allCases)
  func search(mode: SearchMode) throws {
    let hits = try StoreReader.open(saved).search(vector(8), SearchOptions(k: 5, mode: mode))
    #expect(hits.map(\.id) == ["row-8", "row-19", "row-30", "row-41", "row-13"])
    #expect(
      hits.map(\.score.bitPattern) == [
        4607182418839969790, 4606659793554416431, 4605755726331411103, 4604952346411332914, 4603357359267156630,
      ])
  }

  @Test("what is encoded today has the bytes that version 1 wrote")
  func bytes() throws {
    let directory = try StoreDirectory()
    let writer = try StoreWriter(directory.path, model: "builtin/hash-70", dimension: 70)
    let reader = try StoreReader.open(saved)
    let old = reader.segments[0].segment
    for row in 0..<old.rows { try writer.add(try old.record(row), vector(row)) }
    try writer.commit()
    let new = try #require(try StoreReader.open(directory.path).segments.first).segment
    for name in [
      "f32", "int8", "int8.scale", "int8.residual", "bits", "bits.scale", "bits.offset", "bits.radius", "centroid",
    ] {
      let (left, right) = (try #require(old.bytes(name)), try #require(new.bytes(name)))
      #expect(try left.read(0..<left.count) == right.read(0..<right.count), "\(name)")
    }
  }
}
