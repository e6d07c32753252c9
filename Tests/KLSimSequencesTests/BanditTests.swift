// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Policies of bandits, and preferences that lead there.
@Suite struct BanditTests {
  static let divergences = [
    "rkl", "fkl", "js", "alpha", "alpha:alpha=0.05", "alpha:alpha=0.9",
  ]

  @Test(arguments: [
    ("rkl", [0.1407222735, 0.2868920992, 0.5199023866, 0.0524832408]),
    ("fkl", [0.1696242150, 0.2208880785, 0.5584191970, 0.0510685096]),
    ("js", [0.0486551980, 0.1254044924, 0.8066393834, 0.0193009261]),
    ("alpha:alpha=0.5", [0.1554284082, 0.2460410150, 0.5478165957, 0.0507139811]),
  ])
  func workedValues(_ divergence: String, _ policy: [Double]) throws {
    let world = try WorldTests.world(
      "bandit:beta=0.5:rewards=0/0.5/1/0.2:reference=0.4/0.3/0.2/0.1:divergence=\(divergence)")
    #expect(worstGap(world.probabilities, policy) < 1e-10)
    #expect(world.length == 1 && world.histories.count == 1)
  }

  /// Where the reference is so small that a double has no f′ for the optimum, that is said.
  @Test(arguments: ["fkl", "alpha:alpha=0.9"])
  func optimaBeyondDoublesAreRefused(_ divergence: String) throws {
    let teacher = "bandit:rewards=0/9:reference=1/1e-18:divergence=\(divergence)"
    #expect(throws: SetupError.self) { try WorldTests.world(teacher) }
    #expect(throws: Never.self) { try WorldTests.world(teacher.replacing("1e-18", with: "1e-6")) }
  }

  /// Of some seeds a number is infinite, or with a small β the reference has no mass where the reward is.
  @Test(arguments: [
    ("bandit:sigma=1e308", ["sigma="]), ("bandit:sigma=9e307:beta=1e-3", ["bandit", "sigma="]),
  ])
  func hugeRandomNumbersGiveAPolicyOrAreRefused(_ teacher: String, _ refusals: [String]) throws {
    var (beginnings, refused) = (Set<String>(), 0)
    for seed in 1...50 as ClosedRange<UInt64> {
      do {
        let world = try WorldTests.world(teacher, seed: seed)
        #expect(abs(world.probabilities.reduce(0, +) - 1) < 1e-14, "seed \(seed)")
      } catch let error as SetupError {
        #expect("\(error)".contains("smaller sigma=…"), "seed \(seed)")
        beginnings.insert(String("\(error)".prefix(6)))
        refused += 1
      }
    }
    #expect((1..<50).contains(refused))
    #expect(beginnings.sorted() == refusals)
  }

  /// f of a divergence, as printed.
  private static func f(_ divergence: String, _ v: Double) throws -> Double {
    func log(_ x: Double) -> Double { VectorKernels.best.logarithms([x])[0] }
    switch divergence {
    case "rkl": return v * log(v)
    case "fkl": return -log(v)
    case "js": return v * log(v) - (1 + v) * log((1 + v) / 2)
    default:
      let alpha = try Specification(parsing: divergence).settings.first?.value
      let a = alpha.flatMap { Double($0) } ?? 0.5
      return (exponential((1 - a) * log(v)) - (1 - a) * v - a) / (a * (a - 1))
    }
  }

  /// f′ by differences of fourth order.
  private static func slope(_ divergence: String, _ v: Double) throws -> Double {
    let step = 1e-3 * v
    let near = try f(divergence, v + step) - f(divergence, v - step)
    let far = try f(divergence, v + 2 * step) - f(divergence, v - 2 * step)
    return (8 * near - far) / (12 * step)
  }

  /// `r − β f′(π/π₀)` is the same for all tokens, f′ by differences.
  @Test(arguments: divergences, [0.2, 1, 30])
  func optimaAreStationary(_ divergence: String, _ beta: Double) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let world = try WorldTests.world(
        "bandit:size=5:beta=\(beta):divergence=\(divergence)", seed: seed)
      let bandit = try #require(world.bandit)
      #expect(abs(world.probabilities.reduce(0, +) - 1) < 1e-14)
      let multipliers = try world.probabilities.indices.map { token in
        let v = world.probabilities[token] / exponential(bandit.logReference[token])
        let slope = try Self.slope(divergence, v)
        return bandit.rewards[token] - beta * slope
      }
      for multiplier in multipliers {
        #expect(abs(multiplier - multipliers[0]) < 1e-7 * max(1, beta))
      }
    }
  }

  @Test(arguments: divergences)
  func edgesAreFound(_ divergence: String) throws {
    let lists = "rewards=0/0.5/1/0.2:reference=0.4/0.3/0.2/0.1"
    for beta in [1e-6, 1e-3, 1e6] {
      let world = try WorldTests.world("bandit:beta=\(beta):\(lists):divergence=\(divergence)")
      #expect(abs(world.probabilities.reduce(0, +) - 1) < 1e-12)
      let expected = beta < 1 ? [0, 0, 1, 0] : [0.4, 0.3, 0.2, 0.1]
      #expect(worstGap(world.probabilities, expected) < 0.03)
    }
    // Without a difference of rewards it is the reference.
    let flat = try WorldTests.world(
      "bandit:rewards=2/2/2:reference=1/2/5:divergence=\(divergence)")
    #expect(worstGap(flat.probabilities, [0.125, 0.25, 0.625]) < 1e-14)
  }

  private static func space(
    _ divergence: String, beta: Double = 0.5, seed: UInt64 = 1
  ) throws -> JointSpace {
    let world = try WorldTests.world(
      "bandit:beta=\(beta):divergence=\(divergence)", seed: seed)
    return try JointSpace(world, studentHistories: world.histories, studentEndToken: nil)
  }

  @Test(arguments: divergences, ["reference", "student"])
  func preferencesAreStationaryAtTheOptimum(_ divergence: String, _ pairs: String) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let space = try Self.space(divergence, seed: seed)
      let optimum = StudentTable(space.world.logProbabilities, vocabularySize: 4)
      let text = "f-dpo:labels=expected:pairs=\(pairs)"
      #expect(largest(try space.moments(of: text, at: optimum).mean) < 1e-12)
      let other = StudentTable([0.3, -0.4, 0.1, 0], vocabularySize: 4)
      #expect(largest(try space.moments(of: text, at: other).mean) > 1e-3)
    }
  }

  /// The expected gradient on pairs of the reference is that of the population loss, in which f′ is by
  /// differences.
  @Test(arguments: divergences)
  func preferencesDescendThePopulationLoss(_ divergence: String) throws {
    let space = try Self.space(divergence)
    let bandit = try #require(space.world.bandit)
    let student = StudentTable([0.3, -0.4, 0.1, 0], vocabularySize: 4)
    func logSigmoid(_ x: Double) -> Double { -VectorKernels.best.logSumExp([0, -x]) }
    func loss(_ student: StudentTable) throws -> Double {
      let slopes = try (0..<4).map { token in
        let v = exponential(student.logProbabilities[token] - bandit.logReference[token])
        return try Self.slope(divergence, v)
      }
      var sum = 0.0
      for first in 0..<4 {
        for second in 0..<4 {
          let pair = exponential(bandit.logReference[first] + bandit.logReference[second])
          let margin = bandit.beta * (slopes[first] - slopes[second])
          let preference = exponential(logSigmoid(bandit.rewards[first] - bandit.rewards[second]))
          sum -= pair * (preference * logSigmoid(margin) + (1 - preference) * logSigmoid(-margin))
        }
      }
      return sum
    }
    let mean = try space.moments(of: "f-dpo:labels=expected", at: student).mean
    #expect(worstGap(mean, try centralDifferences(at: student, step: 1e-3, of: loss)) < 1e-6)
  }

  /// Sampled labels have the same expectation: 40,000 pairs are within 4 standard errors.
  @Test(arguments: divergences, ["reference", "student"])
  func sampledLabelsHaveTheSameMean(_ divergence: String, _ pairs: String) throws {
    let space = try Self.space(divergence)
    let student = StudentTable([0.3, -0.4, 0.1, 0], vocabularySize: 4)
    let expected = try space.moments(of: "f-dpo:labels=expected:pairs=\(pairs)", at: student)
    let sampled = try SignalMoments(
      sampling: try SequenceCatalog.estimator("f-dpo:pairs=\(pairs)").component, in: space,
      at: student, samples: 20, steps: 2000, seed: 3)
    let distance = zip(sampled.mean, expected.mean).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }.squareRoot()
    #expect(distance < 4 * sampled.standardError)
    #expect(sampled.variance > expected.variance)
  }

  /// All at once they have the bits of one by one.
  @Test(arguments: VectorKernels.allCases.filter(\.isAvailable))
  func sigmoidsAreThoseOfTheElements(kernels: VectorKernels) {
    let numbers = [0, 1, -1, 0.1, -37, 800, -800, -1e-9, .infinity, 1e-300, 5.5]
    #expect(kernels.sigmoids(numbers) == numbers.map(kernels.sigmoid))
    #expect(kernels.sigmoids([]) == [])
  }

  @Test func preferencesNeedABandit() throws {
    let signal = try SequenceCatalog.estimator("f-dpo").component
    #expect(throws: SetupError.self) { try signal.check(try SmallCase().space()) }
  }
}
