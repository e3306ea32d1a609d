// stdin as a file, since tables and texts are read from files: spooled into the temporary directory under a name that
// tells its format, so that its size does not matter.

import Models
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct InputSpool: Sendable {
  let path: String
  private let directory: String

  static func make(_ roots: EmbedRootFlags, _ program: Program) async throws(Failure) -> InputSpool {
    if program.environment.isInputTerminal { program.note("reading stdin (end with Ctrl-D)") }
    let parent = program.environment["TMPDIR"] ?? "/tmp"
    let isTable = roots.table != nil
    let result = await SerialThread(name: "awl-stdin").runUnlessCancelled {
      Result { () throws(StorageError) in try spool(parent, isTable: isTable) }
    }
    guard let result else { throw Failure("interrupted", .interrupted) }
    do throws(StorageError) { return try result.get() } catch { throw Failure(error.description, .usage) }
  }

  private static func spool(_ parent: String, isTable: Bool) throws(StorageError) -> InputSpool {
    let directory = Paths.join(parent, "awl-\(RecordID.next().text)")
    try Files.makeDirectories(directory)
    let input = try FileReader(standardInput: "stdin")
    var bytes = try input.next(1 << 16)
    let name = isTable ? tableName(bytes) : "stdin.md"
    let file = try AtomicFile(Paths.join(directory, name), mode: 0o600)
    while !bytes.isEmpty {
      try file.write(bytes)
      bytes = try input.next(1 << 20)
    }
    try file.commit()
    return InputSpool(path: Paths.join(directory, name), directory: directory)
  }

  private static func tableName(_ head: [UInt8]) -> String {
    let first = head.first { $0 > 0x20 && $0 < 0x80 }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return "stdin.jsonl" }
    return head.prefix(while: { $0 != 0x0A }).contains(0x09) ? "stdin.tsv" : "stdin.csv"
  }

  func remove() {
    _ = try? Files.remove(path)
    try? Files.removeDirectory(directory)
  }
}
