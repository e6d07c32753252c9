// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Lengths and angles in wide numbers.
enum Vectors {
  static func product(_ first: [Wide], _ second: [Wide]) -> Wide {
    compensatedSum(zip(first, second).map { $0 * $1 })
  }

  static func length(_ vector: [Wide]) -> Wide { product(vector, vector).squareRoot() }

  static func cosine(_ first: [Wide], _ second: [Wide]) -> Double {
    Double(product(first, second) / (length(first) * length(second)))
  }

  static func distance(_ vector: [Wide], from other: [Wide]) -> Double {
    Double(length(zip(vector, other).map { $0 - $1 }) / length(other))
  }
}

/// What the claims about gradients at single points ask, against formulas by token.
@Suite struct GradientClaimTests {
  private static func gradient(
    _ specification: String, _ state: ReferenceState
  ) throws -> [Wide] {
    try #require(ReferenceObjective(specification)).value(at: state).gradient.map { Wide($0) }
  }

  /// `T (q_T − p_T)` with the factor T², `(q_T − p_T) / T` without.
  private static func softened(
    _ state: ReferenceState, by temperature: Wide, isScaled: Bool
  ) -> [Wide] {
    let (p, q) = (
      exponentials(logNormalized(state.logP.map { $0 / temperature })),
      exponentials(logNormalized(state.logQ.map { $0 / temperature }))
    )
    return zip(q, p).map { ($0 - $1) * (isScaled ? temperature : 1 / temperature) }
  }

  @Test(arguments: [("longtail", "torch-uniform"), ("softmax-normal", "normal:sigma=3")])
  func temperatureIsOfSoftenedDistributions(teacher: String, initialization: String) throws {
    let condition = Condition(teacher: teacher, initialization: initialization)
    let answers = try TemperatureScale().trial(condition).answers()
    #expect(Set(answers.map(\.cell.statement)) == [.size, .halfMSE, .unscaled])
    for answer in answers {
      let (cell, outcome) = (answer.cell, answer.outcome)
      let state = try condition.start(seed: answer.seed)
      let gradient = Self.softened(
        state, by: Wide(cell.temperature), isScaled: cell.statement != .unscaled)
      if cell.statement == .halfMSE {
        // (δ − mean δ) / V with δ = log q − log p.
        let gaps = zip(state.logQ, state.logP).map { $0 - $1 }
        let size = Wide(gaps.count)
        let mean = gaps.reduce(0, +) / size
        let gap = Vectors.distance(gradient, from: gaps.map { ($0 - mean) / size })
        #expect(abs(outcome.quantity - gap) <= 1e-10)
        #expect(outcome.holds == (gap < 0.05))
      } else {
        let size = Double(Vectors.length(gradient) / Vectors.length(state.forwardGradient))
        #expect(abs(outcome.quantity - size) <= 1e-10 * size)
        #expect(outcome.holds == (0.5 <= size && size <= 2))
      }
    }
  }

  @Test(arguments: [
    ("zipf:size=80", "teacher-noise:sigma=0.001"), ("softmax-normal", "teacher-noise"),
  ])
  func curvatureIsTheRatioToForwardKL(teacher: String, initialization: String) throws {
    let trial = try Curvature().trial(teacher: teacher, start: initialization)
    for answer in try trial.answers() {
      let state = try trial.condition.start(seed: answer.seed)
      let kappa = Wide(answer.cell.kappa)
      let gap = Vectors.distance(
        try Self.gradient(answer.cell.objective, state),
        from: state.forwardGradient.map { kappa * $0 })
      #expect(abs(answer.outcome.quantity - gap) <= 1e-9, "\(answer)")
      #expect(answer.outcome.holds == (gap < 0.02))
      #expect(Curvature.kappa(of: answer.cell.objective) == answer.cell.kappa)
    }
  }

  @Test(arguments: [
    ("longtail", "torch-uniform"), ("bimodal", "normal:sigma=3"),
    ("softmax-normal", "teacher-noise:sigma=0.5"),
  ])
  func jensenShannonIsComparedWithTheNearerEnd(teacher: String, initialization: String) throws {
    let trial = try JensenShannonEnds().trial(teacher: teacher, start: initialization)
    for answer in try trial.answers() {
      let (cell, outcome) = (answer.cell, answer.outcome)
      let state = try trial.condition.start(seed: answer.seed)
      let end = cell.beta <= 0.5 ? state.forwardGradient : state.reverseGradient
      let gradient = try Self.gradient(
        "gjsd:beta=\(cell.beta):weighting=\(cell.weighting)", state)
      let cosine = Vectors.cosine(gradient, end)
      let size = Double(Vectors.length(gradient) / Vectors.length(end))
      let (quantity, holds) =
        switch cell.property {
        case .direction: (cosine, cosine > 0.95)
        case .size: (size, size < 1.0 / 5)
        case .fifteenth: (size, size > 1.0 / 30 && size < 2.0 / 15)
        }
      #expect(abs(outcome.quantity - quantity) <= 1e-10, "\(answer)")
      #expect(outcome.holds == holds)
    }
  }

  /// The potentials of entropic transport of q to p, by Sinkhorn's iteration on `exp(−C/ε)`.
  private static func potentials(
    _ state: ReferenceState, epsilon: Double
  ) -> (student: [Double], teacher: [Double]) {
    let (p, q) = (state.p.map { Double($0) }, state.q.map { Double($0) })
    let width = Wide(Double(p.count - 1) * epsilon)
    let kernel: [[Double]] = p.indices.map { i in
      exponentials(p.indices.map { j in -Wide(abs(i - j)) / width }).map { Double($0) }
    }
    func scaled(_ weights: [Double], _ others: [Double]) -> [Double] {
      kernel.map { row in
        var sum = 0.0
        for j in row.indices { sum += row[j] * weights[j] * others[j] }
        return 1 / sum
      }
    }
    var u = [Double](repeating: 1, count: p.count)
    var v = u
    for _ in 0..<300 {
      u = scaled(p, v)
      // C is symmetric.
      v = scaled(q, u)
    }
    return (
      logarithms(u).map { epsilon * Double($0) }, logarithms(v).map { epsilon * Double($0) }
    )
  }

  @Test(arguments: ["softmax-normal:size=20:sigma=1", "gamma:size=20"])
  func transportIsFollowedFromTheTeacher(teacher: String) throws {
    let trial = try SinkhornBias().trial(
      Condition(
        teacher: teacher, optimizer: "sgd", learningRate: 1,
        initialization: "teacher-noise:sigma=0"))
    for answer in try trial.answers() {
      let (cell, outcome) = (answer.cell, answer.outcome)
      let state = try trial.condition.start(seed: answer.seed)
      #expect(state.totalVariation < 1e-15)
      let (own, other) = Self.potentials(state, epsilon: cell.epsilon)
      // At q = p the potential of q and q is the mean of the two.
      let slopes = zip(own, other).map { cell.variant == "plain" ? $0 : $0 - ($0 + $1) / 2 }
      let mean = zip(state.q, slopes).reduce(0) { $0 + $1.0 * Wide($1.1) }
      let gradient = zip(state.q, slopes).map { $0 * (Wide($1) - mean) }
      #expect(["plain", "debiased"].contains(cell.variant))
      guard cell.variant == "plain" else {
        #expect(abs(outcome.quantity - Double(Vectors.length(gradient))) <= 1e-12)
        #expect(outcome.holds == (Vectors.length(gradient) < 1e-6))
        continue
      }
      func entropy(after step: Wide) -> Wide {
        let logits = zip(state.logQ, gradient).map { Double($0 - step * $1) }
        return ReferenceState(.linear(state.p.map { Double($0) }), logits: logits).entropy
      }
      let slope = Double((entropy(after: 1e-3) - entropy(after: -1e-3)) / 2e-3)
      #expect(abs(outcome.quantity - slope) <= 1e-5 * abs(slope))
      #expect(outcome.holds == (slope < 0))
    }
  }

  /// `∇ soft-ce = ∇ fkl = q − p` and `soft-ce = fkl + H(p)`, for every seed.
  @Test func crossEntropyIsForwardKL() async throws {
    let claim = CrossEntropyIdentity()
    let trials = try claim.trials()
    let evidence = try await claim.asked(of: 1..<73)
    let finding = Finding(claim, seeds: 1..<73, evidence: evidence)
    #expect(finding.judgement == .holds && finding.published == .holds)
    #expect(evidence.count == 2 * trials.count)
    #expect(evidence.allSatisfy { $0.hits == 72 && ($0.mean ?? 1) < 1e-12 })
  }

  /// An identity that is none: of two objectives that differ the gap is seen.
  @Test func otherObjectivesAreNotForwardKL() throws {
    let state = try Condition().start(seed: 1)
    let gap = Vectors.distance(state.reverseGradient, from: state.forwardGradient)
    let (first, second) = (
      state.forwardGradient.map { Double($0) }, state.reverseGradient.map { Double($0) }
    )
    #expect(abs(GradientGeometry.distance(second, from: first) - gap) <= 1e-13 * gap)
    #expect(gap > 1e-3)
  }
}
