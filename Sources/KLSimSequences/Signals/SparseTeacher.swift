// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// Forward KL of tokens to a teacher of whom k tokens a prefix are known: `Σ_t (Σ_v p̂_v) q(·|c_t) − p̂`.
///
///     top:     p̂ = p on the k most probable tokens, 0 elsewhere; renormalised to a sum of 1, or not
///     random:  k draws from p^τ/Z, p̂_v ∝ n_v p_v^{1−τ} for n_v draws of v
///
/// `random` at τ = 1 has p̂ = n/k and E p̂ = p: it is unbiased for `gkd` with fkl at these prefixes; at the
/// teacher's that is seq-fkl. At τ ≠ 1 the bias falls as 1/k. `top` is biased; without renormalising the
/// gradient is that of the teacher's truncated cross entropy. Draws are made anew at every step.
package struct SparseTeacher: Signal {
  package static let name = "sparse-teacher"
  package static let summary =
    "forward KL of tokens to k kept or drawn tokens of the teacher; drawn at tau=1 unbiased"
  package static let formula =
    "Σ_t (|p̂| q - p̂)(c_t); top: p̂ = p on the k largest; random: p̂_v ∝ n_v p_v^(1 - tau)"
  package static let reference = "Anshumann et al., arXiv 2503.16870"

  /// Which tokens of the teacher are kept.
  package enum Selection: String, ParameterChoice {
    case top, random
  }

  static let prefixes = Parameter(
    "prefixes", default: Side.teacher, summary: "who writes the sequences")
  static let select = Parameter(
    "select", default: Selection.random, summary: "the most probable tokens, or random ones")
  static let count = Parameter(
    "k", default: 1, .range(1...(1 << 16)), summary: "how many tokens are kept a prefix")
  static let renormalize = Parameter(
    "renormalize", default: true, summary: "with select=top: make the kept probabilities sum to 1")
  static let tau = Parameter(
    "tau", default: 1.0, .nonNegative,
    summary: "τ, with select=random: the power of p from which tokens are drawn")
  package static let parameters: [any ParameterDeclaration] = [
    prefixes, select, count, renormalize, tau, Reduction.parameter,
  ]

  private let prefixes: Side
  private let selection: Selection
  private let count: Int
  private let isRenormalized: Bool
  private let tau: Double
  private let reduction: Reduction

  package init(_ values: Parameters) throws {
    (prefixes, selection) = (values[Self.prefixes], values[Self.select])
    (count, tau) = (values[Self.count], values[Self.tau])
    isRenormalized = values[Self.renormalize]
    reduction = values[Reduction.parameter]
    let other = selection == .top ? Self.tau.name : Self.renormalize.name
    guard !values.isChanged(other) else {
      throw SpecificationError.inconsistent(
        component: Self.name, "select=\(selection.rawValue) has no \(other); leave it out")
    }
  }

  package func dependence(hasOneLength: Bool) -> SampleDependence? {
    reduction.dependence(hasOneLength: hasOneLength)
  }

  /// Random targets must have an expectation that can be given.
  package func isPerSequence(in space: JointSpace) -> Bool {
    let hasExpectation =
      selection == .top || DrawnTargets.hasMoments(of: space.world, draws: count, tau: tau)
    return hasExpectation && dependence(in: space) == nil
  }

  package func check(_ space: JointSpace) throws {
    if selection == .top { _ = try space.world.areAmongTop(count) }
  }

  package func estimator(in space: JointSpace) throws -> any SignalEstimator {
    switch selection {
    case .top:
      KeptTokens(
        prefixes: prefixes, reduction: reduction, targets: try keptTargets(of: space.world))
    case .random:
      DrawnTokens(
        prefixes: prefixes, reduction: reduction,
        targets: DrawnTargets(of: space.world, draws: count, tau: tau))
    }
  }

  /// p̂ of the most probable tokens, rows of the teacher × V.
  private func keptTargets(of world: World) throws -> [Double] {
    let size = world.vocabularySize
    let areKept = try world.areAmongTop(count)
    var targets = zip(world.probabilities, areKept).map { $1 ? $0 : 0 }
    guard isRenormalized else { return targets }
    for first in stride(from: 0, to: targets.count, by: size) {
      let mass = targets[first..<first + size].reduce(0, +)
      for place in first..<first + size { targets[place] /= mass }
    }
    return targets
  }
}

/// A signal bound to the sequences of one writer, with a target of its own at every prefix.
private protocol PrefixTargets: SignalEstimator {
  var prefixes: Side { get }
}

extension PrefixTargets {
  func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([prefixes == .teacher ? moment.teacher : moment.writer])]
  }
}

/// The targets are the same at every visit.
private struct KeptTokens: PrefixTargets {
  let prefixes: Side
  let reduction: Reduction
  /// p̂, rows of the teacher × V.
  let targets: [Double]

  func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (batch, space) = (batches[0], moment.space)
    let size = space.vocabularySize
    let factors = reduction.factors(of: batch)
    batch.forEachToken { _, sequence, state, _ in
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      for token in 0..<size {
        terms.scores[row + token] -= factors[sequence] * targets[own + token]
      }
    }
  }
}

/// The targets are drawn at every visit.
private struct DrawnTokens: PrefixTargets {
  let prefixes: Side
  let reduction: Reduction
  var targets: DrawnTargets

  mutating func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (batch, space) = (batches[0], moment.space)
    let size = space.vocabularySize
    let factors = reduction.factors(of: batch)
    batch.forEachToken { _, sequence, state, _ in
      let (teacher, row) = (Int(space.teacherRows[state]), Int(space.studentRows[state]) * size)
      let factor = factors[sequence]
      guard terms.areExpected else {
        targets.draw(after: teacher, with: &stream) { token, share in
          terms.scores[row + token] -= factor * share
        }
        return
      }
      let moments = targets.moments(after: teacher)
      for (token, share) in moments.mean.enumerated() {
        terms.scores[row + token] -= factor * share
      }
      terms.hiddenVariance += factor * factor * moments.variance
    }
  }
}
