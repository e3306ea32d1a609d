// The sums of a run straight from its lines: without the texts of cells, a million of them are summed in seconds.

import Formats
import Models

extension SuiteSummary {
  /// Adds the cell of a line, as ``add(_:)`` does with its result.
  ///
  /// - Parameter column: of the summary.
  /// - Returns: what the cell took, in seconds and dollars.
  mutating func add(_ json: JSON, column: Int) -> (latency: Double?, cost: Double?) {
    columns[column].add(json)
  }

  /// The place of a column, a new one where it is not known.
  mutating func place(prompt: String, provider: String) -> Int {
    if let place = columns.firstIndex(where: { $0.column.prompt == prompt && $0.column.provider == provider }) {
      return place
    }
    columns.append(Column(ResultsHead.Column(prompt: prompt, provider: provider, text: "")))
    return columns.count - 1
  }
}

extension SuiteSummary.Column {
  fileprivate mutating func add(_ json: JSON) -> (latency: Double?, cost: Double?) {
    guard let outcome = json["outcome"] else { return (nil, nil) }
    if outcome.isString("pass") {
      passes += 1
    } else if outcome.isString("fail") {
      failures += 1
    } else {
      errors += 1
    }
    if !outcome.isString("error") { scoreSum += json["score"]?.double ?? 0 }
    if let assertions = json["assertions"] {
      for assertion in assertions.elements {
        add(votes: assertion, depth: 0)
        if assertion["skipped"] != nil { continue }
        if assertion["pass"]?.bool == true { assertionPasses += 1 } else { assertionFailures += 1 }
      }
    }
    if let found = json["named"] {
      for (name, value) in found.members { add(name, value[0]?.double ?? 0, weight: value[1]?.double ?? 1) }
    }
    let (cost, judgeCost) = (json["cost"]?.double, json["judge_cost"]?.double)
    if let counts = json["usage"] {
      usage.add(record: counts)
      self.cost = self.cost.flatMap { sum in cost.map { sum + $0 } }
    } else if let cost {
      self.cost = self.cost.map { $0 + cost }
    }
    if let counts = json["judge_usage"] {
      judgeUsage.add(record: counts)
      self.cost = self.cost.flatMap { sum in judgeCost.map { sum + $0 } }
    } else if let judgeCost {
      self.cost = self.cost.map { $0 + judgeCost }
    }
    let latency = json["latency"]?.double
    if let latency {
      latencySum += latency
      latencyCount += 1
    }
    return (latency, cost)
  }

  private mutating func add(votes json: JSON, depth: Int) {
    if let votes = json["judges"] {
      judges.add(votes.elements.map { ($0["judge"]?.string ?? "", $0["verdict"]?.string ?? "") })
    }
    guard depth < 64, let parts = json["parts"] else { return }
    for part in parts.elements { add(votes: part, depth: depth + 1) }
  }

  private mutating func add(_ name: String, _ score: Double, weight: Double) {
    if let place = named.firstIndex(where: { $0.name == name }) {
      named[place].score += score * weight
      named[place].weight += weight
    } else {
      named.append(NamedScore(name, score * weight, weight: weight))
    }
  }
}

extension Usage {
  fileprivate mutating func add(record json: JSON) {
    input += json["input"]?.int ?? 0
    cacheRead += json["cache_read"]?.int ?? 0
    cacheWrite += json["cache_write"]?.int ?? 0
    output += json["output"]?.int ?? 0
    reasoning += json["reasoning"]?.int ?? 0
  }
}
