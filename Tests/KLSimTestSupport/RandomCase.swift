// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A teacher and a student's logits to try something on, by token.
public struct RandomCase: Sendable, CustomStringConvertible {
  /// How far the numbers reach.
  public enum Reach: String, CaseIterable, Sendable {
    /// Within a few units of log p and of the logits: central differences mean something.
    case moderate
    /// p from 1e-300 to 1, logits from −700 to 700.
    case extreme
    /// A teacher given by logits from −700 to 700; the student's reach as far.
    case logits
  }

  public let reach: Reach
  public let size: Int
  public let seed: UInt64
  /// The teacher.
  public let weights: TeacherWeights
  /// The student's logits: multiples of 2⁻²⁰, so that adding a whole number to them is exact.
  public let logits: [Double]

  public var description: String { "\(reach), V = \(size), seed \(seed)" }

  /// The case of a seed.
  public init(_ reach: Reach, size: Int, seed: UInt64) {
    (self.reach, self.size, self.seed) = (reach, size, seed)
    var generator = SplitMix64(seed: seed &* 1000 &+ UInt64(size))
    let logitReach = reach == .moderate ? 3 : 700
    func logits(_ generator: inout SplitMix64) -> [Double] {
      (0..<size).map { _ in
        let bound = logitReach << 20
        return Double(Int.random(in: -bound...bound, using: &generator)) * 0x1p-20
      }
    }
    switch reach {
    case .moderate:
      weights = .linear((0..<size).map { _ in .random(in: 0.01..<1, using: &generator) })
    case .extreme:
      weights = .linear(
        (0..<size).map { _ in
          let decade = Int.random(in: -300 ... -1, using: &generator)
          let digits = Double.random(in: 1..<10, using: &generator)
          return Double("\(digits)e\(decade)") ?? 1
        })
    case .logits:
      weights = .logarithmic(logits(&generator))
    }
    self.logits = logits(&generator)
  }

  /// Cases of every size: three seeds of the small ones, one of the slow ones.
  public static func all(
    _ reaches: [Reach] = Reach.allCases, sizes: [Int] = [1, 2, 3, 80, 1000]
  ) -> [RandomCase] {
    reaches.flatMap { reach in
      sizes.flatMap { size in
        let seeds: ClosedRange<UInt64> = size < 80 ? 1...3 : 1...1
        return seeds.map { RandomCase(reach, size: size, seed: $0) }
      }
    }
  }

  /// The size of the largest logit, and of the largest log weight.
  public var magnitude: Double { reach == .moderate ? 5 : 700 }

  /// The same with its tokens in another order: token i of the new case is `order[i]` of this.
  public func permuted(_ order: [Int]) -> RandomCase {
    let weights: TeacherWeights =
      switch weights {
      case .linear(let values): .linear(order.map { values[$0] })
      case .logarithmic(let values): .logarithmic(order.map { values[$0] })
      }
    return RandomCase(self, weights: weights, logits: order.map { logits[$0] })
  }

  private init(_ original: RandomCase, weights: TeacherWeights, logits: [Double]) {
    (reach, size, seed) = (original.reach, original.size, original.seed)
    (self.weights, self.logits) = (weights, logits)
  }

  /// The teacher's distribution.
  public func teacher() throws -> TeacherDistribution { try TeacherDistribution(weights) }

  /// Teacher and student, with the logits shifted by a constant.
  public func state(shift: Double = 0) throws -> FitState {
    let teacher = try teacher()
    return FitState(teacher: teacher, logits: teacher.byRank(logits.map { $0 + shift }))
  }
}

extension FitState {
  /// What one rounding of log p and log q, at the size of the numbers they come from, does to a
  /// divergence whose terms are weighted by p and q.
  public var rounding: Double {
    let reach = max(largest(logits), largest(teacher.logProbabilities.filter(\.isFinite)))
    let terms = probabilities.indices.map { rank in
      probabilities[rank] * abs(logProbabilities[rank] - teacher.logProbabilities[rank])
    }
    return 0x1p-53 * (1 + reach) * (1 + terms.reduce(0, +))
  }
}

extension ObjectiveRecipe {
  /// The loss, and the gradient by token.
  public func lossAndGradient(at state: FitState) -> (loss: Double, gradient: [Double]) {
    let (loss, gradient) = evaluate(at: state)
    return (loss, state.teacher.byToken(gradient))
  }
}
