// A store's rows as others read them: JSON Lines with all that is known of a row, or the vectors alone as one array.

import Formats

package enum StoreExport {
  package enum Vectors: String, Sendable, CaseIterable { case array, base64, none }

  /// A row as one line of JSON, without its end.
  package static func line(
    _ reader: StoreReader, _ place: RowReference, _ vectors: Vectors
  ) throws(StoreError) -> [UInt8] {
    let record = try reader.record(place)
    var writer = JSONWriter(capacity: 256 + record.text.utf8.count)
    writer.beginObject()
    writer.member("id", record.id)
    if !record.text.isEmpty { writer.member("text", record.text) }
    if !record.source.isEmpty { writer.member("source", record.source) }
    func pair(_ name: String, _ first: Int, _ last: Int) {
      writer.key(name)
      writer.beginArray()
      writer.int(first)
      writer.int(last)
      writer.endArray()
    }
    if let lines = record.lines { pair("lines", lines.lowerBound, lines.upperBound) }
    if let bytes = record.bytes { pair("bytes", bytes.lowerBound, bytes.upperBound) }
    if !record.heading.isEmpty { writer.member("heading", record.heading) }
    if let metadata = record.metadata { writer.member("metadata", metadata) }
    if vectors != .none, reader.dimension > 0 {
      writer.key("embedding")
      let vector = try reader.vector(place)
      if vectors == .base64 {
        writer.string(String(decoding: Base64.encode(bytes(vector)), as: UTF8.self))
      } else {
        writer.raw(numbers(vector))
      }
    }
    writer.endObject()
    return writer.bytes
  }

  /// A vector as a JSON array, each number in the shortest form that reads back as the same Float32.
  package static func numbers(_ vector: [Float]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    bytes.reserveCapacity(vector.count * 13)
    for (index, number) in vector.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += number.description.utf8
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// Little-endian float32.
  package static func bytes(_ vector: [Float]) -> [UInt8] { bytesOf(vector.map(\.bitPattern)) }
}
