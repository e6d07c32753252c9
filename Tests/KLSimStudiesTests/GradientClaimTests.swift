// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// What the claims about gradients at single points ask, against formulas by token.
@Suite struct GradientClaimTests {
  private static func gradient(
    _ specification: String, _ state: ReferenceState
  ) throws -> [Wide] {
    try #require(ReferenceObjective(specification)).value(at: state).gradient.map { Wide($0) }
  }

  /// `q − p`.
  private static func forward(_ state: ReferenceState) -> [Wide] {
    zip(state.q, state.p).map { $0 - $1 }
  }

  /// `q (log q − log p − KL(q‖p))`.
  private static func reverse(_ state: ReferenceState) -> [Wide] {
    state.q.indices.map {
      state.q[$0] * (state.logQ[$0] - state.logP[$0] - state.reverseKL)
    }
  }

  private static func product(_ first: [Wide], _ second: [Wide]) -> Wide {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func length(_ vector: [Wide]) -> Wide { product(vector, vector).squareRoot() }

  private static func cosine(_ first: [Wide], _ second: [Wide]) -> Double {
    Double(product(first, second) / (length(first) * length(second)))
  }

  private static func distance(_ vector: [Wide], from other: [Wide]) -> Double {
    Double(length(zip(vector, other).map { $0 - $1 }) / length(other))
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
    let trial = try TemperatureScale().trial(
      Condition(teacher: teacher, initialization: initialization))
    #expect(Set(trial.cells.map { $0[0] }) == ["size", "half-mse", "unscaled"])
    for (seed, cell, outcome) in try trial.outcomes() {
      let state = try trial.condition.start(seed: seed)
      let temperature = Wide(try #require(Double(cell[1])))
      let gradient = Self.softened(state, by: temperature, isScaled: cell[0] != "unscaled")
      if cell[0] == "half-mse" {
        // (δ − mean δ) / V with δ = log q − log p.
        let gaps = zip(state.logQ, state.logP).map { $0 - $1 }
        let size = Wide(gaps.count)
        let mean = gaps.reduce(0, +) / size
        let gap = Self.distance(gradient, from: gaps.map { ($0 - mean) / size })
        #expect(abs(outcome.quantity - gap) <= 1e-10)
        #expect(outcome.holds == (gap < 0.05))
      } else {
        let size = Double(Self.length(gradient) / Self.length(Self.forward(state)))
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
    for (seed, cell, outcome) in try trial.outcomes() {
      let state = try trial.condition.start(seed: seed)
      let kappa = Wide(try #require(Double(cell[1])))
      let gap = Self.distance(
        try Self.gradient(cell[0], state), from: Self.forward(state).map { kappa * $0 })
      #expect(abs(outcome.quantity - gap) <= 1e-9, "\(seed), \(cell)")
      #expect(outcome.holds == (gap < 0.02))
    }
  }

  @Test(arguments: [("longtail", "torch-uniform"), ("softmax-normal", "teacher-noise:sigma=0.5")])
  func jensenShannonIsComparedWithTheNearerEnd(teacher: String, initialization: String) throws {
    let trial = try JensenShannonEnds().trial(teacher: teacher, start: initialization)
    for (seed, cell, outcome) in try trial.outcomes() {
      let state = try trial.condition.start(seed: seed)
      let beta = try #require(Double(cell[1]))
      let end = beta <= 0.5 ? Self.forward(state) : Self.reverse(state)
      let gradient = try Self.gradient("gjsd:beta=\(cell[1]):weighting=\(cell[0])", state)
      let cosine = Self.cosine(gradient, end)
      let size = Double(Self.length(gradient) / Self.length(end))
      let (quantity, holds) =
        switch cell[2] {
        case "direction": (cosine, cosine > 0.95)
        case "size": (size, size < 1.0 / 5)
        default: (size, size > 1.0 / 30 && size < 2.0 / 15)
        }
      #expect(abs(outcome.quantity - quantity) <= 1e-10, "\(seed), \(cell)")
      #expect(outcome.holds == holds)
    }
  }

  @Test(arguments: ["longtail", "zipf:size=80"])
  func truncatedGradientsAreComparedWithTheWholeOne(teacher: String) throws {
    let trial = try Truncation().trial(Condition(teacher: teacher))
    for (seed, cell, outcome) in try trial.outcomes() where cell[3] == "gradient" {
      let state = try trial.condition.start(seed: seed)
      let gradient = try Self.gradient("topk-kl:k=\(cell[1]):mode=\(cell[0])", state)
      let cosine = Self.cosine(gradient, Self.forward(state))
      // One token, renormalised, has nothing to learn: no gradient and no direction.
      if cell[0] == "renormalize", cell[1] == "1" {
        #expect(outcome.quantity.isNaN && !outcome.holds)
      } else {
        #expect(abs(outcome.quantity - cosine) <= 1e-10, "\(seed), \(cell)")
        #expect(outcome.holds == (cosine > 0.99))
      }
    }
  }

  /// The potentials of entropic transport of q to p, by Sinkhorn's iteration on `exp(−C/ε)`.
  private static func potentials(
    _ state: ReferenceState, epsilon: Double
  ) -> (student: [Double], teacher: [Double]) {
    let (p, q) = (state.p.map { Double($0) }, state.q.map { Double($0) })
    let range = Double(p.count - 1)
    let kernel = p.indices.map { i in
      p.indices.map { j in Double(exponentials([-Wide(abs(i - j)) / Wide(range * epsilon)])[0]) }
    }
    var u = [Double](repeating: 1, count: p.count)
    var v = u
    for _ in 0..<300 {
      u = kernel.map { row in 1 / zip(row, zip(p, v)).reduce(0) { $0 + $1.0 * $1.1.0 * $1.1.1 } }
      // C is symmetric.
      v = kernel.map { row in 1 / zip(row, zip(q, u)).reduce(0) { $0 + $1.0 * $1.1.0 * $1.1.1 } }
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
    for (seed, cell, outcome) in try trial.outcomes() {
      let state = try trial.condition.start(seed: seed)
      #expect(state.totalVariation < 1e-15)
      let (own, other) = Self.potentials(state, epsilon: try #require(Double(cell[0])))
      // At q = p the potential of q and q is the mean of the two.
      let slopes = zip(own, other).map { cell[1] == "plain" ? $0 : $0 - ($0 + $1) / 2 }
      let mean = zip(state.q, slopes).reduce(0) { $0 + $1.0 * Wide($1.1) }
      let gradient = zip(state.q, slopes).map { $0 * (Wide($1) - mean) }
      guard cell[1] == "plain" else {
        #expect(abs(outcome.quantity - Double(Self.length(gradient))) <= 1e-12)
        #expect(outcome.holds == (Self.length(gradient) < 1e-6))
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
}
