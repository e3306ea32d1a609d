// Each formula against values that others computed.

import Formats
import Testing

@testable import Evals

private func isNear(_ a: Double?, _ b: Double, relative: Double = 1e-9, absolute: Double = 1e-12) -> Bool {
  guard let a else { return false }
  return abs(a - b) <= absolute + relative * abs(b)
}

@Suite("statistics against reference values") struct StatisticsTests {
  @Test("the incomplete beta function") func beta() {
    for row in StatisticsData.incompleteBeta {
      #expect(isNear(Distributions.incompleteBeta(row[0], row[1], row[2]), row[3], relative: 1e-8), "\(row)")
    }
    #expect(Distributions.incompleteBeta(0, 2, 3) == 0)
    #expect(Distributions.incompleteBeta(1, 2, 3) == 1)
  }

  @Test("the normal distribution") func normal() {
    for row in StatisticsData.normalQuantiles {
      #expect(isNear(Distributions.normalQuantile(row[0]), row[1], relative: 1e-9), "\(row)")
      #expect(isNear(Distributions.normal(row[1]), row[0], relative: 1e-9), "\(row)")
    }
  }

  @Test("Student's distribution") func student() {
    for row in StatisticsData.student {
      #expect(isNear(Distributions.student(row[0], degreesOfFreedom: row[1]), row[2], relative: 1e-7), "\(row)")
    }
    for row in StatisticsData.studentQuantiles {
      #expect(isNear(Distributions.studentQuantile(row[0], degreesOfFreedom: row[1]), row[2], relative: 1e-7))
    }
  }

  @Test("the binomial distribution") func binomial() {
    for row in StatisticsData.binomial {
      #expect(isNear(Distributions.binomial(Int(row[0]), of: Int(row[1]), row[2]), row[3], relative: 1e-7), "\(row)")
    }
  }

  @Test("Wilson's interval of a pass rate") func wilson() {
    for row in StatisticsData.wilson {
      let interval = PassRate(passes: Int(row[0]), of: Int(row[1])).interval(confidence: row[2])
      #expect(isNear(interval.low, row[3]) && isNear(interval.high, row[4]), "\(row) \(interval)")
    }
    #expect(PassRate(passes: 0, of: 0).rate == nil)
    #expect(PassRate(passes: 0, of: 0).interval() == Interval(0, 1))
  }

  @Test("the clustered standard error and its interval") func clustered() {
    for row in StatisticsData.clustered {
      var mean = ClusteredMean()
      for place in stride(from: 5, to: row.count, by: 2) { mean.add(row[place + 1], cluster: String(row[place])) }
      #expect(mean.count == Int(row[0]))
      #expect(isNear(mean.mean, row[1]) && isNear(mean.standardError, row[2], relative: 1e-8), "\(row)")
      let interval = mean.interval()
      #expect(isNear(interval?.low, row[3], relative: 1e-7) && isNear(interval?.high, row[4], relative: 1e-7))
    }
  }

  @Test("a test without a cluster is one of its own, alone and among others") func singles() {
    let values = [0.2, 0.9, 0.4, 0.4, 1]
    var (loose, named, mixed) = (ClusteredMean(), ClusteredMean(), ClusteredMean())
    for (index, value) in values.enumerated() {
      loose.add(value)
      named.add(value, cluster: "\(index)")
      mixed.add(value, cluster: index % 2 == 0 ? "\(index)" : nil)
    }
    let variance = values.reduce(0) { $0 + ($1 - 0.58) * ($1 - 0.58) } / 4
    for mean in [loose, named, mixed] { #expect(isNear(mean.standardError, (variance / 5).squareRoot())) }
    var one = ClusteredMean()
    one.add(1)
    #expect(one.standardError == nil && one.interval() == nil && one.mean == 1)
  }

  @Test("McNemar's exact test") func mcnemar() {
    for row in StatisticsData.mcnemar {
      let pairs = PairedPasses(both: 50, broken: Int(row[0]), fixed: Int(row[1]), neither: 7)
      #expect(isNear(pairs.p, row[2], relative: 1e-8), "\(row) \(pairs.p)")
    }
    #expect(PairedPasses(both: 3).p == 1)
  }

  @Test("Tango's interval of a paired difference") func tango() {
    for row in StatisticsData.tango {
      let (fixed, broken, count) = (Int(row[0]), Int(row[1]), Int(row[2]))
      let pairs = PairedPasses(both: count - fixed - broken, broken: broken, fixed: fixed)
      let interval = pairs.interval(confidence: row[3])
      #expect(
        isNear(interval.low, row[4], relative: 1e-5, absolute: 1e-7)
          && isNear(interval.high, row[5], relative: 1e-5, absolute: 1e-7), "\(row) \(interval)")
    }
    #expect(PairedPasses().interval() == Interval(-1, 1))
  }

  @Test("the resampled interval and p value of paired scores, with and without clusters") func bootstrap() throws {
    for row in StatisticsData.bootstrap {
      var scores = PairedScores()
      for place in stride(from: 7, to: row.count, by: 2) {
        scores.add(first: 0, second: row[place + 1], cluster: String(row[place]))
      }
      #expect(scores.count == Int(row[0]))
      #expect(isNear(scores.difference, row[1]) && isNear(scores.standardError, row[2]))
      let result = try #require(scores.bootstrap())
      // 10,000 resamples are 3 % unsure of a 95 % point, and of a p value √(p(1 − p)/10,000).
      #expect(isNear(result.interval.width / 2, row[3], relative: 0.06), "\(row.prefix(7)) \(result)")
      #expect(abs(result.p - row[4]) < 4 * (row[4] * (1 - row[4]) / 10_000).squareRoot() + 1e-3)
      // Another method's interval is much the same.
      #expect(abs(result.interval.low - row[5]) < 0.2 * result.interval.width, "\(row.prefix(7)) \(result)")
      #expect(abs(result.interval.high - row[6]) < 0.2 * result.interval.width, "\(row.prefix(7)) \(result)")
      #expect(result.interval.contains(0) == (result.p > 0.05))
    }
  }

  @Test("resampling gives the same figures for the same seed, and makes none up from too little") func seeds() throws {
    var scores = PairedScores()
    #expect(scores.bootstrap() == nil && scores.difference == nil)
    scores.add(first: 0.1, second: 0.4)
    #expect(scores.bootstrap() == nil)
    scores.add(first: 0.3, second: 0.4)
    scores.add(first: 0.3, second: 0.2)
    #expect(scores.bootstrap() == scores.bootstrap())
    #expect(scores.bootstrap(seed: 1) != scores.bootstrap(seed: 2))
    // Two tests of three that are better by as much say nothing yet: at best 1 in 4.
    var same = PairedScores()
    for _ in 0..<3 { same.add(first: 0, second: 0.5) }
    let result = try #require(same.bootstrap())
    #expect(result.p == 0.25 && result.interval.contains(0))
    var equal = PairedScores()
    for _ in 0..<100 { equal.add(first: 0.7, second: 0.7) }
    let none = try #require(equal.bootstrap())
    #expect(none.p == 1 && none.interval.low < 0 && none.interval.low > -0.04)
  }

  @Test("above the number of clusters that is resampled, the figures go on as before") func manyClusters() throws {
    var random = SplitMix64(7)
    var scores = PairedScores()
    for _ in 0..<20_001 { scores.add(first: 0, second: Double(random.next() >> 11) * 0x1p-53 - 0.495) }
    let error = try #require(scores.standardError)
    let difference = try #require(scores.difference)
    let result = try #require(scores.bootstrap())
    #expect(isNear(result.interval.low, difference - 1.959963985 * error, relative: 1e-6))
    #expect(isNear(result.interval.high, difference + 1.959963985 * error, relative: 1e-6))
  }

  @Test("Holm's correction") func holm() {
    for row in StatisticsData.holm {
      let count = Int(row[0])
      let adjusted = Holm.adjusted(Array(row[1...count]))
      for (own, other) in zip(adjusted, row[(count + 1)...]) { #expect(isNear(own, other), "\(row)") }
    }
    #expect(Holm.adjusted([]).isEmpty)
  }

  @Test("pass@k and pass^k") func repeats() {
    for row in StatisticsData.repeats {
      let (count, passes, k) = (Int(row[0]), Int(row[1]), Int(row[2]))
      #expect(isNear(Repeats.passAtLeastOnce(k, passes: passes, of: count), row[3]), "\(row)")
      #expect(isNear(Repeats.passEveryTime(k, passes: passes, of: count), row[4]), "\(row)")
    }
    #expect(Repeats.passAtLeastOnce(3, passes: 1, of: 2) == nil && Repeats.passEveryTime(3, passes: 1, of: 2) == nil)
  }

  @Test("how many tests a difference needs, and what a number of tests detects") func power() throws {
    for row in StatisticsData.power {
      let needed = try #require(
        Power.neededCount(difference: row[0], deviation: row[1], level: row[2], power: row[3]))
      // The reference also counts the chance of a verdict of the wrong sign, which is next to nothing.
      #expect(abs(Double(needed) - row[4]) < 1.01, "\(row) \(needed)")
      let least = Power.detectable(count: needed, deviation: row[1], level: row[2], power: row[3])
      #expect(isNear(least, row[0], relative: 0.01))
    }
    #expect(Power.neededCount(difference: 0, deviation: 0.5) == nil)
    #expect(Power.detectable(count: 1, deviation: 0.5) == nil)
  }

  @Test("the e-value of a coin that may be any coin") func evalues() {
    for row in StatisticsData.evalues {
      var rule = EarlyStop()
      for _ in 0..<Int(row[0]) { rule.add(first: true, second: false) }
      for _ in 0..<Int(row[1]) { rule.add(first: false, second: true) }
      #expect(isNear(rule.logEValue, row[2], relative: 1e-8, absolute: 1e-9), "\(row) \(rule.logEValue)")
    }
  }

  @Test("Krippendorff's alpha") func alpha() throws {
    for row in StatisticsData.krippendorff {
      let judges = Int(row[0])
      var agreement = Agreement()
      for item in 0..<Int(row[1]) {
        let verdicts = row[(3 + item * judges)..<(3 + (item + 1) * judges)]
        agreement.add(verdicts.filter { $0 >= 0 }.map { String($0) })
      }
      #expect(isNear(agreement.alpha, row[2], relative: 1e-9), "\(row)")
    }
    // Krippendorff 2011, C: four observers, twelve units, 0.743.
    let a: [String?] = ["1", "2", "3", "3", "2", "1", "4", "1", "2", nil, nil, nil]
    let b: [String?] = ["1", "2", "3", "3", "2", "2", "4", "1", "2", "5", nil, "3"]
    let c: [String?] = [nil, "3", "3", "3", "2", "3", "4", "2", "2", "5", "1", nil]
    let d: [String?] = ["1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1", nil]
    var published = Agreement()
    for unit in 0..<12 { published.add([a, b, c, d].compactMap { $0[unit] }) }
    #expect(abs(try #require(published.alpha) - 0.743) < 0.0005)
    #expect(Agreement().alpha == nil)
  }
}
