// The two smaller planes of a segment, made from the Float32 plane that is already in the file: read back a few
// thousand rows at a time, encoded on two threads, written to the places that the number of rows has fixed.

import CVectorKernels
import Storage

struct PlaneEncoder {
  let file: BuildFile
  let plane: BlockEntry
  let rows: Int
  /// The padded dimension.
  let dimension: Int

  /// Writes the planes behind the first and gives their entries.
  func encode(centroid: [Float]) throws(StoreError) -> [BlockEntry] {
    let blocks = (rows + 31) / 32
    let int8At = SegmentFormat.aligned(plane.range.upperBound)
    let bitsAt = SegmentFormat.aligned(int8At + rows * dimension)
    let int8 = BlockWriter("int8", in: file, at: int8At)
    let bits = BlockWriter("bits", in: file, at: bitsAt)
    let factors = FactorArrays(count: rows)
    let signs = [Float](unsafeUninitializedCapacity: 4 * dimension) { buffer, count in
      if let base = buffer.baseAddress { awl_rotation_signs(dimension, base) }
      count = 4 * dimension
    }
    let step = max(64, (2 << 20) / (dimension * 4) / 64 * 64)
    let piece = EncodingBuffers(rows: step, dimension: dimension, centroid: centroid, signs: signs)
    var first = 0
    while first < rows {
      let count = min(step, rows - first)
      let target = UnsafeMutableRawBufferPointer(start: piece.rows, count: count * dimension * 4)
      let offset = plane.offset + first * dimension * 4
      try store { () throws(StorageError) in try file.read(at: offset, into: target) }
      piece.encode(count, factors, from: first)
      try int8.append(UnsafeRawBufferPointer(start: piece.codes, count: count * dimension))
      try bits.append(UnsafeRawBufferPointer(start: piece.bits, count: (count + 31) / 32 * 32 * dimension / 8))
      first += count
    }
    var entries = [try int8.finish(), try bits.finish()]
    var end = bitsAt + blocks * 32 * dimension / 8
    func place(_ name: String, _ numbers: UnsafeRawBufferPointer) throws(StoreError) {
      let block = BlockWriter(name, in: file, at: SegmentFormat.aligned(end))
      try block.append(numbers)
      let entry = try block.finish()
      end = entry.range.upperBound
      entries.append(entry)
    }
    for (name, numbers) in factors.arrays { try place(name, UnsafeRawBufferPointer(start: numbers, count: rows * 4)) }
    try centroid.withRaw { (bytes) throws(StoreError) in try place("centroid", bytes) }
    return entries
  }
}

/// The numbers beside the codes of all rows.
final class FactorArrays: @unchecked Sendable {
  let arrays: [(name: String, start: UnsafeMutablePointer<Float>)]

  init(count: Int) {
    arrays = ["int8.scale", "int8.residual", "bits.scale", "bits.offset", "bits.radius"].map { name in
      let start = UnsafeMutablePointer<Float>.allocate(capacity: max(count, 1))
      start.initialize(repeating: 0, count: max(count, 1))
      return (name, start)
    }
  }

  deinit { for (_, start) in arrays { start.deallocate() } }
}

/// Room for a piece of the planes; encoded in two halves side by side.
private final class EncodingBuffers: @unchecked Sendable {
  let rows: UnsafeMutablePointer<Float>
  let codes: UnsafeMutablePointer<Int8>
  let bits: UnsafeMutablePointer<UInt8>
  private let scratch: UnsafeMutablePointer<Float>
  private let centroid: UnsafeMutablePointer<Float>
  private let signs: UnsafeMutablePointer<Float>
  private let dimension: Int
  private let bitCount: Int

  init(rows count: Int, dimension: Int, centroid: [Float], signs: [Float]) {
    func room<Number>(_ count: Int, _ type: Number.Type) -> UnsafeMutablePointer<Number> {
      UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Number>.stride, alignment: 64)
        .bindMemory(to: Number.self, capacity: count)
    }
    self.dimension = dimension
    rows = room(count * dimension, Float.self)
    codes = room(count * dimension, Int8.self)
    bitCount = (count + 31) / 32 * 32 * dimension / 8
    bits = room(bitCount, UInt8.self)
    scratch = room(2 * dimension, Float.self)
    self.centroid = room(dimension, Float.self)
    self.signs = room(4 * dimension, Float.self)
    for (index, value) in centroid.enumerated() { self.centroid[index] = value }
    for (index, value) in signs.enumerated() { self.signs[index] = value }
  }

  deinit {
    rows.deallocate()
    codes.deallocate()
    bits.deallocate()
    scratch.deallocate()
    centroid.deallocate()
    signs.deallocate()
  }

  func encode(_ count: Int, _ factors: FactorArrays, from first: Int) {
    bits.initialize(repeating: 0, count: bitCount)
    // A half begins at a whole block of 32 rows.
    let half = (count / 2 + 31) / 32 * 32
    let parts = half < count ? [0..<half, half..<count] : [0..<count]
    runInParallel(parts.count) { [self] index in
      let part = parts[index]
      let start = part.lowerBound * dimension
      var arrays = factors.arrays.map { $0.start + first + part.lowerBound }.makeIterator()
      guard let scale = arrays.next(), let residual = arrays.next(), let bitScale = arrays.next(),
        let bitOffset = arrays.next(), let bitRadius = arrays.next()
      else { return }
      var job = awl_encoding(
        rows: rows + start, count: part.count, dimension: dimension, centroid: centroid, signs: signs,
        codes: codes + start, scale: scale, residual: residual, bits: bits + part.lowerBound * dimension / 8,
        bit_scale: bitScale, bit_offset: bitOffset, bit_radius: bitRadius, scratch: scratch + index * dimension)
      awl_encode(&job)
    }
  }
}
