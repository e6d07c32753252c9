// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@testable import KLSimClaims
@testable import KLSimCore
@testable import KLSimSequences

/// What the claims about estimators of sequence losses ask, against sums over sequences and closed forms.
@Suite struct EstimatorClaimTests {
  private static let worlds = [
    Condition.sequences("tabular"),
    .sequences("tabular", initialization: "teacher-noise"),
  ]
  private static let published = worlds[0]

  private static func log(_ first: Double, over second: Double) -> Double {
    let logs = VectorKernels.best.logarithms([first, second])
    return logs[0] - logs[1]
  }

  @Test(arguments: worlds)
  func singleStepIsTheRatioOfVariances(condition: Condition) throws {
    let answers = try SingleStepVariance().trial(condition).answers().filter {
      $0.cell.baseline == "none"
    }
    #expect(answers.count == 2)
    for answer in answers {
      let sequences = try EnumeratedSequences(condition, seed: answer.seed)
      let own = sequences.moments { sequences.decomposed($0, &$1, isExact: false) }.variance
      let plain = sequences.moments(sequences.policyGradient).variance
      #expect(abs(answer.outcome.quantity - Self.log(own, over: plain)) < 1e-9)
      #expect(answer.outcome.holds == (own < plain))
    }
  }

  @Test(arguments: worlds)
  func raoBlackwellIsTheRatioOfVariances(condition: Condition) throws {
    for answer in try RaoBlackwellVariance().trial(condition).answers() {
      let sequences = try EnumeratedSequences(condition, seed: answer.seed)
      func value(_ name: String) -> Double {
        sequences.variance { state, token in
          let cost = sequences.cost(state, token)
          return switch name {
          case "k1": cost
          case "k3": VectorKernels.best.exponentials([-cost])[0] - 1 + cost
          default: sequences.divergence(state)
          }
        }
      }
      func gradient(_ name: String) -> Double? {
        switch name {
        case "rao-blackwell":
          sequences.moments { sequences.decomposed($0, &$1, isExact: true) }.variance
        case "minillm:alpha=0":
          sequences.moments { sequences.decomposed($0, &$1, isExact: false) }.variance
        case "policy-gradient": sequences.moments(sequences.policyGradient).variance
        default: nil
        }
      }
      let (cell, isValue) = (answer.cell, answer.cell.quantity == "value")
      guard let first = isValue ? value(cell.estimator) : gradient(cell.estimator),
        let second = isValue ? value(cell.than) : gradient(cell.than)
      else { continue }
      #expect(abs(answer.outcome.quantity - Self.log(first, over: second)) < 1e-9, "\(cell)")
      #expect(answer.outcome.holds == (first < second), "\(cell)")
    }
  }

  /// Without clamp: 0, TR, TR, TF, TR − TF.
  @Test func placementIsThatOfTheTable() throws {
    for answer in try KLPlacement().trial(Self.published).answers() where answer.cell.clamp == 0 {
      let cell = answer.cell
      let sequences = try EnumeratedSequences(Self.published, seed: answer.seed)
      let (reverse, forward) = (sequences.reverse, sequences.forward)
      let mean =
        switch (cell.estimator, cell.place) {
        case ("1", "loss"): reverse.map { _ in 0.0 }
        case ("1", _), ("2", "loss"): reverse
        case ("3", "loss"): forward
        case ("3", _): zip(reverse, forward).map { $0 - $1 }
        default:
          sequences.expected { state, token in
            sequences.cost(state, token) * sequences.cost(state, token) / 2
          }
        }
      let product = zip(mean, reverse).reduce(0) { $0 + $1.0 * $1.1 }
      let square = reverse.reduce(0) { $0 + $1 * $1 }
      let (value, holds): (Double, Bool) =
        switch cell.question {
        case .reverse: (GradientGeometry.distance(mean, from: reverse), mean == reverse)
        case .forward: (GradientGeometry.distance(mean, from: forward), mean == forward)
        default: (product / square, product > 1e-10 * square)
        }
      #expect(abs(answer.outcome.quantity - value) < 1e-10, "\(cell)")
      #expect(answer.outcome.holds == holds, "\(cell)")
    }
  }

  @Test func codeCountsTheFirstStepTwice() throws {
    let parts = ["nothing", "R_t beside the exact step", "rewards doubled", "mean over tokens"]
    let answers = try MiniLLMCode().trial(Self.published).answers().filter {
      parts.contains($0.cell.part)
    }
    #expect(answers.count == 2 * 2 * parts.count)
    for answer in answers {
      let sequences = try EnumeratedSequences(Self.published, seed: answer.seed)
      let (exact, step) = (sequences.exact, sequences.reverse)
      let mean = zip(exact, step).map { exact, step in
        switch answer.cell.part {
        case parts[1]: exact + step
        case parts[2]: 2 * exact - step
        case parts[3]: exact / 3
        default: exact
        }
      }
      let value =
        answer.cell.question == .bias
        ? GradientGeometry.distance(mean, from: exact) : GradientGeometry.cosine(mean, exact)
      #expect(abs(answer.outcome.quantity - value) < 1e-10, "\(answer.cell)")
    }
  }

  /// h of forward KL is u log u with u = p/q.
  @Test func naiveForwardKLMissesItsDerivative() throws {
    let answers = try DivergenceRewards().trial(Self.published).answers().filter {
      $0.cell.divergence == "fkl"
    }
    #expect(answers.count == 2 * 4)
    for answer in answers {
      let sequences = try EnumeratedSequences(Self.published, seed: answer.seed)
      let isNaive = answer.cell.form == "naive"
      let mean =
        isNaive
        ? sequences.expected { state, token in
          let cost = sequences.cost(state, token)
          return -cost * VectorKernels.best.exponentials([-cost])[0]
        } : sequences.forward
      let value =
        answer.cell.question == .equal
        ? GradientGeometry.distance(mean, from: sequences.forward)
        : GradientGeometry.cosine(mean, sequences.forward)
      #expect(abs(answer.outcome.quantity - value) < 1e-10, "\(answer.cell)")
      if !isNaive { #expect(answer.outcome.holds) }
    }
  }

  @Test func exactWeightsHaveNoBias() throws {
    for answer in try TeacherMixing().trial(Self.published).answers() {
      #expect((answer.outcome.quantity < 1e-10) == (answer.cell.weights == "exact"))
    }
  }

  /// Forward KL's optimum is π₀ β/(λ − r), and reverse KL's π₀ exp(r/β).
  @Test func modesAreThoseOfClosedForms() throws {
    var condition = Condition.sequences("bandit:size=8:beta=0.5:divergence=fkl")
    condition.schedule = "cosine"
    let setup = try condition.sequenceSetup(signal: "seq-rkl")
    for answer in try RegularisedReward().trial(condition).answers()
    where answer.cell.question != .reward {
      let bandit = try #require(try setup.space(seed: answer.seed).world.bandit)
      let reference = VectorKernels.best.exponentials(bandit.logReference)
      func policy(_ shift: Double) -> [Double] {
        zip(reference, bandit.rewards).map { $0 * 0.5 / (shift - $1) }
      }
      var (low, high) = (bandit.rewards.max() ?? 0, (bandit.rewards.max() ?? 0) + 0.5)
      for _ in 0..<200 {
        let middle = (low + high) / 2
        if policy(middle).reduce(0, +) > 1 { low = middle } else { high = middle }
      }
      let weights = zip(
        reference, VectorKernels.best.exponentials(bandit.rewards.map { 2 * $0 })
      ).map { $0 * $1 }
      let total = weights.reduce(0, +)
      let (own, rival) = (policy(high), weights.map { $0 / total })
      let value =
        if answer.cell.question == .form {
          zip(own, rival).reduce(0) { $0 + abs($1.0 - $1.1) / 2 }
        } else {
          Double(
            zip(own, reference).count { $0 > $1 / 2 } - zip(rival, reference).count { $0 > $1 / 2 }
          ) / 8
        }
      #expect(abs(answer.outcome.quantity - value) < 1e-9, "\(answer.cell)")
      if answer.cell.question == .modes { #expect(answer.outcome.holds == (value >= 0)) }
    }
  }
}
