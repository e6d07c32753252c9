// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimNumerics

/// Intervals against SciPy 1.17.1, and against the sums that define them.
@Suite struct ConfidenceIntervalTests {
  /// `scipy.stats.beta.ppf(.025, k, n - k + 1)`, `scipy.stats.beta.isf(.025, k + 1, n - k)`.
  static let shares: [(hits: Int, trials: Int, low: Double, high: Double)] = [
    (0, 1, 0, 0.975), (1, 1, 0.025, 1),
    (5, 10, 0.18708602844739855, 0.8129139715526015),
    (1, 20, 0.0012650894979498047, 0.24873276277202777),
    (71, 71, 0.9493705920455963, 1), (72, 72, 0.9500559162941453, 1),
    (0, 72, 0, 0.049944083705854674),
    (0, 1000, 0, 0.003682083896865671),
    (1, 1000, 2.5317487491294065e-05, 0.005558924279826672),
    (2, 1000, 0.00024230111687723198, 0.007205838911457497),
    (17, 1000, 0.009933512592716534, 0.027079496864851366),
    (30, 1000, 0.020330485683109627, 0.042551402470029046),
    (31, 1000, 0.021158171970208632, 0.043715085006238906),
    (32, 1000, 0.021988849605642423, 0.044875902835009286),
    (50, 1000, 0.03733539760466178, 0.06539048791549364),
    (100, 1000, 0.08210533435558001, 0.12028793651869263),
    (333, 1000, 0.30381780242015766, 0.3631692178520082),
    (500, 1000, 0.468549172971792, 0.531450827028208),
    (900, 1000, 0.8797120634813074, 0.91789466564442),
    (963, 1000, 0.9493588769400751, 0.9738172911562627),
    (964, 1000, 0.9505070882819876, 0.9746610850701622),
    (969, 1000, 0.9562849149937611, 0.9788418280297914),
    (999, 1000, 0.9944410757201734, 0.9999746825125088),
    (1000, 1000, 0.9963179161031344, 1),
    (1, 100_000, 2.531780477933316e-07, 5.571516034774275e-05),
    (31, 100_000, 0.00021063937283451517, 0.00043999164839591035),
    (99_999, 100_000, 0.9999442848396523, 0.9999997468219523),
  ]

  @Test(arguments: shares)
  func sharesAreThoseOfSciPy(hits: Int, trials: Int, low: Double, high: Double) throws {
    let share = try ConfidenceInterval.share(hits: hits, of: trials)
    // Two libraries' distribution functions are good for some 1e-13.
    #expect(abs(share.low - low) <= 1e-12 * low)
    #expect(abs(share.high - high) <= 1e-12 * high)
  }

  /// The same expressions for 31 of 1000 with other confidences.
  static let confidences: [(confidence: Double, low: Double, high: Double)] = [
    (0.5, 0.027125337960141577, 0.0355300119819457),
    (0.9, 0.02253022167403825, 0.04161007348007963),
    (0.99, 0.01864173255593209, 0.04801597394950474),
    (0.999, 0.01598754312698452, 0.053318790225046646),
  ]

  @Test(arguments: confidences)
  func otherConfidences(confidence: Double, low: Double, high: Double) throws {
    let share = try ConfidenceInterval.share(hits: 31, of: 1000, confidence: confidence)
    #expect(abs(share.low - low) <= 1e-12 * low)
    #expect(abs(share.high - high) <= 1e-12 * high)
  }

  /// `P(X ≥ k)` for X of n trials with probability p, term by term.
  private static func upperTail(_ hits: Int, of trials: Int, _ probability: Double) -> Double {
    let misses = trials - hits
    // The probability of just k; large and small factors in turn, for it not to overflow.
    var term = 1.0
    var rest = misses
    for hit in stride(from: 1, through: hits, by: 1) {
      term *= probability * Double(misses + hit) / Double(hit)
      while term > 1, rest > 0 {
        term *= 1 - probability
        rest -= 1
      }
    }
    for _ in 0..<rest { term *= 1 - probability }
    let odds = probability / (1 - probability)
    var sum = 0.0
    for next in hits...trials {
      sum += term
      term *= odds * Double(trials - next) / Double(next + 1)
    }
    return sum
  }

  /// Clopper and Pearson's definition: under the lower end so many hits or more, and under the upper
  /// end so many or fewer, have a probability of 2.5 %.
  @Test(arguments: [1, 2, 7, 64, 100, 999, 1000])
  func endsAreWhereTheTailsAre(trials: Int) throws {
    for hits in 0...trials {
      let share = try ConfidenceInterval.share(hits: hits, of: trials)
      // Some thousand factors with a rounding or two each, and ends near 1 of which the distance to
      // 1 has few digits.
      if hits > 0 {
        #expect(abs(Self.upperTail(hits, of: trials, share.low) / 0.025 - 1) <= 1e-10, "\(hits)")
      }
      if hits < trials {
        let tail = Self.upperTail(trials - hits, of: trials, 1 - share.high)
        #expect(abs(tail / 0.025 - 1) <= 1e-10, "\(hits)")
      }
    }
  }

  @Test func noneAndAllReachTheEnds() throws {
    for trials in [1, 10, 1000, 1_000_000] {
      #expect(try ConfidenceInterval.share(hits: 0, of: trials).low == 0)
      #expect(try ConfidenceInterval.share(hits: trials, of: trials).high == 1)
    }
  }

  @Test func missesMirrorHits() throws {
    for trials in [5, 40, 333] {
      for hits in 0...trials {
        let share = try ConfidenceInterval.share(hits: hits, of: trials)
        let mirrored = try ConfidenceInterval.share(hits: trials - hits, of: trials)
        #expect(abs(share.low - (1 - mirrored.high)) <= 1e-15)
        #expect(abs(share.high - (1 - mirrored.low)) <= 1e-15)
        #expect(share.low <= Double(hits) / Double(trials))
        #expect(share.high >= Double(hits) / Double(trials))
      }
    }
  }

  /// The interval covers the truth with at least its confidence, whatever the truth.
  @Test(arguments: [1, 5, 20, 72], [0.5, 0.95])
  func coversTheTruthOftenEnough(trials: Int, confidence: Double) throws {
    let intervals = try (0...trials).map {
      try ConfidenceInterval.share(hits: $0, of: trials, confidence: confidence)
    }
    for truth in stride(from: 0.01, to: 1, by: 0.01) {
      let covered = intervals.indices.reduce(0) { sum, hits in
        guard intervals[hits].low <= truth, truth <= intervals[hits].high else { return sum }
        let next = hits < trials ? Self.upperTail(hits + 1, of: trials, truth) : 0
        return sum + Self.upperTail(hits, of: trials, truth) - next
      }
      #expect(covered >= confidence - 1e-12, "\(truth)")
    }
  }

  /// `scipy.stats.t.ppf([.975, .995], n - 1)`.
  static let quantiles: [(count: Int, usual: Double, strict: Double)] = [
    (2, 12.706204736174694, 63.656741162871526), (3, 4.302652729749462, 9.924843200918287),
    (4, 3.1824463052837078, 5.840909309733355), (6, 2.5705818356363146, 4.032142983555228),
    (10, 2.262157162798205, 3.249835541592126), (20, 2.0930240544083087, 2.8609346064649794),
    (30, 2.045229642132703, 2.756385903670605), (31, 2.0422724563012378, 2.7499956535672254),
    (64, 1.998340542520741, 2.6561450250998613), (72, 1.9939433678456255, 2.646863444238392),
    (100, 1.9842169515864174, 2.626405457280827), (1000, 1.9623414611334493, 2.5807596372676365),
    (100_000, 1.9599877077718442, 2.575878470400052),
  ]

  @Test(arguments: quantiles)
  func meansHaveStudentsInterval(count: Int, usual: Double, strict: Double) throws {
    let root = Double(count).squareRoot()
    let interval = try ConfidenceInterval.mean(0, standardDeviation: root, count: count)
    #expect(abs(interval.high - usual) <= 1e-12 * usual)
    #expect(interval.low == -interval.high)
    let wide = try ConfidenceInterval.mean(
      10, standardDeviation: 2 * root, count: count, confidence: 0.99)
    #expect(abs(wide.low - (10 - 2 * strict)) <= 1e-12 * strict)
    #expect(abs(wide.high - (10 + 2 * strict)) <= 1e-12 * strict)
  }

  @Test func equalValuesHaveAnIntervalOfNoWidth() throws {
    let interval = try ConfidenceInterval.mean(0.3, standardDeviation: 0, count: 5)
    #expect(interval == ConfidenceInterval(low: 0.3, high: 0.3))
  }
}
