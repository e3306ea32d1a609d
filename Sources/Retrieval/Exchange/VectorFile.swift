// Vectors from a file: an array of NumPy, JSON (an array of numbers, or of such arrays), or bare float32.

import Formats
import Storage

package enum VectorFile {
  /// Bytes that are read of a file of queries.
  private static let limit = 1 << 30

  /// The vectors of a file.
  ///
  /// - Parameter dimension: What bare numbers are cut by.
  package static func read(_ path: String, dimension: Int) throws(ReadingError) -> [[Float]] {
    let bytes: [UInt8]
    do throws(StorageError) { bytes = try Files.read(path, limit: limit) } catch { throw .storage(error) }
    func fail(_ what: String, _ hint: String? = nil) -> ReadingError {
      .format(path: path, FormatError(what, hint: hint, at: SourcePosition(line: 1, column: 1, offset: 0)))
    }
    var vectors: [[Float]]
    if NumPyHeader.isHead(bytes) {
      let header: NumPyHeader
      do throws(FormatError) { header = try NumPyHeader(bytes) } catch { throw .format(path: path, error) }
      let size = header.dimension * header.number.size
      guard bytes.count - header.offset == header.rows * size else { throw fail("is not as long as its header says") }
      vectors = []
      var vector: [Float] = []
      bytes.withUnsafeBytes { raw in
        for row in 0..<header.rows {
          let start = header.offset + row * size
          header.decode(UnsafeRawBufferPointer(rebasing: raw[start..<(start + size)]), into: &vector)
          vectors.append(vector)
        }
      }
    } else if bytes.first == UInt8(ascii: "["), let json = try? JSON.parse(bytes) {
      let lists = json[0]?.kind == .array ? Array(json.elements) : [json]
      vectors = lists.map { $0.elements.compactMap { $0.double.map { Float($0) } } }
      guard zip(lists, vectors).allSatisfy({ $0.count == $1.count }) else { throw fail("holds what is no number") }
    } else {
      guard !bytes.isEmpty, bytes.count % (4 * dimension) == 0 else {
        throw fail(
          "is no vector of \(dimension) numbers",
          "a .npy file, a JSON array, or \(dimension) float32 numbers, \(4 * dimension) bytes")
      }
      vectors = stride(from: 0, to: bytes.count, by: 4 * dimension).map { start in
        bytes.withUnsafeBytes { raw in
          (0..<dimension).map {
            Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + $0 * 4, as: UInt32.self)))
          }
        }
      }
    }
    guard !vectors.isEmpty else { throw fail("holds no vector") }
    return vectors
  }
}
