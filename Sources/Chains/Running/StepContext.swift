// What a step is given when it runs: its place, its names, and the doors to the world.

import Formats
import Models
import Storage
import Templates

package struct StepContext: Sendable {
  let run: ChainRun
  let step: Step
  let frame: Frame
  /// `fold#2/merge[4]`: this instance of the step.
  let path: String
  let budget: Budget

  var scope: StepScope { StepScope(frame: frame, facts: run.facts) }

  // MARK: Values of the step's own keys

  func text(
    _ template: ChainTemplate, secrets: Bool = false, mark: UntrustedMark? = nil
  ) throws(StepFailure) -> String {
    if let constant = template.constant { return constant }
    var scope = scope
    scope.allowsSecrets = secrets
    scope.mark = mark
    do throws(FormatError) {
      return try template.template.render(in: scope, limits: ChainRun.limits)
    } catch {
      throw failure(error, template.text, template.place)
    }
  }

  /// The value of a template, its kind kept where it is one expression.
  func json(_ template: ChainTemplate) throws(StepFailure) -> JSON {
    if let list = rawList(template, counted: true) { return .number(list.count) }
    do throws(FormatError) {
      return try template.template.value(in: scope, limits: ChainRun.limits).json
    } catch {
      throw failure(error, template.text, template.place)
    }
  }

  func value(_ expression: ChainExpression) throws(StepFailure) -> TemplateValue {
    do throws(FormatError) {
      return try expression.expression.value(in: scope, limits: ChainRun.limits)
    } catch {
      throw failure(error, expression.text, expression.place)
    }
  }

  func json(_ value: ChainValue) throws(StepFailure) -> JSON {
    switch value {
    case .constant(let json): return json
    case .template(let template): return try json(template)
    case .list(let items, _):
      var values: [JSON] = []
      for item in items { values.append(try json(item)) }
      return .array(values)
    case .object(let members, _):
      var values: [(String, JSON?)] = []
      for member in members { values.append((member.key, try json(member.value))) }
      return .object(values)
    }
  }

  /// Whether one of some names has a value from outside.
  func isTainted(_ uses: [NameUse]) -> Bool {
    uses.contains { use in
      if use.level == NameUse.inputLevel {
        return use.name == "inputs" ? !run.facts.taintedInputs.isEmpty : run.facts.taintedInputs.contains(use.name)
      }
      if case .value(let value)? = frame.find(use.name) { return value.isTainted }
      return false
    }
  }

  // MARK: Failures

  func failure(
    _ message: String, hint: String? = nil, _ code: ExitCode, kind: StepFailure.Kind = .other, at offset: Int? = nil
  ) -> StepFailure {
    StepFailure(message, hint: hint, code, kind: kind, path: path, at: offset ?? step.offset)
  }

  private func failure(_ error: FormatError, _ text: String, _ place: ScalarPlace) -> StepFailure {
    let offset = place.offset(of: error.position.offset, text: Array(text.utf8), in: run.chain.source)
    return failure(error.message, hint: error.hint, .usage, at: offset)
  }

  /// The same place with other names or another path.
  func with(frame: Frame? = nil, path: String? = nil, budget: Budget? = nil) -> StepContext {
    StepContext(
      run: run, step: step, frame: frame ?? self.frame, path: path ?? self.path, budget: budget ?? self.budget)
  }

  /// Runs a block within this step; its value is its last step's, `nil` where that has none.
  func runBlock(_ block: Block, label: String? = nil) async throws(StepFailure) -> Value? {
    try await BlockRun(
      run: run, block: block, parent: frame, path: label.map { "\(path)/\($0)" } ?? path, budget: budget
    ).finish().value
  }
}
