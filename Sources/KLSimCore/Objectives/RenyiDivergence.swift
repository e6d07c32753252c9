// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Rényi's divergence.
///
///     L = log(S)/(α − 1),  S = Σ p^α q^(1−α)          nats
///     ∂L/∂z = q − w,  w = p^α q^(1−α)/S
///
/// α = 1 is forward KL.
package struct RenyiDivergence: Objective {
  package static let name = "renyi"
  package static let summary = "Rényi divergence"
  package static let formula = "L = log(S)/(α-1),  S = Σ p^α q^(1-α);  g = q - p^α q^(1-α)/S"
  package static let reference = "Rényi, Proc. 4th Berkeley Symp., 1961"

  static let alpha = Parameter(
    "alpha", default: 0.5, .positive, summary: "the order α; 1 is fkl")
  package static let parameters: [any ParameterDeclaration] = [alpha]

  let alpha: Double

  package init(_ values: Parameters) { alpha = values[Self.alpha] }

  private var term: WeightedTerm { WeightedTerm(.alpha(alpha)) }

  package var views: [FitState.View] { [FitState.View(temperature: 1, term: term)] }

  /// Powers and their logarithms.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int { 2 * contexts * size }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(alpha: alpha, term: term)
  }

  private struct Evaluator: ObjectiveEvaluator {
    let alpha: Double
    let term: WeightedTerm
    var powers: [Double] = []
    var logs: [Double] = []

    mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
      let alpha = alpha
      // S − 1, accurate where S is near 1.
      func excess(_ divergence: Double) -> Double { alpha * (alpha - 1) * divergence }
      let divergence = state.sum(of: term, gradient: &gradient) {
        alpha == 1 ? 1 : alpha / (1 + excess($0))
      }
      let excess = excess(divergence)
      guard alpha != 1 else { return divergence }
      guard !(abs(excess) < 0.5) else {
        return state.kernels.logarithm(onePlus: excess) / (alpha - 1)
      }
      // S is far from 1, or overflows: w from logarithms.
      let kernels = state.kernels
      if powers.isEmpty {
        powers = [Double](repeating: 0, count: gradient.count)
        logs = powers
      }
      kernels.combine(
        alpha, state.teacher.logProbabilities, 1 - alpha, state.logProbabilities, into: &powers)
      let logSum = kernels.softmax(powers, logProbabilities: &logs, probabilities: &gradient)
      kernels.scale(&gradient, by: -1)
      kernels.centre(&gradient, q: state.probabilities, mean: -1)
      return logSum / (alpha - 1)
    }
  }
}
