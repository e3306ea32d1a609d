// What calls may take together: money, tokens, a number of calls. A call reserves the most it may take before it is
// sent and settles what it took, so that calls in flight cannot overspend by more than their reservations were short.
// Budgets nest: a step's draws from its chain's, that from the run's. Locks are taken from the child up, so that a
// refusal anywhere leaves nothing reserved anywhere.

import Synchronization

/// A budget, or a part of another one.
package final class Budget: Sendable {
  /// nil is no limit.
  package struct Limits: Sendable, Equatable {
    /// US dollars.
    package var money: Double?
    /// Input and output together.
    package var tokens: Int?
    package var calls: Int?

    package init(money: Double? = nil, tokens: Int? = nil, calls: Int? = nil) {
      self.money = money
      self.tokens = tokens
      self.calls = calls
    }
  }

  /// What was taken, or is held.
  package struct Amounts: Sendable, Equatable {
    var money = Money(units: 0)
    package var tokens = 0
    package var calls = 0

    /// US dollars.
    package var dollars: Double { money.dollars }

    package init(dollars: Double = 0, tokens: Int = 0, calls: Int = 0) {
      money = Money(dollars: dollars)
      self.tokens = max(0, tokens)
      self.calls = calls
    }

    static func + (left: Amounts, right: Amounts) -> Amounts {
      var sum = left
      sum.money = Money(units: saturated(left.money.units.addingReportingOverflow(right.money.units)))
      sum.tokens = saturated(left.tokens.addingReportingOverflow(right.tokens))
      sum.calls = left.calls + right.calls
      return sum
    }

    static func - (left: Amounts, right: Amounts) -> Amounts {
      var rest = left
      rest.money = Money(units: max(0, left.money.units - right.money.units))
      rest.tokens = max(0, left.tokens - right.tokens)
      rest.calls = max(0, left.calls - right.calls)
      return rest
    }
  }

  private struct State {
    var spent = Amounts()
    var held = Amounts()
    var largestOutput = 0
  }

  /// Whose budget it is, for words: `the run`, `step draft`.
  package let name: String
  package let limits: Limits
  private let parent: Budget?
  private let state = Mutex(State())

  package init(_ name: String = "the run", _ limits: Limits, within parent: Budget? = nil) {
    self.name = name
    self.limits = limits
    self.parent = parent
  }

  /// What settled calls took.
  package var spent: Amounts { state.withLock { $0.spent } }
  /// What calls in flight have reserved.
  package var held: Amounts { state.withLock { $0.held } }

  /// By how much more was taken than was allowed, since reservations are estimates; all zero where it was not.
  package var overshoot: Amounts {
    let spent = spent
    return spent
      - Amounts(
        dollars: limits.money ?? .greatestFiniteMagnitude, tokens: limits.tokens ?? .max, calls: limits.calls ?? .max)
  }

  /// Whether money is limited, here or further up.
  package var limitsMoney: Bool { limits.money != nil || parent?.limitsMoney == true }

  /// Output tokens that a call reserves: what it is limited to, else twice the largest output seen under this budget,
  /// at least 1,024.
  package func outputAllowance(maximum: Int?) -> Int {
    if let maximum { return max(0, maximum) }
    let largest = state.withLock { $0.largestOutput }
    return max(1024, saturated(largest.multipliedReportingOverflow(by: 2)))
  }

  /// Reserves what a call may take.
  ///
  /// - Parameters:
  ///   - input: tokens of the request, by estimate.
  ///   - maximumOutput: tokens that the answer is limited to.
  ///   - cost: US dollars of such counts, nil where no price is known.
  ///   - model: its name, for words.
  /// - Throws: `budget` where the call does not fit, or where money is limited and no price is known.
  package func reserve(
    input: Int, maximumOutput: Int?, model: String, cost: (Usage) -> Double?
  ) throws(ModelError) -> Reservation {
    let output = outputAllowance(maximum: maximumOutput)
    let dollars = cost(Usage(input: max(0, input), output: output))
    if dollars == nil, limitsMoney { throw Budget.unpriced(model) }
    let tokens = saturated(max(0, input).addingReportingOverflow(output))
    let amounts = Amounts(dollars: dollars ?? 0, tokens: tokens, calls: 1)
    try hold(amounts)
    return Reservation(of: self, amounts)
  }

  /// Reserves for a call as the catalogue prices it.
  ///
  /// - Parameter day: `YYYY-MM-DD`, for prices that change.
  package func reserve(
    for request: ModelRequest, to target: Target, on day: String
  ) throws(ModelError) -> Reservation {
    try reserve(
      input: request.estimatedTokens, maximumOutput: request.parameters.maxTokens, model: target.name
    ) { target.cost($0, on: day) }
  }

  /// Fails where money is limited and the model has no price: asked before the first call, when nothing is spent yet.
  package func checkPrice(of target: Target, on day: String) throws(ModelError) {
    let sample = Usage(input: 1, output: 1)
    if limitsMoney, target.cost(sample, on: day) == nil { throw Budget.unpriced(target.name) }
  }

  private static func unpriced(_ model: String) -> ModelError {
    ModelError(
      .budget, "no price is known for \(model), so its cost cannot be limited",
      hint: "give it under prices: in the config, or limit tokens or calls instead", attempts: 0)
  }

  /// Holds the amounts here and all the way up, or nowhere.
  private func hold(_ amounts: Amounts) throws(ModelError) {
    try state.withLock { (state) throws(ModelError) in
      if let refusal = refusal(amounts, state) { throw refusal }
      try parent?.hold(amounts)
      state.held = state.held + amounts
    }
  }

  /// Counts what was taken earlier, by a process before this one.
  package func count(_ taken: Amounts) { settle(Amounts(), as: taken, output: 0) }

  fileprivate func settle(_ held: Amounts, as spent: Amounts, output: Int) {
    state.withLock { state in
      state.held = state.held - held
      state.spent = state.spent + spent
      state.largestOutput = max(state.largestOutput, output)
    }
    parent?.settle(held, as: spent, output: output)
  }

  private func refusal(_ wanted: Amounts, _ state: State) -> ModelError? {
    let sum = state.spent + state.held + wanted
    func refuse(_ spent: String, _ limit: String, _ held: String?, _ wanted: String, _ flag: String) -> ModelError {
      let held = held.map { ", \($0) held for calls in flight" } ?? ""
      return ModelError(
        .budget,
        "the budget of \(name) is reached: \(spent) of \(limit) spent\(held), the next call may take \(wanted)",
        hint: "raise \(flag)", attempts: 0)
    }
    if let limit = limits.calls, sum.calls > limit {
      let held = state.held.calls > 0 ? "\(state.held.calls)" : nil
      return refuse("\(state.spent.calls)", "\(limit) calls", held, "1", "--max-calls")
    }
    if let limit = limits.tokens, sum.tokens > limit {
      let held = state.held.tokens > 0 ? "\(state.held.tokens)" : nil
      return refuse("\(state.spent.tokens)", "\(limit) tokens", held, "\(wanted.tokens)", "--max-tokens-total")
    }
    if let limit = limits.money.map(Money.init(dollars:)), sum.money > limit, wanted.money.units > 0 {
      let held = state.held.money.units > 0 ? state.held.money.words : nil
      return refuse(state.spent.money.words, limit.words, held, wanted.money.words, "--max-cost")
    }
    return nil
  }

  /// What one call has reserved. Settled once; given back when it is let go of unsettled.
  package final class Reservation: Sendable {
    private let budget: Budget
    package let amounts: Amounts
    private let isOpen = Mutex(true)
    /// Whether it was neither settled nor given back.
    var isHeld: Bool { isOpen.withLock { $0 } }

    fileprivate init(of budget: Budget, _ amounts: Amounts) {
      self.budget = budget
      self.amounts = amounts
    }

    deinit { release() }

    /// The call took this much.
    package func settle(_ usage: Usage, cost: Double?) {
      let tokens = saturated(usage.totalInput.addingReportingOverflow(usage.output))
      close(Amounts(dollars: cost ?? 0, tokens: tokens, calls: 1), output: usage.output)
    }

    /// The call was sent, and what it took is not known: an answer that broke off counts as reserved.
    package func settleAsReserved() { close(amounts, output: 0) }

    /// The provider refused the call, which costs nothing but the call.
    package func settleRefused() { close(Amounts(calls: 1), output: 0) }

    /// Nothing was sent.
    package func release() { close(Amounts(), output: 0) }

    private func close(_ spent: Amounts, output: Int) {
      let wasOpen = isOpen.withLock { isOpen in
        defer { isOpen = false }
        return isOpen
      }
      if wasOpen { budget.settle(amounts, as: spent, output: output) }
    }
  }
}

/// An amount of money in whole units of 10⁻¹² US dollars, so that a million small sums add up exactly.
struct Money: Equatable, Comparable, Sendable {
  var units: Int

  init(units: Int) { self.units = units }

  init(dollars: Double) {
    let units = (dollars * 1e12).rounded()
    self.units = units.isFinite ? Int(exactly: min(max(0, units), 9e18)) ?? .max : units > 0 ? .max : 0
  }

  var dollars: Double { Double(units) / 1e12 }

  /// `$0.0123`: two digits after the point, more for less than a dime.
  var words: String {
    var digits = String((units + 500_000) / 1_000_000)
    while digits.utf8.count < 7 { digits = "0" + digits }
    var fraction = digits.suffix(6)
    while fraction.utf8.count > 2, fraction.last == "0" { fraction.removeLast() }
    return "$\(digits.dropLast(6)).\(fraction)"
  }

  static func < (left: Money, right: Money) -> Bool { left.units < right.units }
}

/// The result, or the largest number there is.
private func saturated(_ result: (partialValue: Int, overflow: Bool)) -> Int {
  result.overflow ? .max : result.partialValue
}
