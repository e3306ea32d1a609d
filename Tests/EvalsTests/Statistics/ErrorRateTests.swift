// How often each test and interval is wrong where the truth is known: many seeded experiments, and a bound that chance
// alone would not cross. A rate of 5 % over 2,000 experiments is 5 % ± 1.5 % (three standard errors).

import Formats
import Testing

@testable import Evals

extension SplitMix64 {
  /// From 0 to below 1.
  fileprivate mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  fileprivate mutating func isHit(_ p: Double) -> Bool { unit() < p }

  /// About normal with mean 0 and deviation 1: the sum of twelve even numbers.
  fileprivate mutating func bell() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return sum
  }
}

@Suite("error rates of the statistics") struct ErrorRateTests {
  @Test(
    "Wilson's interval covers the true rate about as often as it says",
    arguments: [(20, 0.05), (20, 0.5), (50, 0.9), (200, 0.97), (300, 0.6)])
  func wilson(count: Int, rate: Double) {
    var random = SplitMix64(11)
    var covered = 0
    let rounds = 2000
    let intervals = (0...count).map { PassRate(passes: $0, of: count).interval() }
    for _ in 0..<rounds {
      let passes = (0..<count).count { _ in random.isHit(rate) }
      if intervals[passes].contains(rate) { covered += 1 }
    }
    // It keeps its level on average over rates; at one rate it is off by some points.
    #expect((0.91...0.995).contains(Double(covered) / Double(rounds)), "\(covered) of \(rounds)")
  }

  @Test(
    "Tango's interval covers the true difference, and McNemar's test finds none too seldom rather than too often",
    arguments: [(40, 0.10, 0.10), (100, 0.02, 0.02), (100, 0.2, 0.1), (300, 0.1, 0.04)])
  func tango(count: Int, fixed: Double, broken: Double) {
    var random = SplitMix64(12)
    let rounds = 1000
    var (covered, found) = (0, 0)
    for _ in 0..<rounds {
      var pairs = PairedPasses()
      for _ in 0..<count {
        let value = random.unit()
        if value < fixed {
          pairs.add(first: false, second: true)
        } else if value < fixed + broken {
          pairs.add(first: true, second: false)
        } else {
          pairs.add(first: true, second: true)
        }
      }
      if pairs.interval().contains(fixed - broken) { covered += 1 }
      if pairs.p < 0.05 { found += 1 }
    }
    #expect((0.925...0.995).contains(Double(covered) / Double(rounds)), "\(covered) of \(rounds)")
    if fixed == broken {
      #expect(Double(found) / Double(rounds) < 0.05, "\(found) of \(rounds)")
    } else {
      #expect(Double(found) / Double(rounds) > 0.3, "\(found) of \(rounds)")
    }
  }

  /// Tests, tests of a cluster, and the share of tests whose score does not change at all.
  @Test(
    "the resampled interval of paired scores covers the true difference, in clusters too",
    arguments: [(15, 1, 0.0), (40, 1, 0.5), (60, 4, 0.0)])
  func bootstrap(count: Int, size: Int, unchanged: Double) throws {
    var random = SplitMix64(13)
    let rounds = 400
    var (covered, found) = (0, 0)
    for round in 0..<rounds {
      var scores = PairedScores()
      for cluster in 0..<count / size {
        let common = size > 1 ? random.bell() * 0.1 : 0
        for _ in 0..<size {
          let change = random.isHit(unchanged) ? 0 : random.bell() * 0.2
          scores.add(first: 0.5, second: 0.5 + common + change, cluster: size > 1 ? "\(cluster)" : nil)
        }
      }
      let result = try #require(scores.bootstrap(resamples: 300, seed: UInt64(round)))
      if result.interval.contains(0) { covered += 1 }
      if result.p <= 0.05 { found += 1 }
    }
    #expect((0.915...0.985).contains(Double(covered) / Double(rounds)), "\(covered) of \(rounds)")
    #expect(Double(found) / Double(rounds) < 0.085, "\(found) of \(rounds)")
  }

  @Test("the clustered standard error covers the true mean where the naive one does not") func clustered() throws {
    var random = SplitMix64(14)
    let rounds = 600
    var (covered, naive) = (0, 0)
    for _ in 0..<rounds {
      var (mean, blind) = (ClusteredMean(), ClusteredMean())
      for cluster in 0..<20 {
        let common = random.bell()
        for _ in 0..<5 {
          let value = common + random.bell() * 0.5
          mean.add(value, cluster: "\(cluster)")
          blind.add(value)
        }
      }
      if try #require(mean.interval()).contains(0) { covered += 1 }
      if try #require(blind.interval()).contains(0) { naive += 1 }
    }
    #expect((0.92...0.98).contains(Double(covered) / Double(rounds)), "\(covered) of \(rounds)")
    #expect(Double(naive) / Double(rounds) < 0.8, "\(naive) of \(rounds)")
  }

  @Test("stopping early keeps the level under constant looking, and stops soon where the difference is large")
  func earlyStop() {
    var random = SplitMix64(15)
    let rounds = 500
    func experiment(fixed: Double, broken: Double) -> (found: Int, tests: Int) {
      var (found, tests) = (0, 0)
      for _ in 0..<rounds {
        var rule = EarlyStop()
        var count = 0
        while count < 300, !rule.isDecided {
          count += 1
          let value = random.unit()
          if value < fixed {
            rule.add(first: false, second: true)
          } else if value < fixed + broken {
            rule.add(first: true, second: false)
          } else {
            rule.add(first: true, second: true)
          }
        }
        tests += count
        if rule.isDecided || rule.pairs.p < rule.finalLevel { found += 1 }
      }
      return (found, tests / rounds)
    }
    let none = experiment(fixed: 0.1, broken: 0.1)
    #expect(Double(none.found) / Double(rounds) < 0.06, "\(none)")
    #expect(none.tests > 290)
    let large = experiment(fixed: 0.22, broken: 0.02)
    #expect(Double(large.found) / Double(rounds) > 0.98 && large.tests < 120, "\(large)")
  }

  @Test("Holm's correction keeps the chance of any false finding; without it that is far above") func holm() {
    var random = SplitMix64(16)
    let rounds = 2000
    var (corrected, plain) = (0, 0)
    for _ in 0..<rounds {
      let values = (0..<8).map { _ in random.unit() }
      if values.contains(where: { $0 < 0.05 }) { plain += 1 }
      if Holm.adjusted(values).contains(where: { $0 < 0.05 }) { corrected += 1 }
    }
    #expect(Double(corrected) / Double(rounds) < 0.065 && Double(plain) / Double(rounds) > 0.25)
  }

  @Test("the difference that a suite is said to detect is found about four times in five") func power() throws {
    let count = 400
    let (fixed, broken) = (0.14, 0.06)
    let deviation = (fixed + broken - (fixed - broken) * (fixed - broken)).squareRoot()
    let least = try #require(Power.detectable(count: count, deviation: deviation))
    var random = SplitMix64(17)
    let rounds = 500
    var found = 0
    for _ in 0..<rounds {
      var pairs = PairedPasses()
      for _ in 0..<count {
        let value = random.unit()
        let better = (fixed + broken + least) / 2
        let worse = (fixed + broken - least) / 2
        if value < better {
          pairs.add(first: false, second: true)
        } else if value < better + worse {
          pairs.add(first: true, second: false)
        } else {
          pairs.add(first: true, second: true)
        }
      }
      if pairs.p < 0.05 { found += 1 }
    }
    #expect((0.7...0.86).contains(Double(found) / Double(rounds)), "\(found) of \(rounds), at \(least)")
  }

  @Test("pass@k and pass^k are right on average") func repeats() throws {
    var random = SplitMix64(18)
    var (once, every) = (RunningMean(), RunningMean())
    for _ in 0..<4000 {
      let passes = (0..<6).count { _ in random.isHit(0.3) }
      once.add(try #require(Repeats.passAtLeastOnce(3, passes: passes, of: 6)))
      every.add(try #require(Repeats.passEveryTime(3, passes: passes, of: 6)))
    }
    #expect(abs(once.mean - (1 - 0.343)) < 0.02 && abs(every.mean - 0.027) < 0.006)
  }

  @Test("pairs come in the order of the schedule, whichever answer came first") func order() {
    var random = SplitMix64(19)
    let verdicts: [(Bool?, Bool?)] = (0..<200).map { _ in
      (random.isHit(0.1) ? nil : random.isHit(0.5), random.isHit(0.1) ? nil : random.isHit(0.5))
    }
    let answers = (0..<400).map { ($0 / 2, $0 % 2 == 1) }.shuffled(using: &random)
    var order = PairOrder()
    var given: [Bool] = []
    for (pair, isSecond) in answers {
      let verdict = isSecond ? verdicts[pair].1 : verdicts[pair].0
      for ready in order.add(pair: pair, isSecond: isSecond, verdict: verdict) { given += [ready.first, ready.second] }
    }
    var expected: [Bool] = []
    for case (let first?, let second?) in verdicts { expected += [first, second] }
    #expect(given == expected && order.complete == 200)
    var partial = PairOrder()
    #expect(partial.add(pair: 1, isSecond: false, verdict: true).isEmpty)
    #expect(partial.add(pair: 1, isSecond: true, verdict: true).isEmpty)
    #expect(partial.complete == 0)
  }
}

@Suite("a run that may stop early") struct EarlyStoppingTests {
  /// Rows are begun in order and end in any order; `fixed` of each hundred are fixed, `broken` broken.
  private func run(rows: Int, fixed: Int, broken: Int, seed: UInt64) -> (EarlyStopping, stoppedAt: Int?) {
    var random = SplitMix64(seed)
    var stopping = EarlyStopping()
    var waiting: [(row: Int, column: Int, outcome: CellResult.Outcome)] = []
    for row in 0..<rows {
      let value = Int(random.next(below: 100))
      let outcomes: [CellResult.Outcome] =
        value < fixed
        ? [.fail, .pass] : value < fixed + broken ? [.pass, .fail] : value > 97 ? [.error, .pass] : [.pass, .pass]
      for column in 0...1 {
        stopping.begin(row: row * 3, column: column)
        waiting.append((row * 3, column, outcomes[column]))
      }
      while waiting.count > 8 {
        let cell = waiting.remove(at: Int(random.next(below: UInt64(waiting.count))))
        stopping.end(row: cell.row, column: cell.column, outcome: cell.outcome)
      }
      if stopping.isDecided { return (stopping, row) }
    }
    stopping.close()
    for cell in waiting { stopping.end(row: cell.row, column: cell.column, outcome: cell.outcome) }
    return (stopping, nil)
  }

  @Test("a large difference stops it soon, with a p that holds; none runs to its end") func stops() {
    let large = run(rows: 1000, fixed: 40, broken: 2, seed: 4)
    #expect((5...150).contains(large.stoppedAt ?? .max) && large.0.anytimeP <= 0.01)
    let none = run(rows: 300, fixed: 10, broken: 10, seed: 5)
    #expect(none.stoppedAt == nil && none.0.finalLevel == 0.04 && (280...300).contains(none.0.pairs))
  }

  @Test("a row that one column alone is meant for does not hold up the others") func singleRows() {
    var stopping = EarlyStopping()
    for row in 0..<60 {
      if row % 2 == 0 { stopping.begin(row: row, column: 0) }
      stopping.begin(row: row, column: 1)
      if row % 2 == 0 { stopping.end(row: row, column: 0, outcome: .fail) }
      stopping.end(row: row, column: 1, outcome: .pass)
    }
    stopping.close()
    #expect(stopping.pairs >= 11 && stopping.isDecided)
  }

  @Test("what an earlier sitting has counts first") func kept() throws {
    var run = MadeRun([("A", "m"), ("B", "m")])
    for test in 0..<20 {
      run.add("t\(test)", column: 0, "f")
      run.add("t\(test)", column: 1, "p")
    }
    #expect(EarlyStopping(kept: try run.table()).isDecided)
  }
}
