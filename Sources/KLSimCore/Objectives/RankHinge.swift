// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The hinge loss of the teacher's ranking.
///
///     L = Σ max(0, c_kl − (q_k − q_l))/(n + e)  over the n pairs with p_k > p_l + e, both above e = 1e-8
///     ∂L/∂q_k −= 1/(n + e),  ∂L/∂q_l += 1/(n + e)  for pairs above 0
///
/// The margin c_kl is p_k − p_l, or a constant. Any student that keeps the margins has loss 0, the
/// teacher being one of many. An epoch takes a time proportional to n, up to V²/2. The e beside n is the
/// published code's.
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

  package init(_ values: Parameters) {
    margin = values[Self.margin]
  }

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
          // What is not a number stays one.
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
