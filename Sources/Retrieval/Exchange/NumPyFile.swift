// NumPy's format of one array (NEP 1, versions 1 to 3): a header in Python's syntax, then the numbers. Read are
// little-endian float32, float64 and float16 in C order; written is float32.

import Formats

/// What the header of a .npy file says.
package struct NumPyHeader: Sendable, Equatable {
  package enum Number: String, Sendable {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"

    package var size: Int {
      switch self {
      case .float16: 2
      case .float32: 4
      case .float64: 8
      }
    }
  }

  package var number: Number
  /// One vector is `rows` = 1.
  package var rows: Int
  package var dimension: Int
  /// Where the numbers begin.
  package var offset: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether bytes begin like such a file.
  package static func isHead(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Reads a header from the first bytes of a file; 4,096 are enough for every array of two dimensions.
  package init(_ bytes: [UInt8]) throws(FormatError) {
    func fail(_ what: String, _ hint: String? = nil) -> FormatError {
      FormatError(what, hint: hint, at: SourcePosition(line: 1, column: 1, offset: 0))
    }
    guard bytes.count >= 12, NumPyHeader.isHead(bytes), (1...3).contains(bytes[6]) else {
      throw fail("is no .npy file of version 1 to 3")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let size = Int(NumPyHeader.integer(bytes, 8, start - 8))
    guard size <= bytes.count - start else { throw fail("its header is not whole") }
    let text = String(decoding: bytes[start..<(start + size)], as: UTF8.self)
    guard let type = NumPyHeader.value("descr", in: text), let order = NumPyHeader.value("fortran_order", in: text),
      let shape = NumPyHeader.value("shape", in: text)
    else { throw fail("its header is not a description of an array") }
    guard let number = Number(rawValue: type) else {
      throw fail("holds numbers of type \(type)", "save it as float32: numpy.save(path, array.astype('float32'))")
    }
    guard order == "False" else { throw fail("is in Fortran order", "numpy.ascontiguousarray") }
    let sizes = shape.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
    guard sizes.count == 1 || sizes.count == 2, sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else {
      throw fail("has the shape (\(shape)), and one or two dimensions are read")
    }
    self.number = number
    rows = sizes.count == 1 ? 1 : sizes[0]
    dimension = sizes[sizes.count - 1]
    offset = start + size
    guard dimension > 0, dimension <= SegmentFormat.dimensionLimit else {
      throw fail("holds vectors of \(dimension) numbers")
    }
  }

  /// The value of a key of the header's dictionary, without quotes or parentheses.
  private static func value(_ key: String, in text: String) -> String? {
    let bytes = Array(text.utf8)
    for quote in ["'", "\""] {
      guard let at = bytes.firstOffset(of: Array("\(quote)\(key)\(quote):".utf8)) else { continue }
      let rest = bytes[(at + key.utf8.count + 3)...].drop { $0 == 0x20 }
      guard let first = rest.first else { return nil }
      let end: UInt8
      switch first {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): end = first
      case UInt8(ascii: "("): end = UInt8(ascii: ")")
      default:
        return String(
          decoding: rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") && $0 != 0x20 }, as: UTF8.self)
      }
      return String(decoding: rest.dropFirst().prefix { $0 != end }, as: UTF8.self)
    }
    return nil
  }

  private static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    Retrieval.number(bytes, offset, count)
  }

  /// The header of an array of float32, `rows` nil for a single vector.
  package static func float32(rows: Int?, dimension: Int) -> [UInt8] {
    let shape = rows.map { "(\($0), \(dimension))" } ?? "(\(dimension),)"
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    // The numbers begin at a multiple of 64.
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }

  /// Appends the numbers of some bytes as Float32.
  func decode(_ bytes: UnsafeRawBufferPointer, into vector: inout [Float]) {
    vector.removeAll(keepingCapacity: true)
    for offset in stride(from: 0, to: bytes.count - number.size + 1, by: number.size) {
      switch number {
      case .float32:
        vector.append(
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
      case .float64:
        vector.append(
          Float(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))))
      case .float16:
        vector.append(
          NumPyHeader.float(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))))
      }
    }
  }

  /// A number of half precision (IEEE 754 binary16).
  static func float(_ half: UInt16) -> Float {
    let sign: Float = half >> 15 == 1 ? -1 : 1
    let exponent = Int(half >> 10 & 31)
    let fraction = Float(half & 1023) / 1024
    switch exponent {
    case 0: return sign * fraction * 0x1p-14
    case 31: return half & 1023 == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
