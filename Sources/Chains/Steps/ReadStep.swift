// `read`: a file, or the files of a pattern, as text or parsed. On resuming it is read again and compared: a run goes on
// with the files that it began with, or says that it cannot.

import Formats
import Models
import Storage

struct ReadStep: StepKind {
  static let keys = ["read"]
  static let forms = ["text", "json", "jsonl", "csv", "lines", "bytes"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("file", .template), Shape.Field("files", .template), Shape.Field("untrusted", .boolean),
      Shape.Field("as", .choice(forms)),
    ])
  ]

  private let file: ChainTemplate
  private let isPattern: Bool
  private let isUntrusted: Bool
  private let form: String

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["read"] else { return nil }
    switch (json["file"], json["files"]) {
    case (let one?, nil):
      guard let template = reader.template(one) else { return nil }
      (file, isPattern) = (template, false)
    case (nil, let many?):
      guard let template = reader.template(many) else { return nil }
      (file, isPattern) = (template, true)
    default:
      reader.report("'read' takes 'file' or 'files'", hint: "one of the two", at: json.sourceOffset)
      return nil
    }
    isUntrusted = json["untrusted"]?.bool ?? false
    form = json["as"]?.string ?? "text"
    if let path = file.constant, !isPattern, !reader.policy.mayRead(reader.inChain(path)) {
      reader.report(
        "the policy does not let it read \(path)", hint: "policy: {read: [\(JSON.string(path).text)]}", at: file.offset)
    }
  }

  var effect: Effect { .looks }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let path = try context.text(file)
    let files = ChainFiles(context: context)
    let isTainted = isUntrusted || context.isTainted(file.uses)
    var fingerprint = SHA256()
    func value(_ path: String) throws(StepFailure) -> Value {
      let bytes = try files.read(path, at: file.offset)
      fingerprint.update(Array(path.utf8) + [0])
      fingerprint.update(SHA256.hash(bytes))
      do throws(FormatError) {
        return try Self.parse(bytes, form)
      } catch {
        throw context.failure(error.text(file: path), .usage, at: file.offset)
      }
    }
    var outcome: StepOutcome
    if isPattern {
      var found: [JSON] = []
      for path in try files.matching(path, at: file.offset) {
        found.append(.object([("path", .string(path)), ("content", try value(path).json)]))
      }
      outcome = StepOutcome(.array(found), isTainted: isTainted, note: "\(found.count) files")
    } else {
      var read = try value(path)
      read.isTainted = isTainted
      outcome = StepOutcome(read)
    }
    outcome.fingerprint = SHA256.hex(ofDigest: fingerprint.digest())
    return outcome
  }

  static func parse(_ bytes: [UInt8], _ form: String) throws(FormatError) -> Value {
    switch form {
    case "json": return Value(try JSON.parse(bytes, .file))
    case "csv": return Value(.array(try CSV.objects(bytes)))
    case "jsonl":
      var list = ListCollector()
      var reader = JSONLinesReader()
      try reader.push(bytes) { line throws(FormatError) in list.add(try line.result.get()) }
      try reader.finish { line throws(FormatError) in list.add(try line.result.get()) }
      return list.finish(isTainted: false)
    case "bytes": return Value(.string(Base64.text(bytes)))
    case "lines":
      guard UTF8Validation.isValid(bytes) else { throw noText(bytes) }
      return lines(bytes)
    default:
      guard let text = String(validating: bytes, as: UTF8.self) else { throw noText(bytes) }
      return Value(.string(text))
    }
  }

  private static func noText(_ bytes: [UInt8]) -> FormatError {
    FormatError("is no UTF-8 text", hint: "as: bytes", at: SourcePosition(of: 0, in: bytes))
  }

  /// The lines of a text; of a long one as text.
  private static func lines(_ bytes: [UInt8]) -> Value {
    var list = ListCollector()
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      list.add(.string(String(decoding: bytes[start..<end], as: UTF8.self)))
      start = end + 1
    }
    return list.finish(isTainted: false)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    .object([("read", .string(try context.text(file))), ("as", .string(form))])
  }
}

extension ChainReader {
  /// A path of the chain as its policy sees it.
  func inChain(_ path: String) -> String { FilePlaces.inChain(path, directory: directory) }
}
