// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// A divergence of tokens at prefixes that the student writes and the teacher corrects.
///
///     Σ_t ∇D(p(·|c_t), q(·|c_t)),   y_t ~ π(v|c) = [v ∈ S_c] q(v|c) + (1 − q(S_c|c)) p(v|c)
///
/// S_c are the teacher's k most probable tokens; a token of the student that is none of them is replaced by
/// one of the teacher. Unbiased for the divergence at the prefixes of π, which are held constant; k = V is
/// `gkd` at λ = 1. Sequences end with the student's end token.
package struct SpeculativeKD: Signal {
  package static let name = "speculative"
  package static let summary =
    "a divergence of tokens where the student writes and the teacher replaces what is not in its top k"
  package static let formula =
    "Σ_t ∇D(c_t), y_t ~ q, or ~ p where that is not among the k largest of p"
  package static let reference = "Xu et al., arXiv 2410.11325 (speculative KD)"

  static let count = Parameter(
    "k", default: 1, .range(1...(1 << 16)),
    summary: "the number of the teacher's tokens that are accepted")
  static let objective = Parameter(
    "objective", default: "fkl", .nonEmpty, summary: "the divergence D of tokens, a specification")
  package static let parameters: [any ParameterDeclaration] = [
    count, objective, Reduction.parameter,
  ]

  package let divergence: Chosen<ObjectiveRecipe>?
  private let count: Int
  private let reduction: Reduction

  package init(_ values: Parameters) throws {
    divergence = try Catalog.objective(
      values[Self.objective], reader: values.reader, kernels: values.kernels)
    (count, reduction) = (values[Self.count], values[Reduction.parameter])
  }

  package func dependence(hasOneLength: Bool) -> SampleDependence? {
    reduction.dependence(hasOneLength: hasOneLength)
  }

  package func check(_ space: JointSpace) throws { _ = try space.world.areAmongTop(count) }

  package func estimator(in space: JointSpace) throws -> any SignalEstimator {
    Estimator(areAccepted: try space.world.areAmongTop(count), reduction: reduction)
  }

  private struct Estimator: SignalEstimator {
    /// Of each row of the teacher and token, whether the teacher accepts it.
    let areAccepted: [Bool]
    let reduction: Reduction

    func draws(at moment: SequenceMoment) -> [SequenceDraw] {
      let (space, student) = (moment.space, moment.student)
      let size = space.vocabularySize
      var proposal = [Double](repeating: 0, count: space.count * size)
      for state in 0..<space.count {
        let (own, row) = (
          Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size
        )
        var rejected = 0.0
        for token in 0..<size where !areAccepted[own + token] {
          rejected += student.probabilities[row + token]
        }
        for token in 0..<size {
          let accepted = areAccepted[own + token] ? student.probabilities[row + token] : 0
          proposal[state * size + token] =
            accepted + rejected * space.world.probabilities[own + token]
        }
      }
      return [SequenceDraw([Proposal(proposal, endToken: space.studentEndToken)])]
    }

    func weigh(
      _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
      with stream: inout RandomStream, into terms: inout GradientTerms
    ) {
      terms.addDivergences(along: batches[0], weights: reduction.factors(of: batches[0]))
    }
  }
}
