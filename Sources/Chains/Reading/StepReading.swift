// One step, part by part in the order in which its parts see names: what stands outside the loop first, then the kind with
// its items and state, then what computes the next state.

import Formats

struct StepReading {
  let reader: ChainReader
  let json: JSON
  let id: String

  func read(_ type: any StepKind.Type) -> Step? {
    let before = reader.uses
    defer { reader.uses = before }
    reader.uses = []
    let level = reader.scope.frames.count - 1
    var modifiers = Step.Modifiers()
    readSimple(&modifiers)
    let needs = readNeeds(level)
    modifiers.condition = json["if"].flatMap(reader.expression)
    if let onError = json["on_error"] { modifiers.onError = readOnError(onError) }
    if json["for"] != nil, let loop = json["loop"] {
      reader.report("a step has 'for' or 'loop', not both", hint: "put one inside a do", at: loop.ownKeyOffset)
    }
    for key in ["as", "parallel", "on_item_error"] where json["for"] == nil {
      if let value = json[key] { reader.report("'\(key)' belongs to 'for'", at: value.ownKeyOffset) }
    }
    let kind: (any StepKind)?
    if let list = json["for"] {
      kind = readEach(list, type, &modifiers)
    } else if let loop = json["loop"] {
      kind = readLoop(loop, type, &modifiers)
    } else {
      kind = type.init(json, reader)
    }
    guard let kind else { return nil }
    return assemble(kind, modifiers, needs, level)
  }

  private func assemble(_ kind: any StepKind, _ modifiers: Step.Modifiers, _ needs: [Int], _ level: Int) -> Step {
    var step = Step(id: id, offset: json.sourceOffset, kind: kind, modifiers: modifiers, effect: kind.effect)
    let name = type(of: kind).keys[0]
    if ["write", "http", "run"].contains(name), kind.effect == .changes, reader.policy.decision(on: name) == .deny {
      reader.report("the policy denies '\(name)'", hint: "see approve in the policy", at: json.sourceOffset)
    }
    step.needs = needs
    // Names of frames that the step itself makes are none of the outside.
    let outer = reader.uses.filter { $0.level <= level }
    let inner = kind.blocks.flatMap(\.block.steps).flatMap { $0.uses + $0.innerUses }.filter { $0.level <= level }
    step.innerUses = inner
    step.uses = outer.filter { use in !inner.contains(use) || directUses(kind, modifiers).contains(use) }
    for block in kind.blocks { step.effect = max(step.effect, block.block.effect) }
    if case .steps(let block) = modifiers.onError {
      step.effect = max(step.effect, block.effect)
      step.innerUses += block.steps.flatMap { $0.uses + $0.innerUses }.filter { $0.level <= level }
    }
    step.mayBeSkipped = mayBeSkipped(step)
    return step
  }

  /// What is used by the step's own keys, and not only within its blocks.
  private func directUses(_ kind: any StepKind, _ modifiers: Step.Modifiers) -> [NameUse] {
    guard !kind.blocks.isEmpty else { return reader.uses }
    var uses = (modifiers.condition?.uses ?? []) + (modifiers.each?.list.uses ?? [])
    if let loop = modifiers.loop {
      uses += (loop.state + loop.next).flatMap(\.value.uses)
      switch loop.condition {
      case .whileTrue(let expression), .until(let expression): uses += expression.uses
      case .none: break
      }
    }
    if let choice = kind as? SwitchStep { uses += choice.value.uses }
    return uses
  }

  private func mayBeSkipped(_ step: Step) -> Bool {
    if case .skip = step.modifiers.onError { return true }
    if step.modifiers.condition != nil { return true }
    if step.kind is CheckStep { return false }
    let takes = step.uses.contains { use in
      !use.isGuarded && use.isStep && reader.scope.frames[use.level].names[use.name]?.mayBeSkipped == true
    }
    if takes { return true }
    return step.kind.mayHaveNoValue && step.modifiers.each == nil && step.modifiers.loop == nil
  }

  private func readSimple(_ modifiers: inout Step.Modifiers) {
    modifiers.name = json["name"]?.string
    modifiers.budget = reader.budget(json["budget"])
    modifiers.retry = reader.retry(json["retry"])
    modifiers.timeout = json["timeout"].flatMap(reader.duration)
    modifiers.deadline = json["deadline"].flatMap(reader.duration)
    modifiers.cache = json["cache"]?.string.flatMap(CacheUse.init)
  }

  private func readNeeds(_ level: Int) -> [Int] {
    var places: [Int] = []
    for need in json["needs"]?.elements ?? JSON.array([]).elements {
      let name = need.string ?? ""
      if reader.broken.contains(name) { continue }
      guard let (known, found) = reader.scope.find(name), known.kind == .step else {
        let hint: String? =
          name == id
          ? "a step cannot need itself"
          : reader.allSteps[name].map { "the step of line \(reader.line($0)) stands below or inside another" }
            ?? EditDistance.suggestion(for: name, among: reader.scope.visible).map { "did you mean '\($0)'?" }
        reader.report("needs a step that cannot be waited for: '\(name)'", hint: hint, at: need.sourceOffset)
        continue
      }
      // Steps of blocks around this one are over or cannot be waited for; they are above, so they are over.
      if found == level { places.append(known.index) }
    }
    return places
  }

  private func readOnError(_ json: JSON) -> Step.OnError {
    if let word = json.string { return word == "skip" ? .skip : .fail }
    switch (json["value"], json["do"]) {
    case (let value?, nil): return .value(reader.value(value))
    case (nil, let steps?): return .steps(reader.block(steps))
    default:
      reader.report(
        "'on_error' is fail, skip, {value: …} or {do: […]}", hint: "one of them", at: json.sourceOffset)
      return .fail
    }
  }

  private func readEach(_ list: JSON, _ type: any StepKind.Type, _ modifiers: inout Step.Modifiers) -> (any StepKind)? {
    let expression = reader.expression(list)
    let name = json["as"]?.string ?? "item"
    reader.scope.push()
    reader.declare(
      name, KnownName(kind: .item, offset: json["as"]?.sourceOffset ?? list.sourceOffset), what: "item")
    reader.scope.set("index", KnownName(kind: .counter, offset: list.sourceOffset))
    let kind = type.init(json, reader)
    reader.scope.pop()
    guard let expression, let kind else { return nil }
    if kind is StopStep || kind is CallStep && json["parallel"]?.int ?? 1 > 64 {
      reader.report("a step of this kind has no place in a 'for'", at: list.ownKeyOffset)
    }
    modifiers.each = Step.Each(
      list: expression, name: name, width: json["parallel"]?.int ?? 1,
      onError: json["on_item_error"]?.string.flatMap(Step.Each.ItemError.init) ?? .fail)
    return kind
  }

  private func readLoop(_ json: JSON, _ type: any StepKind.Type, _ modifiers: inout Step.Modifiers) -> (any StepKind)? {
    let state = (json["state"]?.members).map { $0.map { (key: $0.key, value: reader.value($0.value)) } } ?? []
    reader.scope.push()
    for (name, value) in json["state"]?.members ?? JSON.object([]).members {
      reader.declare(name, KnownName(kind: .state, offset: value.ownKeyOffset), what: "state")
    }
    reader.scope.set("round", KnownName(kind: .counter, offset: json.sourceOffset))
    var condition = Step.Loop.Condition.none
    switch (json["while"], json["until"]) {
    case (_?, let until?): reader.report("a loop has 'while' or 'until', not both", at: until.ownKeyOffset)
    case (let expression?, nil): condition = reader.expression(expression).map { .whileTrue($0) } ?? .none
    case (nil, let expression?): condition = reader.expression(expression).map { .until($0) } ?? .none
    case (nil, nil): break
    }
    let kind = type.init(self.json, reader)
    // What computes the next state sees the round's own value under the step's id, and a block's steps.
    var own: [String: KnownName] = [id: KnownName(kind: .value, offset: json.sourceOffset)]
    for block in kind.map({ $0 is DoStep ? $0.blocks : [] }) ?? [] {
      for (index, step) in block.block.steps.enumerated() {
        own[step.id] = KnownName(kind: .value, offset: step.offset, index: index, mayBeSkipped: step.mayBeSkipped)
      }
    }
    reader.scope.push(own)
    var next: [(key: String, value: ChainValue)] = []
    for (name, value) in json["next"]?.members ?? JSON.object([]).members {
      if json["state"]?[name] == nil {
        reader.report(
          "'\(name)' is no state of the loop", hint: "list it under state:", at: value.ownKeyOffset)
      }
      next.append((name, reader.value(value)))
    }
    reader.scope.pop()
    reader.scope.pop()
    modifiers.loop = Step.Loop(state: state, condition: condition, most: json["max"]?.int ?? 1, next: next)
    return kind
  }
}

extension Block {
  /// The strongest effect of its steps.
  var effect: Effect { steps.map(\.effect).max() ?? .pure }
}
