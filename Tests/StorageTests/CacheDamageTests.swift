// The cache cut, flipped, out of step and of another version: what is whole is found, what is not is a miss, and never
// is a value given that was not put.

import Testing

@testable import Storage

@Suite struct CacheDamageTests {
  /// A shard of three records with the bytes of both its files.
  private struct Sample {
    let directory: TemporaryDirectory
    let log: [UInt8]
    let index: [UInt8]
    var logPath: String { directory("5.log") }
    var indexPath: String { directory("5.idx") }
    /// Where each record begins, and the end.
    let bounds = [128, 128 + 104, 128 + 104 + 72, 128 + 104 + 72 + 168]

    init() throws {
      directory = try TemporaryDirectory()
      let store = CacheStore(directory: directory.path)
      for (number, length) in CacheDamageTests.lengths.enumerated() {
        try store.put(key(number), value(number, length: length))
      }
      log = try Files.read(directory("5.log"))
      index = try Files.read(directory("5.idx"))
      try #require(log.count == bounds[3])
    }

    func write(_ log: [UInt8], _ index: [UInt8]?) throws {
      try Files.remove(indexPath)
      try Files.remove(logPath)
      try Files.replace(logPath, log)
      if let index { try Files.replace(indexPath, index) }
    }
  }

  private static let lengths = [40, 5, 99]

  private func expected(_ number: Int) -> [UInt8] { value(number, length: CacheDamageTests.lengths[number]) }

  @Test("a log cut at any byte keeps its whole records and takes new ones", arguments: [false, true])
  func cut(hasIndex: Bool) throws {
    let sample = try Sample()
    for end in 0...sample.log.count {
      try sample.write(Array(sample.log[..<end]), hasIndex ? sample.index : nil)
      let store = CacheStore(directory: sample.directory.path)
      for number in 0..<3 {
        let isWhole = end >= sample.bounds[number + 1]
        #expect(try store.get(key(number)) == (isWhole ? expected(number) : nil), "cut at \(end)")
      }
      try store.put(key(9), value(9))
      let other = CacheStore(directory: sample.directory.path)
      #expect(try other.get(key(9)) == value(9), "cut at \(end)")
      for number in 0..<3 {
        let isWhole = end >= sample.bounds[number + 1]
        #expect(try other.get(key(number)) == (isWhole ? expected(number) : nil), "cut at \(end)")
      }
      #expect(try other.verify().isWhole, "cut at \(end)")
    }
  }

  @Test("a flipped bit in a log costs at most its own record, and is told with its place")
  func flipped() throws {
    let sample = try Sample()
    for (place, bit) in (0..<sample.log.count).map({ ($0, UInt8(1 << ($0 % 8))) }) {
      for index in [sample.index, nil] {
        var log = sample.log
        log[place] ^= bit
        try sample.write(log, index)
        let store = CacheStore(directory: sample.directory.path)
        for number in 0..<3 {
          let isHit = (sample.bounds[number]..<sample.bounds[number + 1]).contains(place)
          let found = try store.get(key(number))
          // Padding belongs to a record and carries nothing.
          #expect(found == expected(number) || (isHit && found == nil), "byte \(place), record \(number)")
        }
        let padding = sample.bounds[1..<4].enumerated().contains { number, end in
          (128 + sample.bounds[number] - 128 + 64 + CacheDamageTests.lengths[number]..<end).contains(place)
        }
        guard place >= 128, !padding else { continue }
        guard index != nil else { continue }
        try sample.write(log, index)
        let report = try store.verify()
        #expect(
          report.damages.contains { $0.path == sample.logPath && ($0.offset...$0.offset + $0.length).contains(place) })
        try store.put(key(9), value(9))
        #expect(try store.get(key(9)) == value(9))
      }
    }
  }

  @Test("a damaged value is counted, and mended by the next put or by pruning")
  func counted() throws {
    let sample = try Sample()
    var log = sample.log
    log[sample.bounds[1] + 64] ^= 1
    try sample.write(log, sample.index)
    let store = CacheStore(directory: sample.directory.path)
    for count in 1...3 {
      #expect(try store.get(key(1)) == nil)
      #expect(try store.stats().damagedReads == count)
    }
    #expect(try store.verify().damages.map(\.kind) == [.value(key(1))])
    try store.put(key(1), value(1))
    #expect(try store.get(key(1)) == value(1))
    try store.prune()
    #expect(try store.verify().isWhole)
    #expect(try store.get(key(0)) == expected(0) && store.get(key(1)) == value(1))
  }

  @Test("both copies of the header gone: told on reading, set aside on writing")
  func header() throws {
    let sample = try Sample()
    var log = sample.log
    for place in [20, 90] { log[place] ^= 4 }
    try sample.write(log, sample.index)
    let store = CacheStore(directory: sample.directory.path)
    let error = #expect(throws: StorageError.self) { try store.get(key(0)) }
    #expect(error?.kind == .corrupt(offset: 0))
    #expect(try store.verify().damages.map(\.kind) == [.header])
    try store.put(key(0), value(7))
    #expect(try store.get(key(0)) == value(7))
    #expect(try Files.read(sample.logPath + ".damaged") == log)
    try store.clear()
    #expect(try Files.list(sample.directory.path) == [])
  }

  @Test("an index with a flipped bit, cut, empty, or of another log is never believed")
  func index() throws {
    let sample = try Sample()
    let foreign = try Sample()
    var cases: [[UInt8]] = [[], foreign.index]
    let used = (0..<sample.index.count).filter { $0 < 128 || sample.index[$0 & ~15] != 0 || $0 % 64 == 0 }
    for place in used {
      var index = sample.index
      index[place] ^= UInt8(1 << (place % 8))
      cases.append(index)
    }
    for end in stride(from: 0, to: sample.index.count, by: 61) { cases.append(Array(sample.index[..<end])) }
    for index in cases {
      try sample.write(sample.log, index)
      let store = CacheStore(directory: sample.directory.path)
      for number in 0..<3 { #expect(try store.get(key(number)) == expected(number)) }
      #expect(try store.stats().entries == 3)
      _ = try store.verify()
      #expect(try store.verify().isWhole)
      try store.put(key(1), value(8))
      #expect(try store.get(key(1)) == value(8))
    }
  }

  @Test("an index from before the last records finds them, and the newer of two")
  func behind() throws {
    let sample = try Sample()
    let store = CacheStore(directory: sample.directory.path)
    try store.put(key(0), value(100))
    for number in 10..<20 { try store.put(key(number), value(number)) }
    let log = try Files.read(sample.logPath)
    // As after the death of a writer between its two writes; then with half a record behind.
    for tail in [[], [UInt8](log[128..<190])] {
      try sample.write(log + tail, sample.index)
      let reader = CacheStore(directory: sample.directory.path)
      #expect(try reader.get(key(0)) == value(100))
      #expect(try reader.get(key(1)) == expected(1))
      #expect(try reader.get(key(15)) == value(15))
      #expect(try Files.read(sample.indexPath) == sample.index, "a get that finds its way takes no lock")
      try reader.put(key(30), value(30))
      let other = CacheStore(directory: sample.directory.path)
      #expect(try other.get(key(30)) == value(30) && other.get(key(0)) == value(100))
      #expect(try other.stats().entries == 14)
      #expect(try other.verify().isWhole)
    }
  }

  @Test("what a value holds is never taken for a record")
  func forged() throws {
    let directory = try TemporaryDirectory()
    let store = CacheStore(directory: directory.path)
    var salt = CacheLogHeader(salt: 77)
    salt.generation = 1
    let inner =
      CacheRecordHeader(
        salt: 77, length: 8, checksum: CRC32.checksum(bytes("a forged")), time: 0, key: key(2)
      ).bytes + bytes("a forged")
    try store.put(key(1), inner + inner)
    var log = try Files.read(directory("5.log"))
    log[128 + 20] ^= 1
    try Files.remove(directory("5.idx"))
    try Files.replace(directory("5.log"), log)
    #expect(try CacheStore(directory: directory.path).get(key(2)) == nil)
  }

  @Test("another version is refused with the way forward, and can be cleared")
  func version() throws {
    let sample = try Sample()
    var header = CacheLogHeader(salt: 1)
    header.version = 2
    try sample.write(header.bytes + sample.log[128...], sample.index)
    let store = CacheStore(directory: sample.directory.path)
    let attempts: [() throws -> Void] = [
      { _ = try store.get(key(1)) }, { try store.put(key(1), []) }, { _ = try store.stats() }, { try store.prune() },
      { _ = try store.verify() },
    ]
    for attempt in attempts {
      let error = #expect(throws: StorageError.self) { try attempt() }
      #expect(
        error?.description
          == "\(sample.logPath): has format version 2, this program reads up to 1 (update it)")
    }
    try store.clear()
    try store.put(key(1), value(1))
    #expect(try store.get(key(1)) == value(1))
  }
}
