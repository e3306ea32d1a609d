// A script as it is used up in this process: read once, then each call takes the first entry that fits. Another format
// than JSON Lines is another reader that gives the same entries.

import Formats
import Storage
import Synchronization

enum ScriptReader {
  /// Largest script, in bytes.
  static let limit = 64 << 20

  /// The entries of a script in JSON Lines, with positions in the whole file.
  static func entries(jsonLines bytes: [UInt8]) throws(FormatError) -> [ScriptEntry] {
    var entries: [ScriptEntry] = []
    var start = 0
    var line = 1
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let text = bytes[start..<end]
      if !text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
        do throws(FormatError) {
          entries.append(try ScriptEntry(try JSON.parse(Array(text), .file)))
        } catch {
          var error = error
          error.position.line += line - 1
          error.position.offset += start
          throw error
        }
      }
      start = end + 1
      line += 1
    }
    return entries
  }
}

/// The scripts of this process by path, safe to use from many tasks.
final class Scripts: Sendable {
  /// Which entries are used up belongs to the process: a second call must not begin the script again.
  static let shared = Scripts()

  private struct Script {
    var entries: [ScriptEntry]
    var uses: [Int]
    var calls = 0
  }
  private let scripts = Mutex<[String: Script]>([:])
  private let reading = SerialThread(name: "awl-script")

  /// The entry that answers this call; counts the call and the entry's use.
  func take(_ path: String, _ request: ModelRequest, model: String) async throws(ModelError) -> ScriptEntry {
    if scripts.withLock({ $0[path] }) == nil {
      let entries = try await reading.run { () throws(ModelError) in try Self.read(path) }
      scripts.withLock { scripts in
        // Another task may have read it meanwhile, and used some of it.
        if scripts[path] == nil {
          scripts[path] = Script(entries: entries, uses: [Int](repeating: 0, count: entries.count))
        }
      }
    }
    let taken: (entry: ScriptEntry?, call: Int) = scripts.withLock { scripts in
      guard var script = scripts.removeValue(forKey: path) else { return (nil, 0) }
      defer { scripts[path] = script }
      script.calls += 1
      for (index, entry) in script.entries.enumerated() {
        if let times = entry.times, script.uses[index] >= times { continue }
        guard entry.matches(request, call: script.calls, model: model) else { continue }
        script.uses[index] += 1
        return (entry, script.calls)
      }
      return (nil, script.calls)
    }
    if let entry = taken.entry { return entry }
    var asked = "'\(excerpt(Array(BuiltinModels.lastUserText(request).utf8), limit: 80))'"
    if let schema = request.schema { asked += " with schema '\(schema.name)'" }
    if !request.tools.isEmpty { asked += " with tools \(request.tools.map(\.name).joined(separator: ", "))" }
    throw ModelError(
      .badRequest, "\(path): no entry is left for call \(taken.call): \(asked)",
      hint: "add an entry that matches it, or raise 'times' of one")
  }

  private static func read(_ path: String) throws(ModelError) -> [ScriptEntry] {
    let bytes: [UInt8]
    do throws(StorageError) { bytes = try Files.read(path, limit: ScriptReader.limit) } catch {
      throw ModelError(.badRequest, error.description, hint: "builtin/script:FILE is relative to the working directory")
    }
    do throws(FormatError) { return try ScriptReader.entries(jsonLines: bytes) } catch {
      var place = error
      place.hint = nil
      throw ModelError(.badRequest, place.text(file: path), hint: error.hint)
    }
  }
}

/// An answer from a script; the script is asked when the first event is.
struct ScriptSource: EventSource {
  let path: String
  let request: ModelRequest
  let model: String
  let options: BuiltinOptions
  private var source: AnswerSource?

  init(path: String, request: ModelRequest, model: String, options: BuiltinOptions) {
    self.path = path
    self.request = request
    self.model = model
    self.options = options
  }

  mutating func next() async throws(ModelError) -> [ModelEvent]? {
    if var source {
      defer { self.source = source }
      return try await source.next()
    }
    // A failure that an option asks for comes before the script, and uses up nothing of it.
    var answer = BuiltinAnswer()
    var pace = options
    answer.failure = options.failure(for: request, model: model)
    if answer.failure == nil {
      let entry = try await Scripts.shared.take(path, request, model: model)
      pace.latency = entry.latency ?? options.latency
      pace.firstTokenDelay = entry.firstTokenDelay ?? options.firstTokenDelay
      answer = entry.answer.limited(by: request.parameters, finish: options.finish)
    }
    var source = AnswerSource(answer, request, model, pace)
    defer { self.source = source }
    return try await source.next()
  }
}
