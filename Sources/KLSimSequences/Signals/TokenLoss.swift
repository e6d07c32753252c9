// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// A divergence of tokens at a part of the positions t = 1 … T of sampled sequences.
///
///     g = c Σ_{t in part} ∇D(c_t),   y ~ p or q
///
/// The parts are all positions, `t ≤ φT` or `t > (1 − φ)T`, where T is the maximum length whatever the
/// length of a sequence. c is 1, or T over the number of positions. Unbiased for `gkd` with λ = 0 (teacher)
/// or 1 (student) restricted to these positions; the prefixes are held constant.
package struct TokenLoss: Signal {
  package static let name = "token-loss"
  package static let summary =
    "a divergence of tokens at some positions of the teacher's or the student's sequences"
  package static let formula = "c Σ_{t in part} ∇D(p(·|c_t), q(·|c_t)), y ~ p or q"
  package static let reference = "Agarwal et al., arXiv 2306.13649 (GKD), for all positions"

  static let objective = Parameter(
    "objective", default: "rkl", .nonEmpty, summary: "the divergence D of tokens, a specification")
  static let prefixes = Parameter(
    "prefixes", default: Side.student, summary: "who writes the sequences")
  static let scaled = Parameter(
    "scaled", default: false,
    summary: "whether T over the number of positions in the part multiplies it")
  package static let parameters: [any ParameterDeclaration] = [
    objective, prefixes, PositionPart.side, PositionPart.share, scaled,
  ]

  package let divergence: Chosen<ObjectiveRecipe>?
  private let prefixes: Side
  private let part: PositionPart
  private let isScaled: Bool

  package init(_ values: Parameters) throws {
    divergence = try Catalog.objective(
      values[Self.objective], reader: values.reader, kernels: values.kernels)
    (prefixes, part) = (values[Self.prefixes], try PositionPart(values))
    isScaled = values[Self.scaled]
  }

  package func check(_ space: JointSpace) throws(SetupError) {
    try part.check(space, of: Self.name)
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { Estimator(signal: self) }

  private struct Estimator: SignalEstimator {
    let signal: TokenLoss

    func draws(at moment: SequenceMoment) -> [SequenceDraw] {
      [SequenceDraw([signal.prefixes == .teacher ? moment.teacher : moment.writer])]
    }

    func weigh(
      _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
      with stream: inout RandomStream, into terms: inout GradientTerms
    ) {
      let batch = batches[0]
      let steps = signal.part.steps(of: batch.length)
      let weight = signal.isScaled ? Double(batch.length) / Double(steps.count) : 1
      for place in steps.lowerBound * batch.count..<steps.upperBound * batch.count
      where batch.tokens[place] >= 0 {
        terms.divergences[Int(batch.states[place])] += weight
      }
    }
  }
}
