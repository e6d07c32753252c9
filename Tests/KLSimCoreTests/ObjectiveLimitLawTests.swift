// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What the families of objectives become at the ends of their parameters, and close to q = p.
@Suite struct ObjectiveLimitLawTests {
  /// Two specifications of one objective, but for a factor.
  struct Pair: Sendable, CustomStringConvertible {
    let first: String
    let second: String
    var factor = 1.0
    var offset = 0.0
    var description: String { "\(first) = \(factor) · \(second) + \(offset)" }

    init(_ first: String, _ second: String, times factor: Double = 1, plus offset: Double = 0) {
      (self.first, self.second, self.factor, self.offset) = (first, second, factor, offset)
    }
  }

  static let log2 = 0.69314718055994530942

  static let equals = [
    Pair("js", "gjsd"), Pair("gjsd", "gjsd:weighting=crossed"), Pair("gjsd:beta=0", "fkl"),
    Pair("gjsd:beta=1", "rkl"), Pair("gjsd:beta=0:weighting=crossed", "fkl"),
    Pair("gjsd:beta=1:weighting=crossed", "rkl"), Pair("skew-fkl:alpha=0", "fkl"),
    Pair("skew-rkl:alpha=0", "rkl"), Pair("alpha:alpha=1", "fkl"), Pair("alpha:alpha=0", "rkl"),
    Pair("alpha", "hellinger", times: 4), Pair("alpha:alpha=2", "chi2-pearson", times: 0.5),
    Pair("alpha:alpha=-1", "chi2-neyman", times: 0.5), Pair("renyi:alpha=1", "fkl"),
    Pair("alpha-beta:alpha=1:beta=0", "fkl"), Pair("alpha-beta:alpha=0:beta=1", "rkl"),
    Pair("alpha-beta:alpha=1:beta=1", "brier", times: 0.5),
    Pair("alpha-beta:alpha=0.3:beta=0.7", "alpha:alpha=0.3"),
    Pair("alpha-beta:alpha=0.5:beta=0:limits=abkd-code", "alpha-beta:alpha=0.5:beta=0", times: 0.5),
    Pair("alpha-beta:alpha=0:beta=0.4:limits=abkd-code", "alpha-beta:alpha=0:beta=0.4", times: 0.4),
    Pair(
      "alpha-beta:alpha=0.6:beta=-0.6:limits=abkd-code", "alpha-beta:alpha=0.6:beta=-0.6",
      times: 0.6),
    Pair("alpha-beta:limits=abkd-code", "alpha-beta"), Pair("mix", "jeffreys", times: 0.5),
    Pair("csiszar:f=kl-forward", "fkl"), Pair("csiszar:f=kl-reverse", "rkl"),
    Pair("csiszar:f=kl-forward:dual=true", "rkl"),
    Pair("csiszar:f=jeffreys", "jeffreys", times: 0.5),
    Pair("csiszar:f=kl-forward:symmetrized=true", "jeffreys", times: 0.5),
    Pair("csiszar:f=amari-alpha:alpha=0.3", "alpha:alpha=0.3"),
    Pair("csiszar:f=amari-alpha:alpha=0.3:dual=true", "alpha:alpha=0.7"),
    Pair("csiszar:f=jensen-shannon:self-normalized=true", "js", times: 2),
    Pair("csiszar:f=jensen-shannon", "js", times: 2, plus: -2 * log2),
    Pair("csiszar:f=total-variation", "tvd"), Pair("csiszar:f=pearson", "chi2-pearson"),
    Pair("csiszar:f=chi-square", "chi2-pearson"),
    Pair("csiszar:f=pearson:dual=true", "chi2-neyman"),
    Pair("csiszar:f=squared-hellinger", "hellinger", times: 2),
    Pair("csiszar:f=triangular", "triangular"), Pair("csiszar:f=t-power", "alpha", times: 0.25),
    Pair(
      "csiszar:f=arithmetic-geometric", "csiszar:f=arithmetic-geometric:self-normalized=true",
      plus: 2 * log2),
    Pair("hinton:alpha=0:temperature=3", "fkl:temperature=3"),
    Pair("hinton:alpha=1:target=0", "ce:target=0"),
    Pair("hinton:alpha=0:temperature=2:soft-scale=7", "fkl:temperature=2", times: 7),
    Pair("fkl:temperature=2:temperature-scale=false", "fkl:temperature=2", times: 0.25),
    Pair("dkd:temperature=1:beta=1:alpha=0", "dkd:temperature=1:beta=0.5:alpha=0", times: 2),
    Pair("ikl:alpha=0:weight-temperature=1", "ikl:alpha=0:weight-temperature=1:normalize=true"),
    Pair("ikl:alpha=0:gamma=0:beta=2", "ikl:alpha=0:gamma=0:weight-temperature=7", times: 2),
  ]

  private func values(
    _ specification: String, _ state: FitState
  ) throws -> (loss: Double, gradient: [Double]) {
    try Catalog.objective(specification).component.lossAndGradient(at: state)
  }

  @Test(arguments: equals, RandomCase.all([.moderate]))
  func familiesMeet(pair: Pair, randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let first = try values(pair.first, state)
    let second = try values(pair.second, state)
    let size = max(1, abs(first.loss), largest(first.gradient))
    #expect(gap(first.loss, pair.factor * second.loss + pair.offset) <= 1e-13 * size)
    #expect(
      worstGap(first.gradient, second.gradient.map { pair.factor * $0 }) <= 1e-13 * size)
  }

  /// k = V, in every mode.
  @Test(
    arguments: ["truncate", "renormalize-teacher", "renormalize", "bucket", "clamp"],
    [("forward", "fkl"), ("reverse", "rkl")])
  func allTokensMakeTheWholeKL(mode: String, direction: (name: String, whole: String)) throws {
    for randomCase in RandomCase.all([.moderate], sizes: [2, 3, 80]) {
      let state = try randomCase.state()
      let whole = try values(direction.whole, state)
      for selection in ["teacher", "student"] {
        let part = try values(
          "topk-kl:k=\(randomCase.size):mode=\(mode):direction=\(direction.name):select=\(selection)",
          state)
        #expect(gap(part.loss, whole.loss) <= 1e-13)
        #expect(worstGap(part.gradient, whole.gradient) <= 1e-13)
      }
    }
  }

  /// Families are continuous where the formula divides by 0.
  @Test(arguments: [
    Pair("alpha:alpha=1e-9", "rkl"), Pair("alpha:alpha=0.999999999", "fkl"),
    Pair("alpha:alpha=-1e-9", "rkl"), Pair("alpha:alpha=1.000000001", "fkl"),
    Pair("renyi:alpha=0.999999999", "fkl"), Pair("renyi:alpha=1.000000001", "fkl"),
    Pair("alpha-beta:alpha=0.5:beta=1e-9", "alpha-beta:alpha=0.5:beta=0"),
    Pair("alpha-beta:alpha=1e-9:beta=0.5", "alpha-beta:alpha=0:beta=0.5"),
    Pair("alpha-beta:alpha=0.5:beta=-0.499999999", "alpha-beta:alpha=0.5:beta=-0.5"),
    Pair("gjsd:beta=1e-9:weighting=crossed", "fkl"),
    Pair("gjsd:beta=0.999999999:weighting=crossed", "rkl"), Pair("skew-fkl:alpha=1e-9", "fkl"),
    Pair("skew-rkl:alpha=1e-9", "rkl"), Pair("csiszar:f=amari-alpha:alpha=1e-9", "rkl"),
    // What gkd weights with β goes to 0 with it.
    Pair("gjsd:beta=1e-9", "fkl", times: 1e-9), Pair("gjsd:beta=0.999999999", "rkl", times: 1e-9),
    Pair("skew-fkl:alpha=0.999999999", "fkl", times: 0),
  ])
  func limitsAreContinuous(pair: Pair) throws {
    for randomCase in RandomCase.all([.moderate], sizes: [2, 3, 80]) {
      let state = try randomCase.state()
      let near = try values(pair.first, state)
      let limit = try values(pair.second, state)
      // A step of 1e-9 in the parameter moves them by some 1e-8 of their size.
      let size = max(1e-9, pair.factor) * max(1, abs(limit.loss)) * 100
      #expect(gap(near.loss, pair.factor * limit.loss) <= 1e-8 * size)
      #expect(
        worstGap(near.gradient, limit.gradient.map { pair.factor * $0 }) <= 1e-8 * size)
    }
  }

  /// Exchanging p and q.
  @Test(arguments: [
    ("gjsd:beta=0.3", "gjsd:beta=0.7"), ("skew-fkl:alpha=0.3", "skew-rkl:alpha=0.3"),
    ("alpha:alpha=0.3", "alpha:alpha=0.7"), ("alpha:alpha=2", "alpha:alpha=-1"),
    ("alpha-beta", "alpha-beta:alpha=0.7:beta=0.2"), ("js", "js"), ("tvd", "tvd"),
    ("alpha-beta:alpha=0.5:beta=0", "alpha-beta:alpha=0:beta=0.5"), ("hellinger", "hellinger"),
    ("chi2-pearson", "chi2-neyman"), ("triangular", "triangular"), ("brier", "brier"),
    ("w1", "w1"), ("todi", "todi"), ("sinkhorn", "sinkhorn"),
    ("csiszar:f=modified-gan", "csiszar:f=modified-gan:dual=true"),
    ("csiszar:f=log1p-abs", "csiszar:f=log1p-abs:dual=true"),
    ("csiszar:f=arithmetic-geometric", "csiszar:f=arithmetic-geometric"),
    ("csiszar:f=t-power:t=1.5", "csiszar:f=t-power:t=1.5:dual=true"),
  ])
  func dualsExchangeTeacherAndStudent(first: String, second: String) throws {
    for randomCase in RandomCase.all([.moderate], sizes: [2, 3, 20]) {
      let original = try randomCase.teacher()
      let teacher = try TeacherDistribution(.logarithmic(randomCase.logits))
      let logits = teacher.byRank(original.byToken(original.logProbabilities))
      let loss = try values(first, randomCase.state()).loss
      let other = try values(second, FitState(teacher: teacher, logits: logits)).loss
      #expect(gap(loss, other) <= 1e-12 * max(1, abs(loss)))
    }
  }

  /// gjsd as a sum of skewed KLs.
  @Test(arguments: [0.1, 0.5, 0.8], RandomCase.all([.moderate]))
  func jensenShannonIsMadeOfSkewedKLs(beta: Double, randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let whole = try values("gjsd:beta=\(beta)", state)
    let forward = try values("skew-fkl:alpha=\(beta)", state)
    let reverse = try values("skew-rkl:alpha=\(1 - beta)", state)
    let parts = zip(forward.gradient, reverse.gradient).map { beta * $0 + (1 - beta) * $1 }
    #expect(gap(whole.loss, beta * forward.loss + (1 - beta) * reverse.loss) <= 1e-14)
    #expect(worstGap(whole.gradient, parts) <= 1e-14)
  }

  /// α = 1, β = 1 − p_y.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 80]))
  func decoupledDistillationIsForwardKL(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let beta = 1 - state.teacher.probabilities[0]
    let own = try values("dkd:temperature=1:beta=\(beta)", state)
    let whole = try values("fkl", state)
    #expect(gap(own.loss, whole.loss) <= 1e-13)
    #expect(worstGap(own.gradient, whole.gradient) <= 1e-13)
  }

  /// γ = 1 − q_y: the value of reverse KL, not its gradient, which pushes the target up.
  @Test(arguments: RandomCase.all([.moderate], sizes: [3, 80]))
  func diversityReverseKLIsReverseKL(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let own = try values("drkl:gamma=\(1 - state.probabilities[0])", state)
    let whole = try values("rkl", state)
    #expect(gap(own.loss, whole.loss) <= 1e-13)
    let target = state.teacher.tokens[0]
    #expect(own.gradient[target] > whole.gradient[target])
  }

  /// T → ∞: half of the mean squared difference of the logits.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 80]))
  func softForwardKLMeetsTheLogits(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let hot = try values("fkl:temperature=10000", state)
    let logits = try values("mse-logits", state)
    #expect(gap(hot.loss, logits.loss / 2) <= 1e-2 * logits.loss)
    #expect(
      worstGap(hot.gradient, logits.gradient.map { $0 / 2 }) <= 1e-2 * largest(logits.gradient))
    // Without the factor T² nothing is left.
    #expect(try values("fkl:temperature=10000:temperature-scale=false", state).loss < 1e-6)
  }

  static let curvatures: [(String, Double)] = [
    ("fkl", 1), ("rkl", 1), ("mix", 1), ("jeffreys", 2), ("alpha:alpha=0.3", 1),
    ("alpha:alpha=2", 1), ("alpha-beta:alpha=0.3:beta=0.7", 1), ("renyi", 0.5),
    ("renyi:alpha=3", 3), ("chi2-pearson", 2), ("chi2-neyman", 2), ("js", 0.25),
    ("hellinger", 0.25), ("gjsd:beta=0.1", 0.09), ("gjsd:beta=0.1:weighting=crossed", 0.73),
    ("skew-fkl:alpha=0.3", 0.49), ("skew-rkl:alpha=0.3", 0.49), ("triangular", 1),
    ("skew-rkl:alpha=0.3:detach-mixture=true", 0.7), ("todi", 1.5), ("akl", 1),
  ]

  /// Close to q = p the gradient is that of `κ ½ Σ (q − p)²/p`, that is κ (q − p).
  @Test(arguments: curvatures, RandomCase.all([.moderate], sizes: [3, 20]))
  func curvaturesAreAsKnown(known: (specification: String, curvature: Double), at: RandomCase)
    throws
  {
    let teacher = try at.teacher()
    let logits = zip(teacher.logProbabilities, teacher.byRank(at.logits)).map { $0 + 1e-4 * $1 }
    let state = FitState(teacher: teacher, logits: logits)
    let (loss, gradient) = try values(known.specification, state)
    let differences = zip(state.probabilities, teacher.probabilities).map { $0 - $1 }
    let expected = teacher.byToken(differences.map { known.curvature * $0 })
    #expect(worstGap(gradient, expected) <= 2e-3 * largest(expected))
    guard !ObjectiveCatalog.isStopped(known.specification) else { return }
    let square = zip(differences, teacher.probabilities).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
    #expect(gap(loss, known.curvature * square / 2) <= 2e-3 * known.curvature * square / 2)
  }

  /// The value of todi curves like that of jeffreys, and is it.
  @Test(arguments: RandomCase.all())
  func tokenwiseDistillationHasTheValueOfJeffreys(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let jeffreys = try values("jeffreys", state).loss
    #expect(gap(try values("todi", state).loss, jeffreys) <= 16 * state.rounding)
    #expect(gap(try values("todi:beta=0", state).loss, jeffreys / 2) <= 16 * state.rounding)
  }

  @Test(arguments: RandomCase.all())
  func boundsHold(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let tolerance = 16 * state.rounding
    let tvd = try values("tvd", state).loss
    let hellinger = try values("hellinger", state).loss
    let triangular = try values("triangular", state).loss
    #expect(try values("js", state).loss <= Self.log2 + tolerance)
    #expect(hellinger <= tvd + tolerance && tvd <= (2 * hellinger).squareRoot() + tolerance)
    #expect(2 * tvd * tvd <= triangular + tolerance && triangular <= 2 * tvd + tolerance)
    #expect(try values("skew-fkl", state).loss <= 2.302585092994046 + tolerance)
    #expect(try values("skew-rkl", state).loss <= 2.302585092994046 + tolerance)
    let bucket = try values("topk-kl:k=1:mode=bucket", state).loss
    #expect(bucket <= state.forwardKL + tolerance)
  }

  @Test func truncationIsNoDivergence() throws {
    let teacher = try TeacherDistribution(.linear([0.9, 0.1]))
    let state = FitState(
      teacher: teacher, logits: teacher.byRank([0.6, 0.4]).map { Double(logarithms([$0])[0]) })
    let loss = try values("topk-kl:k=1:mode=truncate:direction=reverse", state).loss
    #expect(gap(loss, -0.243279) <= 5e-7)
    // Clamped there is no value and no gradient, though the student is not the teacher.
    let clamped = try values("topk-kl:k=1:mode=clamp:direction=reverse", state)
    #expect(clamped.loss == 0 && clamped.gradient == [0, 0])
  }
}
