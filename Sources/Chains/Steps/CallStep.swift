// `call`: another chain; its value is that chain's outputs. It is read and checked with this one, so that a fault in it, or
// a circle of calls, is told before anything runs.

import Formats
import Models
import Storage

struct CallStep: StepKind {
  static let keys = ["call"]
  static let shapes: [Shape] = [
    .object([Shape.Field("file", .text, required: true), Shape.Field("inputs", .map(.any))])
  ]

  private let chain: Chain
  private let inputs: [(key: String, value: ChainValue)]

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["call"], let file = json["file"], let name = file.string else { return nil }
    var inputs: [(key: String, value: ChainValue)] = []
    for (name, value) in json["inputs"]?.members ?? JSON.object([]).members {
      inputs.append((name, reader.value(value)))
    }
    guard let chain = reader.callee(name, at: file.sourceOffset) else { return nil }
    for (name, value) in json["inputs"]?.members ?? JSON.object([]).members {
      guard let input = chain.inputs.first(where: { $0.name == name }) else {
        let near = EditDistance.suggestion(for: name, among: chain.inputs.map(\.name)).map { "did you mean '\($0)'?" }
        reader.report("the called chain has no input '\(name)'", hint: near, at: value.ownKeyOffset)
        continue
      }
      let given = inputs.first { $0.key == name }?.value.constantValue
      if let given, let problem = input.problem(with: given) {
        reader.report("the input '\(name)' \(problem)", at: value.sourceOffset)
      }
    }
    for input in chain.inputs where input.fallback == nil && !inputs.contains(where: { $0.key == input.name }) {
      reader.report("the called chain needs the input '\(input.name)'", at: json.sourceOffset)
    }
    self.chain = chain
    self.inputs = inputs
  }

  var effect: Effect { .changes }
  var members: [String]? { chain.outputs.map(\.name) }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    guard context.run.depth < ChainRun.mostCalls else {
      throw context.failure("more than \(ChainRun.mostCalls) chains call one another", .usage)
    }
    var given: [(String, JSON?)] = []
    var tainted: Set<String> = []
    for (name, value) in inputs {
      given.append((name, try context.json(value)))
      if context.isTainted(value.uses) { tainted.insert("inputs.\(name)") }
    }
    var facts = context.run.facts
    facts.inputs = try ChainInputs.complete(.object(given), of: chain) { context.failure($0, .usage) }
    facts.taintedInputs = tainted
    facts.vars = chain.vars
    facts.secrets = try ChainInputs.secrets(chain, context.run.world) { context.failure($0, hint: $1, .usage) }
    let budget =
      chain.budget.limits == Budget.Limits()
      ? context.budget : Budget("the chain \(chain.name)", chain.budget.limits, within: context.budget)
    let run = ChainRun(
      chain, facts, context.run.world, journal: context.run.journal, budget: budget, caller: context.run)
    do throws(StepFailure) {
      let result = try await run.perform(path: context.path)
      return StepOutcome(result.outputs, isTainted: result.isTainted)
    } catch {
      var failure = error
      // A stop of the called chain ends that chain's run, and so this one.
      if failure.offset != nil, failure.kind != .stop {
        failure.message = "\(run.chain.place(failure.offset ?? 0)): \(failure.message)"
        failure.offset = context.step.offset
      }
      throw failure
    }
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    var given: [(String, JSON?)] = []
    for (name, value) in inputs { given.append((name, try context.json(value))) }
    return .object([("call", .string(chain.path)), ("inputs", .object(given))])
  }
}

extension ChainReader {
  /// Reads a called chain; what is wrong with it is told at the call.
  func callee(_ name: String, at offset: Int) -> Chain? {
    let path = name.hasPrefix("/") ? name : Paths.join(Paths.parent(self.path) ?? ".", name)
    let whole = FilePlaces.absolute(path)
    guard !callers.contains(whole) else {
      report("the chain calls itself: \(name)", hint: "a circle of calls has no end", at: offset)
      return nil
    }
    guard callers.count < ChainRun.mostCalls else {
      report("more than \(ChainRun.mostCalls) chains call one another", at: offset)
      return nil
    }
    do throws(ChainFileError) {
      let chain = try ChainFile.read(path, callers: callers)
      for file in chain.files where !files.contains(where: { $0.path == file.path }) { files.append(file) }
      return chain
    } catch {
      let more = error.problems.count > 1 ? " and \(error.problems.count - 1) more" : ""
      report("\(error.lines.first ?? name)\(more)", at: offset)
      return nil
    }
  }

  /// A YAML or JSON file beside the chain that is part of it.
  func include(_ name: String, at offset: Int) -> JSON? {
    let whole = FilePlaces.tidy(name.hasPrefix("/") ? name : directory + "/" + name)
    do throws(StorageError) {
      let bytes = try Files.read(whole, limit: ChainFile.limit)
      files.append((whole, SHA256.hex(bytes)))
      do throws(FormatError) {
        return try YAML.parse(bytes, .file)
      } catch {
        report(error.text(file: name), at: offset)
        return nil
      }
    } catch {
      report("\(name): \(error.reason)", at: offset)
      return nil
    }
  }
}
