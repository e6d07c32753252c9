// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The logistic loss of the teacher's ranking.
///
///     L = Σ softplus(z_l − z_k)/(n + e)  over the n pairs with p_k > p_l + e, both above e = 1e-9
///     ∂L/∂z_k −= σ(z_l − z_k)/(n + e),  ∂L/∂z_l += σ(z_l − z_k)/(n + e)
///
/// Only the order of the tokens counts, so the teacher is not its minimum: there is none. An epoch
/// takes a time proportional to n, up to V²/2. The e beside n is the published code's.
package struct RankLogistic: Objective {
  package static let name = "rank-logistic"
  package static let summary = "logistic loss of the teacher's ranking; V² pairs"
  package static let formula = """
    L = Σ softplus(z_l - z_k)/(n + e) over the n pairs with p_k > p_l + e, both above e = 1e-9
    g_k -= σ(z_l - z_k)/(n + e),  g_l += σ(z_l - z_k)/(n + e)
    """
  package static let reference = "Burges et al., ICML 2005 (RankNet); as in the code of DistillKit"

  /// The e of the formula.
  private static let threshold = 1e-9

  package init(_ values: Parameters) {}

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(pairs: RankedPairs(teacher.probabilities, threshold: Self.threshold))
  }

  private struct Evaluator: ObjectiveEvaluator {
    let pairs: RankedPairs

    func loss(at state: FitState, gradient: inout [Double]) -> Double {
      for rank in gradient.indices { gradient[rank] = 0 }
      let z = state.logProbabilities
      var total = 0.0
      for (rank, start) in pairs.starts.enumerated() where start < pairs.end {
        let gaps = z[start..<pairs.end].map { $0 - z[rank] }
        let decays = state.kernels.exponentials(gaps.map { -abs($0) })
        let logs = state.kernels.logarithms(onePlus: decays)
        var pull = 0.0
        for (place, gap) in gaps.enumerated() {
          total += max(gap, 0) + logs[place]
          let share = (gap > 0 ? 1 : decays[place]) / (1 + decays[place])
          gradient[start + place] += share
          pull += share
        }
        gradient[rank] -= pull
      }
      let count = Double(pairs.count) + RankLogistic.threshold
      state.kernels.scale(&gradient, by: 1 / count)
      return total / count
    }
  }
}
