// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

extension ReferenceFormula {
  /// Objectives of pairs of tokens.
  static let rankings: [String: ReferenceFormula] = [
    "rank-logistic": ReferenceFormula { _, state in
      mean(of: state, above: 1e-9) { k, l in
        let gap = state.logQ[l] - state.logQ[k]
        let decay = Foundation.exp(-abs(gap))
        return (
          max(gap, 0) + Foundation.log1p(decay), gap > 0 ? 1 / (1 + decay) : decay / (1 + decay)
        )
      }
    },
    "rank-hinge": ReferenceFormula { settings, state in
      let margin = settings.text("margin").map { _ in settings.number("margin", 0) }
      let (loss, slopes) = mean(of: state, above: 1e-8) { k, l in
        let gap = (margin ?? state.p[k] - state.p[l]) - (state.q[k] - state.q[l])
        return gap > 0 ? (gap, 1) : (0, 0)
      }
      return (loss, state.pull(zip(state.q, slopes).map { $0 * $1 }))
    },
  ]

  /// The mean over the teacher's pairs, and what the pairs' slopes sum to, up for l and down for k.
  private static func mean(
    of state: ReferenceState, above threshold: Wide, _ pair: (Int, Int) -> (loss: Wide, slope: Wide)
  ) -> (loss: Wide, gradient: [Wide]) {
    var losses: [Wide] = []
    var slopes = state.p.map { _ in [Wide]() }
    for k in state.p.indices {
      for l in state.p.indices
      where state.p[k] > state.p[l] + threshold && state.p[l] > threshold {
        let (loss, slope) = pair(k, l)
        losses.append(loss)
        slopes[k].append(-slope)
        slopes[l].append(slope)
      }
    }
    let count = Wide(losses.count) + threshold
    return (compensatedSum(losses) / count, slopes.map { compensatedSum($0) / count })
  }
}
