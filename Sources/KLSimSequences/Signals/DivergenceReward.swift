// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// A divergence of tokens at the student's prefixes, held constant as a cost.
///
///     D = E_q[h(ρ)],   ρ = q/p,   y ~ q
///     g = Σ_t (Σ_{u≥t} γ^{u−t} x_u) S_t,   x = h(ρ) naive,   x = h + ρ h′ = ∂D/∂q corrected
///
/// At γ = 0 the corrected cost is unbiased for D at the student's prefixes; the naive one lacks
/// `E_q[ρ h′(ρ) S]`, which is 0 for all p and q only if `h = a log ρ + b`. h is the term of a token in the
/// divergence's sum, over q: adding a multiple of 1 − 1/ρ would leave D as it is but not the naive cost. The
/// corrected cost is the catalogue's ∂D/∂q, up to a constant of the divergence, which is a baseline.
package struct DivergenceReward: Signal {
  package static let name = "f-reward"
  package static let summary =
    "a divergence of tokens as a reward; corrected and gamma=0: unbiased for it at the student's prefixes"
  package static let formula = """
    Σ_t (Σ_{u≥t} gamma^(u-t) x_u) S_t, y ~ q;  D = Σ q h(ρ), ρ = q/p
    x = h(ρ);  corrected: x = h(ρ) + ρ h'(ρ)
    """
  package static let reference = "Zhao et al., arXiv 2606.01039 (OPD+)"

  static let objective = Parameter(
    "objective", default: "fkl", .nonEmpty,
    summary: "the divergence D, a specification: a sum over tokens such as js or alpha")
  static let corrected = Parameter(
    "corrected", default: false, summary: "whether the derivative of the reward is added")
  static let gamma = Parameter(
    "gamma", default: 0.0, .range(0...1),
    summary: "γ, the discount of later rewards; 0: those of the token alone")
  package static let parameters: [any ParameterDeclaration] = [objective, corrected, gamma]

  private let objective: Chosen<ObjectiveRecipe>
  private let terms: [WeightedTerm]
  private let isCorrected: Bool
  private let gamma: Double

  package init(_ values: Parameters) throws {
    objective = try Catalog.objective(
      values[Self.objective], reader: values.reader, kernels: values.kernels)
    guard let terms = objective.component.terms else {
      throw SpecificationError.inconsistent(
        component: Self.name,
        "\(objective.specification) is no plain sum over tokens of a function of p and q; take fkl, rkl,"
          + " js, tvd, hellinger, alpha or the like")
    }
    self.terms = terms
    (isCorrected, gamma) = (values[Self.corrected], values[Self.gamma])
  }

  package func check(_ space: JointSpace) throws {
    // Refuses a teacher under which D is infinite.
    _ = try TokenLosses(objective, in: space, kernels: .best)
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { Estimator(signal: self) }

  private struct Estimator: SignalEstimator {
    let signal: DivergenceReward

    func draws(at moment: SequenceMoment) -> [SequenceDraw] { [SequenceDraw([moment.writer])] }

    func weigh(
      _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
      with stream: inout RandomStream, into terms: inout GradientTerms
    ) {
      let costs = signal.costs(at: moment)
      terms.addCostsToGo(of: batches[0], in: moment.space, discount: signal.gamma) { costs[$1] }
    }
  }

  /// x, joint states × V.
  private func costs(at moment: SequenceMoment) -> [Double] {
    let (space, student) = (moment.space, moment.student)
    let size = space.vocabularySize
    return (0..<space.count).flatMap { state in
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      // The naive cost needs the term of every token, which is a sum over that token alone.
      let width = isCorrected ? size : 1
      return stride(from: 0, to: size, by: width).flatMap { first in
        let (teacher, part) = (own + first..<own + first + width, row + first..<row + first + width)
        let q = Array(student.probabilities[part])
        let pair = DistributionPair(
          p: Array(space.world.probabilities[teacher]),
          logP: Array(space.world.logProbabilities[teacher]), q: q,
          logQ: Array(student.logProbabilities[part]))
        var slopes = q
        let sum = student.kernels.sumAndSlopes(of: terms, at: pair, slopes: &slopes).sum
        return isCorrected ? zip(slopes, q).map { $0 / $1 } : [sum / q[0]]
      }
    }
  }
}
