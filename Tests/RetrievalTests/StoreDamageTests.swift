// Stores that were cut, flipped, exchanged or killed: always a whole version or an error that names the file.

import Foundation
import Storage
import Synchronization
import Testing

@testable import Retrieval

@Suite struct StoreDamageTests {
  /// Does what a reader can do: opens, checks, reads every row, searches in every mode.
  private func use(_ path: String) throws {
    let reader = try StoreReader.open(path)
    try reader.forEachRow { place in
      _ = try reader.record(place)
      _ = try reader.vector(place)
      return true
    }
    for mode in SearchMode.allCases { _ = try reader.search([1, 2, 3], SearchOptions(k: 3, mode: mode)) }
    _ = try reader.find("r3")
    if let problem = reader.verify().first { throw problem }
  }

  private func made() throws -> StoreDirectory {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(9, 3, seed: 1))
    let writer = try StoreWriter(directory.path)
    try writer.remove("r2")
    writer.attach("sources", [1, 2, 3])
    try writer.commit()
    try use(directory.path)
    return directory
  }

  @Test("a file that was cut at any byte is reported by name")
  func cut() throws {
    let directory = try made()
    for name in try Files.list(directory.path) where name != StoreFiles.lock {
      let path = Paths.join(directory.path, name)
      let whole = try Files.read(path)
      for length in whole.indices where length % 97 == 0 || length < 80 || whole.count - length < 20 {
        try Files.replace(path, Array(whole[..<length]))
        let error = #expect(throws: StoreError.self, "\(name) cut at \(length)") { try use(directory.path) }
        #expect(error?.path == path)
      }
      try Files.replace(path, whole)
    }
    try use(directory.path)
  }

  @Test("a flipped bit is reported by name, and nothing crashes before")
  func flipped() throws {
    let directory = try made()
    var generator = Seeded(5)
    for name in try Files.list(directory.path) where name != StoreFiles.lock {
      let path = Paths.join(directory.path, name)
      let whole = try Files.read(path)
      for _ in 0..<100 {
        var bytes = whole
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try Files.replace(path, bytes)
        do { try use(directory.path) } catch let error as StoreError { #expect(error.path == path) }
      }
      try Files.replace(path, whole)
    }
  }

  @Test("a lying segment, whose head has a right checksum, leads to no read outside and no crash")
  func lying() throws {
    let directory = try made()
    let name = try #require(try Files.list(directory.path).first { $0.hasSuffix(".seg") })
    let path = Paths.join(directory.path, name)
    let whole = try Files.read(path)
    var generator = Seeded(6)
    for round in 0..<500 {
      var bytes = whole
      // Blocks are overwritten with extreme numbers, heads with other numbers and a checksum that fits.
      for _ in 0..<3 {
        let place = Int.random(in: round % 2 == 0 ? 8..<1024 : 4096..<bytes.count, using: &generator)
        bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
      }
      let checksum = CRC32.checksum(bytes[..<4092])
      for index in 0..<4 { bytes[4092 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
      try Files.replace(path, bytes)
      // Past the manifest, which would notice.
      guard let segment = try? Segment(path) else { continue }
      for row in -1...segment.rows where row < 20 {
        _ = try? segment.record(row)
        _ = try? segment.vector(row)
        _ = try? segment.id(row)
      }
      _ = try? segment.row(of: "r3")
      guard segment.head.dimension == 3 else { continue }
      let query = EncodedQuery([0.6, 0.8, 0], dimension: 64)
      for mode in SearchMode.allCases {
        let live = StoreSegment(segment: segment, deleted: nil)
        _ = try? VectorSearch([live], [query], SearchOptions(k: 3, mode: mode)).run()
      }
    }
  }

  @Test("a missing file, a foreign one and a newer version are reported by name")
  func exchanged() throws {
    let directory = try made()
    let names = try Files.list(directory.path).filter { $0 != StoreFiles.lock && $0 != Manifest.fileName }
    #expect(names.count == 3)
    for name in names {
      let path = Paths.join(directory.path, name)
      let whole = try Files.read(path)
      try Files.remove(path)
      #expect(#expect(throws: StoreError.self) { try use(directory.path) } == StoreError(path: path, kind: .missing))
      try Files.replace(path, Array("something else, long enough to be looked at\n".utf8))
      #expect(#expect(throws: StoreError.self) { try use(directory.path) }?.path == path)
      var newer = whole
      newer[8] = 2
      try Files.replace(path, newer)
      let error = #expect(throws: StoreError.self) { try use(directory.path) }
      #expect(error?.kind == .version(found: 2, supported: 1))
      try Files.replace(path, whole)
    }
    let manifest = Paths.join(directory.path, Manifest.fileName)
    try Files.replace(manifest, Array("{\"awl\":2,\"kind\":\"store\"}\n".utf8))
    #expect(#expect(throws: StoreError.self) { try use(directory.path) }?.kind == .version(found: 2, supported: 1))
  }

  @Test("a segment of another store is not taken for the one that the manifest names")
  func foreignSegment() throws {
    let directory = try made()
    let other = try StoreDirectory()
    try fill(other.path, clustered(9, 3, seed: 2))
    func segment(_ path: String) throws -> String {
      Paths.join(path, try #require(try Files.list(path).first { $0.hasSuffix(".seg") }))
    }
    try Files.replace(try segment(directory.path), try Files.read(try segment(other.path)))
    let error = #expect(throws: StoreError.self) { try use(directory.path) }
    #expect(error?.path == (try segment(directory.path)))
  }

  @Test("a segment that loses its end while it is open is an error and no crash", arguments: SearchMode.allCases)
  func truncatedMap(mode: SearchMode) throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(2000, 64, seed: 1))
    let reader = try StoreReader.open(directory.path)
    let segment = try #require(reader.segments.first).segment
    let query = clustered(1, 64, seed: 2)[0]
    let options = SearchOptions(k: 5, mode: mode)
    #expect(try reader.search(query, options).count == 5)
    #expect(truncate(segment.path, 4096) == 0)
    let error = #expect(throws: StoreError.self) { try reader.search(query, options) }
    #expect(error?.path == segment.path)
    #expect(throws: StoreError.self) { try reader.record(RowReference(segment: 0, row: 7)) }
    #expect(throws: StoreError.self) { try reader.vector(RowReference(segment: 0, row: 7)) }
  }

  @Test("a writer killed between any two steps leaves a whole version, and the next one clears up")
  func killed() throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(20, 3, seed: 1))
    var copies: [(step: String, path: String, count: Int)] = []
    let writer = try StoreWriter(directory.path)
    var number = 0
    writer.step = { step in
      number += 1
      if let path = try? directory.copy("copy\(number)") {
        let isNew = step == "published" || step == "swept"
        copies.append((step, path, isNew ? 21 : copies.last?.count ?? 20))
      }
    }
    for index in 0..<5 { try writer.add(StoreRecord(id: "n\(index)", text: "new"), [1, Float(index), 0]) }
    writer.step("adding")
    for index in 0..<4 { try writer.remove("r\(index)") }
    writer.attach("sources", [1])
    try writer.commit()
    try writer.compact()
    #expect(copies.map(\.step) == ["adding", "built", "saved", "published", "swept", "merged", "published", "swept"])
    for copy in copies {
      let reader = try StoreReader.open(copy.path)
      #expect(reader.count == copy.count, "\(copy.step)")
      try use(copy.path)
      let next = try StoreWriter(copy.path)
      withExtendedLifetime(next) {}
      let named = try #require(try Manifest.read(copy.path)).files
      let left = Set(try Files.list(copy.path))
      #expect(left == named.union([Manifest.fileName, StoreFiles.lock]), "\(copy.step)")
    }
  }

  @Test("a reader sees one whole version at any time, while a writer commits and compacts")
  func concurrent() async throws {
    let directory = try StoreDirectory()
    try fill(directory.path, clustered(10, 3, seed: 1))
    let path = directory.path
    let isWritten = Mutex(false)
    async let writing: Void = Task.detached {
      defer { isWritten.withLock { $0 = true } }
      for round in 1...30 {
        try fill(path, clustered(10, 3, seed: UInt64(round)), from: round * 10)
        if round % 3 == 0 { try StoreWriter(path).compact() }
      }
    }.value
    var last = 0
    while !isWritten.withLock({ $0 }) {
      let reader = try StoreReader.open(path)
      #expect(reader.count % 10 == 0 && reader.count >= last)
      last = reader.count
      #expect(try reader.search([1, 0, 0], SearchOptions(k: 1000)).count == last)
      await Task.yield()
    }
    try await writing
    #expect(try StoreReader.open(path).count == 310)
  }
}
