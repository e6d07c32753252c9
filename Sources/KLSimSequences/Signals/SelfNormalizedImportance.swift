// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Forward KL by self-normalised importance sampling of the score:
/// `−Σ_s w_s ∇log q(y_s)`, `w_s ∝ p(y_s)/q(y_s)` with the sum 1 over S sequences y_s ~ q.
///
/// Biased for seq-fkl at every finite S, by O(1/S); S = 1 has no expected gradient. p may lack its constant.
package struct SelfNormalizedImportance: Signal, SignalEstimator {
  package static let name = "snis"
  package static let summary =
    "forward KL by self-normalised importance sampling of the student; biased by O(1/S)"
  package static let formula = "-Σ_s w_s ∇log q(y_s), w_s ∝ p(y_s)/q(y_s), y_s ~ q, s = 1…S"
  package static let reference =
    "Naesseth, Lindsten, Blei, arXiv 2003.10374, which it is compared with"

  static let candidates = Parameter(
    "candidates", default: 2, .range(1...1024), summary: "S, the number of sequences of a sample")
  package static let parameters: [any ParameterDeclaration] = [candidates]

  private let candidates: Int

  package init(_ values: Parameters) { candidates = values[Self.candidates] }

  package var size: SignalSize { SignalSize(sequences: candidates) }

  package func check(_ space: JointSpace) throws(SetupError) {
    try space.checkOneEnd(for: Self.name)
  }

  package func estimator(in space: JointSpace) throws -> any SignalEstimator {
    try check(space)
    return self
  }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([Proposal](repeating: moment.writer, count: candidates))]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    for place in 0..<batches[0].count {
      let shares = moment.student.kernels.shares(
        batches.map { $0.sum(of: moment.logRatios, place, moment) })
      for (batch, share) in zip(batches, shares) {
        batch.addScores(-share, place, moment.space, to: &terms)
      }
    }
  }
}

extension VectorKernels {
  /// `e^x / Σ e^x` of some numbers; equal shares where all are −∞.
  package func shares(_ logWeights: [Double]) -> [Double] {
    let total = logSumExp(logWeights)
    guard total > -.infinity else {
      return [Double](repeating: 1 / Double(logWeights.count), count: logWeights.count)
    }
    return exponentials(logWeights.map { $0 - total })
  }
}
