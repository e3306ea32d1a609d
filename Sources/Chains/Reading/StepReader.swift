// Steps and what every kind of step may carry: `if`, `for`, `loop`, `needs`, `retry` and the like.

import Formats
import Models

extension ChainReader {
  /// A list of steps with a frame of its own.
  ///
  /// - Parameter body: reads what sees the block's own names, when all its steps are read.
  func block(_ json: JSON, then body: (() -> Void)? = nil) -> Block {
    scope.push()
    defer { scope.pop() }
    var block = Block(steps: [], level: scope.frames.count - 1)
    var hasStopped: Int?
    for element in json.elements {
      if let hasStopped {
        report(
          "this step can never run", hint: "the stop of line \(line(hasStopped)) ends the run",
          at: element.sourceOffset)
      }
      guard let step = step(element) else {
        // What is wrong with it was told; its uses need not be told too.
        if let id = element["id"]?.string { broken.insert(id) }
        continue
      }
      if step.kind is StopStep, step.modifiers.condition == nil { hasStopped = step.offset }
      var known = KnownName(kind: .step, offset: element["id"]?.sourceOffset ?? step.offset, index: block.steps.count)
      known.mayBeSkipped = step.mayBeSkipped
      if step.modifiers.each == nil, step.modifiers.loop == nil, case .fail = step.modifiers.onError {
        known.members = step.kind.members
        known.choices = step.kind.choices
      }
      declare(step.id, known, what: "step")
      block.steps.append(step)
    }
    body?()
    return block
  }

  private func step(_ json: JSON) -> Step? {
    guard check(json, .object(ChainFormat.step), "the step") else { return nil }
    let id = json["id"]?.string ?? ""
    if !Self.isID(id) {
      report(
        "'\(id)' is no id", hint: "lower case letters, digits and _, from a letter",
        at: json["id"]?.sourceOffset ?? json.sourceOffset)
    }
    let keys = ChainFormat.kindKeys.filter { json[$0] != nil }
    guard keys.count == 1, let key = keys.first else {
      report(
        keys.isEmpty ? "the step '\(id)' does nothing" : "the step '\(id)' has \(keys.joined(separator: " and "))",
        hint: keys.isEmpty ? "give it one of \(ChainFormat.kindKeys.joined(separator: ", "))" : "one kind a step",
        at: json.sourceOffset)
      return nil
    }
    for (name, owners) in ChainFormat.siblingOwners where json[name] != nil && !owners.contains(key) {
      report(
        "'\(name)' means nothing on a step of kind \(key)", hint: "it belongs to \(owners.joined(separator: ", "))",
        at: json[name]?.ownKeyOffset ?? json.sourceOffset)
    }
    guard let type = ChainFormat.kinds.first(where: { $0.keys.contains(key) }) else {
      report(
        "steps of kind '\(key)' are not run by this version yet", at: json[key]?.ownKeyOffset ?? json.sourceOffset)
      return nil
    }
    return StepReading(reader: self, json: json, id: id).read(type)
  }

  private static func isID(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
  }

  // MARK: Parts that several kinds share

  func settings(_ json: JSON?) -> CallSettings {
    var settings = CallSettings()
    guard let json else { return settings }
    settings.model = json["model"]?.string
    settings.temperature = json["temperature"]?.double
    settings.maxTokens = json["max_tokens"]?.int
    settings.seed = json["seed"]?.int
    settings.timeout = json["timeout"].flatMap(duration)
    settings.retry = retry(json["retry"])
    settings.cache = json["cache"]?.string.flatMap(CacheUse.init)
    return settings
  }

  func retry(_ json: JSON?) -> Retry? {
    guard let json else { return nil }
    var retry = Retry()
    retry.most = json["max"]?.int ?? retry.most
    if let when = json["when"] { retry.when = when.elements.compactMap(\.string) }
    retry.delay = json["delay"].flatMap(duration) ?? retry.delay
    retry.factor = json["factor"]?.double ?? retry.factor
    retry.longestDelay = json["max_delay"].flatMap(duration) ?? retry.longestDelay
    return retry
  }

  func budget(_ json: JSON?) -> BudgetLimits {
    var budget = BudgetLimits()
    budget.limits.money = json?["cost"]?.double
    budget.limits.tokens = json?["tokens"]?.int
    budget.limits.calls = json?["calls"]?.int
    budget.time = (json?["time"]).flatMap(duration)
    return budget
  }

  func duration(_ json: JSON) -> Double? { ChainDuration.seconds(json.string ?? json.numberText ?? "") }
}
