// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// A divergence of tokens at the student's prefixes, held constant as a cost.
///
///     D = E_q[h(ρ)],   ρ = q/p,   y ~ q
///     g = Σ_t (Σ_{u≥t} γ^{u−t} h(ρ_u)) S_t,   corrected with ρ_t h′(ρ_t) S_t more
///
/// Corrected, γ = 1 is unbiased for `Σ_c Q(c) D_c`, and γ = 0 for the same with Q held constant; the naive
/// one lacks
/// `E_q[ρ h′(ρ) S]`, which is 0 for all p and q only if `h = a log ρ + b`. h is the term of a token in the
/// divergence's sum, over q: adding a multiple of 1 − 1/ρ would leave D as it is but not the naive cost. The
/// correction is that of the catalogue's ∂D/∂q, up to a constant of the divergence, which is a baseline.
package struct DivergenceReward: Signal {
  package static let name = "f-reward"
  package static let summary =
    "a divergence of tokens as a reward; corrected and gamma=0: unbiased for it at the student's prefixes"
  package static let formula = """
    Σ_t (Σ_{u≥t} gamma^(u-t) h(ρ_u)) S_t, y ~ q;  D = Σ q h(ρ), ρ = q/p
    corrected: Σ_t ρ_t h'(ρ_t) S_t more
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
  private let kernels: VectorKernels

  package init(_ values: Parameters) throws {
    kernels = values.kernels
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
    _ = try TokenLosses(objective, in: space, kernels: kernels)
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { Estimator(signal: self) }

  private struct Estimator: SignalEstimator {
    let signal: DivergenceReward

    func draws(at moment: SequenceMoment) -> [SequenceDraw] { [SequenceDraw([moment.writer])] }

    func weigh(
      _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
      with stream: inout RandomStream, into terms: inout GradientTerms
    ) {
      let gamma = signal.gamma
      guard signal.isCorrected else {
        let costs = signal.costs(at: moment)
        terms.addCostsToGo(of: batches[0], in: moment.space, discount: gamma) { costs[$1] }
        return
      }
      let slopes = signal.slopes(at: moment)
      guard gamma > 0 else {
        terms.addCostsToGo(of: batches[0], in: moment.space, discount: 0) { slopes[$1] }
        return
      }
      let costs = signal.costs(at: moment)
      terms.addCostsToGo(
        of: batches[0], in: moment.space, discount: gamma, addition: { slopes[$0] - costs[$0] }
      ) { costs[$1] }
    }
  }

  /// h(ρ), joint states × V.
  private func costs(at moment: SequenceMoment) -> [Double] {
    visit(moment) { pair in
      zip(moment.student.kernels.values(of: terms, at: pair), pair.q).map { $0 / $1 }
    }
  }

  /// h + ρ h′ up to a constant, joint states × V.
  private func slopes(at moment: SequenceMoment) -> [Double] {
    var slopes = [Double](repeating: 0, count: moment.space.vocabularySize)
    return visit(moment) { pair in
      _ = moment.student.kernels.sumAndSlopes(of: terms, at: pair, slopes: &slopes)
      return zip(slopes, pair.q).map { $0 / $1 }
    }
  }

  /// Values of the tokens at every joint state.
  private func visit(
    _ moment: SequenceMoment, _ values: (_ pair: DistributionPair) -> [Double]
  ) -> [Double] {
    let (space, student) = (moment.space, moment.student)
    let size = space.vocabularySize
    return (0..<space.count).flatMap { state in
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      let (teacher, part) = (own..<own + size, row..<row + size)
      return values(
        DistributionPair(
          p: Array(space.world.probabilities[teacher]),
          logP: Array(space.world.logProbabilities[teacher]),
          q: Array(student.probabilities[part]), logQ: Array(student.logProbabilities[part])))
    }
  }
}
