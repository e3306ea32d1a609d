// The order of steps as a pure rule: what starts, what waits, what is never begun.

import Testing

@testable import Chains

/// Drives a schedule by hand: every step that starts is written down until it is ended.
private struct Driver {
  var schedule: BlockSchedule
  var log: [String] = []
  var conditions: [Int: Bool] = [:]

  init(_ plans: [BlockSchedule.Plan], failsFast: Bool = true, conditions: [Int: Bool] = [:]) {
    schedule = BlockSchedule(plans, failsFast: failsFast)
    self.conditions = conditions
    settle()
  }

  mutating func settle() {
    while true {
      let actions = schedule.next()
      if actions.isEmpty { return }
      for action in actions {
        switch action {
        case .decide(let index): schedule.decided(index, runs: conditions[index] ?? true)
        case .start(let index): log.append("\(index)")
        case .end(let index, let end):
          log.append("\(index):\(end == .blocked ? "blocked" : "skipped")")
          schedule.ended(index, end)
        case .failSkippedInput(let index):
          log.append("\(index):fails")
          schedule.ended(index, .failed)
        }
      }
    }
  }

  mutating func end(_ index: Int, _ end: BlockSchedule.End = .done) -> [String] {
    log = []
    schedule.ended(index, end)
    settle()
    return log
  }
}

private func plan(
  values: [Int] = [], waits: [Int] = [], needs: [Int] = [], _ effect: Effect = .pure, check: Bool = false
) -> BlockSchedule.Plan {
  BlockSchedule.Plan(values: values, waits: waits, needs: needs, effect: effect, failsWhenSkipped: check)
}

@Suite("the schedule of a block") struct ScheduleTests {
  @Test("pure steps start as soon as their inputs are there, whatever stands above them") func pure() {
    var driver = Driver([plan(), plan(), plan(values: [0]), plan(values: [1, 2])])
    #expect(driver.log == ["0", "1"])
    #expect(driver.end(1) == [])
    #expect(driver.end(0) == ["2"])
    #expect(driver.end(2) == ["3"])
    #expect(driver.end(3) == [] && driver.schedule.isOver)
  }

  @Test("those who look at the world overlap, those who change it wait for all above") func world() {
    var driver = Driver([plan(.looks), plan(.looks), plan(.changes), plan(.looks), plan(.changes), plan()])
    #expect(driver.log.sorted() == ["0", "1", "5"])
    #expect(driver.end(0) == [])
    #expect(driver.end(1) == ["2"])
    #expect(driver.end(2) == ["3"])
    #expect(driver.end(3) == ["4"])
  }

  @Test("a step that changes the world and has no inputs yet holds back those below it") func held() {
    var driver = Driver([plan(), plan(values: [0], .changes), plan(.looks)])
    #expect(driver.log == ["0"])
    #expect(driver.end(0) == ["1"])
    #expect(driver.end(1) == ["2"])
  }

  @Test("one that is skipped by its if lets the next go on") func skippedInOrder() {
    let driver = Driver([plan(.changes), plan(.changes)], conditions: [0: false])
    #expect(driver.log == ["1"])
  }

  @Test("who takes the value of a skipped step is skipped, who only waits is not") func skips() {
    let driver = Driver(
      [plan(), plan(values: [0]), plan(waits: [0]), plan(needs: [0]), plan(values: [1]), plan(needs: [1])],
      conditions: [0: false])
    #expect(driver.log.sorted() == ["1:skipped", "2", "3", "4:skipped", "5:skipped"])
  }

  @Test("a check whose input was skipped fails") func checks() {
    let driver = Driver([plan(), plan(values: [0], check: true)], conditions: [0: false])
    #expect(driver.log == ["1:fails"])
  }

  @Test("after a failure nothing new begins; without fail_fast only dependants are blocked") func failures() {
    let plans = [plan(), plan(values: [0]), plan(), plan(values: [2]), plan(needs: [1])]
    var fast = Driver(plans)
    #expect(fast.end(0, .failed) == [])
    #expect(fast.end(2) == [] && fast.schedule.isOver)
    var slow = Driver(plans, failsFast: false)
    #expect(slow.end(0, .failed) == ["1:blocked", "4:blocked"])
    #expect(slow.end(2) == ["3"])
  }
}
