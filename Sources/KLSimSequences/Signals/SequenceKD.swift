// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Forward KL by sequences of the teacher: `−log q(y)`, y ~ p.
///
/// Unbiased for seq-fkl.
package struct SequenceKD: Signal, SignalEstimator {
  package static let name = "seqkd"
  package static let summary = "log-likelihood of the teacher's sequences; unbiased for seq-fkl"
  package static let formula = "-Σ_t S_t, y ~ p"
  package static let reference = "Kim, Rush, arXiv 1606.07947"

  package var needsFullSupport: Bool { false }

  package init(_ values: Parameters) {}

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([moment.teacher])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (batch, size) = (batches[0], moment.space.vocabularySize)
    for place in batch.tokens.indices where batch.tokens[place] >= 0 {
      let row = Int(moment.space.studentRows[Int(batch.states[place])])
      terms.scores[row * size + Int(batch.tokens[place])] -= 1
    }
  }
}
