// Small files of a store: a line that tells what it is, the contents, their checksum. Written once, never changed.
//
//     0   8  "awl del\n" or "awl att\n"
//     8   4  version, 1
//     12  4  CRC-32 of the contents
//     16     contents; of deleted rows 64 rows a word, the lowest bit first

import Storage

enum SealedFile {
  static let version = 1
  private static let headSize = 16

  /// Writes a new file; when this returns it is on the device, though its name may not be.
  static func write(
    _ contents: [UInt8], _ directory: String, ending: String
  ) throws(StoreError) -> Manifest.File {
    let name = StoreFiles.newName(ending)
    var bytes = Array("awl \(ending)\n".utf8)
    append(UInt32(version), to: &bytes)
    let checksum = CRC32.checksum(contents)
    append(checksum, to: &bytes)
    bytes += contents
    try store { () throws(StorageError) in
      let file = try BuildFile(Paths.join(directory, name))
      try file.write(bytes, at: 0)
      try file.finish()
    }
    return Manifest.File(name: name, size: bytes.count, checksum: checksum)
  }

  static func read(_ file: Manifest.File, _ directory: String, ending: String) throws(StoreError) -> [UInt8] {
    let path = Paths.join(directory, file.name)
    func damaged(_ what: String) -> StoreError { StoreError(path: path, kind: .damaged(what: what)) }
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try Files.read(path, limit: 1 << 30)
    } catch  where error.kind == .notFound {
      throw StoreError(path: path, kind: .missing)
    } catch {
      throw StoreError(error)
    }
    guard bytes.count >= headSize, bytes.starts(with: "awl \(ending)\n".utf8) else {
      throw damaged("it does not begin as it should")
    }
    let found = Int(number(bytes, 8, 4))
    guard found == version else { throw StoreError(path: path, kind: .version(found: found, supported: version)) }
    let contents = Array(bytes[headSize...])
    guard bytes.count == file.size, number(bytes, 12, 4) == UInt64(file.checksum),
      CRC32.checksum(contents) == file.checksum
    else { throw damaged("its checksum does not hold") }
    return contents
  }

  /// Words of a set of rows.
  static func bitmap(_ contents: [UInt8], rows: Int) -> RowBitmap? {
    guard contents.count == (rows + 63) / 64 * 8 else { return nil }
    return RowBitmap(count: rows, words: stride(from: 0, to: contents.count, by: 8).map { number(contents, $0, 8) })
  }
}
