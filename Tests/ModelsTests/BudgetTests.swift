// Budgets: what is refused, what is settled, and that many callers at once cannot spend more than there is.

import Synchronization
import Testing

@testable import Models

/// A dollar a thousand tokens.
private func price(_ usage: Usage) -> Double? { Double(usage.totalInput + usage.output) / 1000 }
private func unknown(_ usage: Usage) -> Double? { nil }

@Suite("budgets") struct BudgetTests {
  private func reserve(
    _ budget: Budget, input: Int = 100, output: Int? = 900, cost: (Usage) -> Double? = price
  ) throws -> Budget.Reservation {
    try budget.reserve(input: input, maximumOutput: output, model: "p/m", cost: cost)
  }

  private func refusal(_ body: () throws -> Void) -> String? {
    do { try body() } catch let error as ModelError { return error.kind == .budget ? error.text : nil } catch {}
    return nil
  }

  @Test("a call that does not fit is refused with what is spent, held and wanted") func words() throws {
    let money = Budget("step draft", .init(money: 2.5))
    let first = try reserve(money)
    first.settle(Usage(input: 100, output: 400), cost: 0.5)
    let second = try reserve(money)
    #expect(
      refusal { _ = try reserve(money, output: 1000) }
        == "the budget of step draft is reached: $0.50 of $2.50 spent, $1.00 held for calls in flight, the next call "
        + "may take $1.10 (raise --max-cost)")
    second.release()
    let third = try reserve(money, output: 1000)
    #expect(third.amounts.tokens == 1100)

    let calls = Budget("the run", .init(calls: 1))
    try reserve(calls, cost: unknown).settleRefused()
    #expect(
      refusal { _ = try reserve(calls, cost: unknown) }
        == "the budget of the run is reached: 1 of 1 calls spent, the next call may take 1 (raise --max-calls)")
    let tokens = Budget("the run", .init(tokens: 1500))
    let held = try reserve(tokens, cost: unknown)
    #expect(
      refusal { _ = try reserve(tokens, cost: unknown) }
        == "the budget of the run is reached: 0 of 1500 tokens spent, 1000 held for calls in flight, the next call "
        + "may take 1000 (raise --max-tokens-total)")
    held.settleAsReserved()
    #expect(tokens.spent == Budget.Amounts(tokens: 1000, calls: 1))
  }

  @Test("a model without a price is refused under a money limit, here or above, before anything is spent")
  func unpriced() throws {
    let run = Budget("the run", .init(money: 10))
    let step = Budget("step", .init(calls: 5), within: run)
    let words = refusal { _ = try reserve(step, cost: unknown) }
    #expect(words?.contains("no price is known for p/m") == true && words?.contains("prices:") == true)
    #expect(run.held == Budget.Amounts() && step.held == Budget.Amounts())
    _ = try reserve(step, cost: { _ in 0 })
    _ = try reserve(Budget("the run", .init(tokens: 10_000)), cost: unknown)
  }

  @Test("without a limit on the answer a call reserves 1,024 tokens, or twice the largest answer seen")
  func allowance() throws {
    let step = Budget("the run", .init())
    #expect(step.outputAllowance(maximum: 10) == 10)
    #expect(step.outputAllowance(maximum: nil) == 1024)
    try reserve(step).settle(Usage(output: 500), cost: nil)
    #expect(step.outputAllowance(maximum: nil) == 1024)
    try reserve(step).settle(Usage(output: 900), cost: nil)
    #expect(step.outputAllowance(maximum: nil) == 1800)
    let other = Budget("other", .init(), within: step)
    #expect(other.outputAllowance(maximum: nil) == 1024)
    try reserve(other).settle(Usage(output: .max), cost: Double.infinity)
    #expect(other.outputAllowance(maximum: nil) == 1 << 41)
  }

  @Test("a refusal above leaves nothing held below, and what is settled below is spent above") func nested() throws {
    let run = Budget("the run", .init(calls: 2))
    let (one, other) = (Budget("one", .init(money: 5), within: run), Budget("other", .init(), within: run))
    try reserve(one).settle(Usage(input: 1000), cost: 1)
    let held = try reserve(other)
    #expect(refusal { _ = try reserve(one) }?.contains("the run") == true)
    #expect(one.held == Budget.Amounts())
    #expect(run.spent.dollars == 1 && run.held.calls == 1)
    held.release()
    held.settle(Usage(input: 5), cost: 5)
    #expect(run.spent.dollars == 1, "a reservation is settled once")
    _ = try reserve(one)
  }

  @Test("a reservation that is let go of is given back") func letGo() throws {
    let budget = Budget("the run", .init(calls: 1))
    for _ in 0..<3 { _ = try reserve(budget) }
    #expect(budget.spent == Budget.Amounts() && budget.held == Budget.Amounts())
  }

  @Test("what a call takes beyond its reservation is reported") func overshoot() throws {
    let budget = Budget("the run", .init(money: 1, tokens: 5000))
    try reserve(budget).settle(Usage(input: 1000, output: 3000), cost: 1.25)
    #expect(budget.overshoot.dollars == 0.25)
    #expect(budget.overshoot.tokens == 0 && budget.overshoot.calls == 0)
    #expect(refusal { _ = try reserve(budget) } != nil)
    _ = try reserve(budget, output: 100, cost: { _ in 0 })
  }

  @Test(
    "small sums add up exactly",
    arguments: [
      (0.0, "$0.00"), (0.1, "$0.10"), (0.012345, "$0.012345"), (0.0000004, "$0.00"), (12.5, "$12.50"),
      (1234.0, "$1234.00"),
    ]) func money(dollars: Double, words: String)
  {
    #expect(Money(dollars: dollars).words == words)
    var sum = Money(units: 0)
    for _ in 0..<10 { sum = Money(units: sum.units + Money(dollars: dollars).units) }
    #expect(sum == Money(dollars: dollars * 10))
    for odd in [Double.nan, -1, -Double.infinity] { #expect(Money(dollars: odd).units == 0) }
    #expect(Money(dollars: Double.infinity).units == .max)
  }

  @Test("many callers at once spend no more than there is") func concurrent() async throws {
    let run = Budget("the run", .init(money: 100, calls: 150))
    let steps = (0..<4).map { Budget("step \($0)", .init(money: 40), within: run) }
    let made = await withTaskGroup(of: Int.self) { group in
      for caller in 0..<64 {
        group.addTask {
          var made = 0
          for _ in 0..<20 {
            guard
              let held = try? steps[caller % 4].reserve(input: 100, maximumOutput: 900, model: "", cost: price)
            else { continue }
            await Task.yield()
            held.settle(Usage(input: 100, output: 900), cost: 1)
            made += 1
          }
          return made
        }
      }
      return await group.reduce(0, +)
    }
    #expect(made <= 100 && made > 60)
    #expect(run.spent == Budget.Amounts(dollars: Double(made), tokens: 1000 * made, calls: made))
    #expect(run.held == Budget.Amounts())
    #expect(steps.allSatisfy { $0.spent.dollars <= 40 })
  }
}
