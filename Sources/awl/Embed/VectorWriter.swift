// Vectors in the format that was asked for, to stdout or a file.

import Formats
import Models
import Retrieval
import Storage

enum VectorFormat: String, CaseIterable, Sendable { case json, base64, hex, npy, f32 }

/// Writes vectors: of a text alone as it is, of a table with their ids, one object a line.
final class VectorWriter {
  private let format: VectorFormat
  private let isTable: Bool
  private let program: Program
  private let file: AtomicFile?
  /// An array's header says how many rows follow, so they wait for the end.
  private var held: [UInt8] = []
  private var rows = 0
  private var dimension = 0

  /// Bytes that are held at most.
  private static let limit = 1 << 30

  init(_ format: VectorFormat, _ path: String?, _ program: Program, isTable: Bool) throws(Failure) {
    self.format = format
    self.isTable = isTable
    self.program = program
    if path == nil, format == .npy || format == .f32, program.environment.isOutputTerminal {
      throw Failure("--format \(format.rawValue) is no text for a terminal (-o FILE)", .usage)
    }
    do throws(StorageError) {
      if let path { file = try AtomicFile(path) } else { file = nil }
    } catch {
      throw Failure(error.description, .usage)
    }
  }

  /// False when nobody reads any more.
  func write(_ id: JSON?, _ vector: [Float]) throws(Failure) -> Bool {
    rows += 1
    dimension = vector.count
    let raw = format == .json ? [] : StoreExport.bytes(vector)
    switch format {
    case .npy:
      held += raw
      guard held.count <= VectorWriter.limit else { throw Failure("more than 1 GB of vectors (--format f32)", .usage) }
      return true
    case .f32: return try put(raw)
    case .json, .base64, .hex:
      var value: [UInt8]
      switch format {
      case .base64: value = Array(Base64.text(raw).utf8)
      case .hex: value = Array(SHA256.hex(ofDigest: raw).utf8)
      default: value = StoreExport.numbers(vector)
      }
      guard isTable else { return try put(value + [0x0A]) }
      if format != .json { value = [UInt8(ascii: "\"")] + value + [UInt8(ascii: "\"")] }
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("id", id ?? .number(rows))
      writer.key("embedding")
      writer.raw(value)
      writer.endObject()
      return try put(writer.bytes + [0x0A])
    }
  }

  func finish() throws(Failure) {
    if format == .npy {
      _ = try put(NumPyHeader.float32(rows: isTable ? rows : nil, dimension: max(1, dimension)))
      _ = try put(held)
    }
    do throws(StorageError) { try file?.commit() } catch { throw Failure(error.description, .usage) }
  }

  private func put(_ bytes: [UInt8]) throws(Failure) -> Bool {
    guard let file else {
      program.output.write(bytes)
      return program.output.flush()
    }
    do throws(StorageError) { try file.write(bytes) } catch { throw Failure(error.description, .usage) }
    return true
  }
}
