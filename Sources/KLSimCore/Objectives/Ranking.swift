// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The pairs of tokens that a teacher ranks: k above l if `p_k > p_l + e`, both above e.
struct RankedPairs: Sendable {
  /// By rank k, the rank of the first l; the others follow, up to `end`.
  let starts: [Int]
  let end: Int
  /// The number of pairs.
  let count: Int

  /// - Parameters:
  ///   - p: the teacher's probabilities by rank.
  ///   - threshold: e.
  init(_ p: [Double], threshold: Double) {
    let end = p.firstIndex { !($0 > threshold) } ?? p.count
    var start = 0
    starts = (0..<end).map { rank in
      while start < end, !(p[rank] > p[start] + threshold) { start += 1 }
      return start
    }
    self.end = end
    count = starts.reduce(0) { $0 + end - $1 }
  }
}

/// The logistic loss of the teacher's ranking.
///
///     L = Σ softplus(z_l − z_k)/(n + e)  over the n pairs with p_k > p_l + e, both above e = 1e-9
///     ∂L/∂z_k −= σ(z_l − z_k)/(n + e),  ∂L/∂z_l += σ(z_l − z_k)/(n + e)
///
/// It depends on the teacher's order alone, and has no minimum. The time of an epoch is proportional to n,
/// up to V²/2. The e beside n is that of the published code.
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

  /// The pairs of every rank, and what is found of those of one.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int { 4 * contexts * size }

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

/// The hinge loss of the teacher's ranking.
///
///     L = Σ max(0, c_kl − (q_k − q_l))/(n + e)  over the n pairs with p_k > p_l + e, both above e = 1e-8
///     ∂L/∂q_k −= 1/(n + e),  ∂L/∂q_l += 1/(n + e)  for pairs above 0
///
/// The margin c_kl is p_k − p_l, or a constant. Every student that keeps the margins has loss 0; the
/// teacher is one of many. The time of an epoch is proportional to n, up to V²/2. The e beside n is that of
/// the published code.
package struct RankHinge: Objective {
  package static let name = "rank-hinge"
  package static let summary = "hinge loss of the teacher's ranking; V² pairs"
  package static let formula = """
    L = Σ max(0, c_kl - (q_k - q_l))/(n + e) over the n pairs with p_k > p_l + e, both above e = 1e-8
    h_k -= 1/(n + e),  h_l += 1/(n + e) for pairs above 0,  g = q ∘ (h - <q,h>)
    """
  package static let reference = "the code of DistillKit"

  static let margin = Parameter<Automatic<Double>>(
    "margin", default: .auto, summary: "c_kl; auto: p_k - p_l")
  package static let parameters: [any ParameterDeclaration] = [margin]

  /// The e of the formula.
  private static let threshold = 1e-8

  let margin: Automatic<Double>

  package init(_ values: Parameters) { margin = values[Self.margin] }

  /// The pairs of every rank.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int { contexts * size }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(
      margin: margin, pairs: RankedPairs(teacher.probabilities, threshold: Self.threshold))
  }

  private struct Evaluator: ObjectiveEvaluator {
    let margin: Automatic<Double>
    let pairs: RankedPairs

    func loss(at state: FitState, gradient: inout [Double]) -> Double {
      for rank in gradient.indices { gradient[rank] = 0 }
      let (p, q) = (state.teacher.probabilities, state.probabilities)
      var total = 0.0
      for (first, start) in pairs.starts.enumerated() {
        for second in start..<pairs.end {
          let gap = (margin.value ?? p[first] - p[second]) - (q[first] - q[second])
          // NaN stays NaN.
          guard !(gap <= 0) else { continue }
          total += gap
          gradient[first] -= 1
          gradient[second] += 1
        }
      }
      let count = Double(pairs.count) + RankHinge.threshold
      for rank in gradient.indices { gradient[rank] *= q[rank] / count }
      state.kernels.centre(&gradient, q: q, mean: state.kernels.total(of: gradient))
      return total / count
    }
  }
}
