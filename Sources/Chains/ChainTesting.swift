// The cases written beside a chain: inputs, a script of what models answer, and what is to come of it. Files are written
// into a directory of the test's own; programs, servers and people are not asked, the script says what they give.

import Formats
import Models
import Storage
import Synchronization

package struct ChainCase: Sendable {
  package var name: String
  package var inputs: JSON
  /// Entries of `builtin/script`, a text standing for `{text: …}`.
  package var answers: [JSON]
  /// What steps give that reach outside, by id.
  package var scripted: [String: JSON]
  package var outputs: JSON?
  package var files: JSON?
  package var calls: Int?
  package var exit: Int

  init(_ json: JSON) {
    name = json["name"]?.string ?? ""
    inputs = json["inputs"] ?? .object([])
    let script = json["script"] ?? .array([])
    answers = Array((script["answers"] ?? script).elements)
    scripted = Dictionary(
      (script["steps"]?.members).map { $0.map { ($0.key, $0.value) } } ?? [], uniquingKeysWith: { $1 })
    outputs = json["outputs"]
    files = json["files"]
    calls = json["calls"]?.int
    exit = json["exit"]?.int ?? 0
  }

  /// The cases of a chain.
  package static func all(of chain: Chain) -> [ChainCase] { chain.tests?.elements.map(ChainCase.init) ?? [] }
}

package enum ChainTesting {
  /// Runs a case.
  ///
  /// - Parameter directory: an empty directory of the case's own.
  /// - Returns: what is not as it should be; nothing where the case holds.
  package static func problems(
    of test: ChainCase, _ chain: Chain, world: ChainWorld, in directory: String
  ) async -> [String] {
    var world = world
    let script = Paths.join(directory, "script.jsonl")
    let overlay = Paths.join(directory, "files")
    let lines = test.answers.flatMap { answer in
      (answer.string == nil ? answer : JSON.object([("text", answer)])).utf8 + [0x0A]
    }
    do throws(StorageError) {
      try Files.makeDirectories(overlay)
      try Files.replace(script, lines)
    } catch {
      return [error.description]
    }
    world.model = "builtin/script:\(script)"
    world.overlay = overlay
    world.scripted = ScriptedSteps(test.scripted)
    let ask = world.ask
    let counter = Counter()
    world.ask = { call in
      counter.add()
      var call = call
      call.isLogged = false
      return await ask(call)
    }
    let result: RunResult
    do throws(StepFailure) {
      result = try await ChainLauncher.run(chain, inputs: test.inputs, world: world, runs: nil)
    } catch {
      return Int(error.code) == test.exit ? [] : ["it ends with \(error.code), not \(test.exit): \(error.text)"]
    }
    return compare(test, chain, result, calls: counter.value, overlay)
  }

  private static func compare(
    _ test: ChainCase, _ chain: Chain, _ result: RunResult, calls: Int, _ overlay: String
  ) -> [String] {
    var problems: [String] = []
    let code = Int(result.failure?.code ?? 0)
    if code != test.exit {
      let place = result.failure?.offset.map { "\(chain.place($0)): " } ?? ""
      problems.append("it ends with \(code), not \(test.exit)\(result.failure.map { ": \(place)\($0.text)" } ?? "")")
    }
    for (name, expected) in test.outputs?.members ?? JSON.object([]).members {
      let found = result.outputs?[name]
      if found != expected { problems.append("output \(name) is \(found?.text ?? "not there"), not \(expected.text)") }
    }
    for (path, expected) in test.files?.members ?? JSON.object([]).members {
      let place = FilePlaces.tidy(overlay + "/" + chain.directory + "/" + path)
      let text = (try? Files.read(place)).map { String(decoding: $0, as: UTF8.self) }
      let holds = expected.string.map { $0 == text } ?? (text.flatMap { try? JSON.parse($0) } == expected)
      if !holds {
        problems.append("file \(path) is \(text.map { JSON.string($0).text } ?? "not written"), not \(expected.text)")
      }
    }
    if let most = test.calls, calls != most { problems.append("\(calls) calls are made, not \(most)") }
    return problems
  }

  /// Calls so far.
  private final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
  }
}
