// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Classic knowledge distillation: hard cross entropy and softened forward KL.
///
///     L = α CE_y + (1 − α) s T² KL(softmax(t/T)‖softmax(z/T))          nats
///     ∂L/∂z = α (q − e_y) + (1 − α) s T (q_T − p_T)
///
/// s is `soft-scale`: the sequence length, for code that averages the soft term over sequences only.
/// BabyLlama's teachers, whose logits are averaged, are the teacher `ensemble`.
package struct HintonDistillation: Objective, ObjectiveEvaluator {
  package static let name = "hinton"
  package static let summary = "classic distillation: hard cross entropy and softened FKL"
  package static let formula = """
    L = α CE_y + (1-α) s T² KL(softmax(t/T)‖softmax(z/T))
    g = α (q - e_y) + (1-α) s T (q_T - p_T)
    """
  package static let reference =
    "Hinton, Vinyals, Dean, arXiv 1503.02531; BabyLlama, arXiv 2308.02019"

  static let temperature = Parameter(
    "temperature", default: 2, .positive, summary: "T of the soft term")
  static let alpha = Parameter(
    "alpha", default: 0.5, .range(0...1), summary: "weight α of the hard cross entropy")
  static let target = Parameter<TargetToken?>(
    "target", default: .some(nil), summary: "the token y, needed if α is above 0")
  static let softScale = Parameter(
    "soft-scale", default: 1, .nonNegative, summary: "factor s of the soft term")
  package static let parameters: [any ParameterDeclaration] = [
    temperature, alpha, target, softScale,
  ]

  package static var softening: Parameter<Double>? { nil }

  let temperature: Double
  let alpha: Double
  let target: TargetToken?
  let softScale: Double

  package init(_ values: Parameters) throws(SpecificationError) {
    temperature = values[Self.temperature]
    alpha = values[Self.alpha]
    softScale = values[Self.softScale]
    target = values[Self.target]
    guard target != nil || alpha == 0 else {
      throw .missing(
        component: values.component, key: Self.target.name,
        expected: TargetToken.expectation + ", unless alpha=0")
    }
  }

  package var views: [FitState.View] {
    [FitState.View(temperature: temperature, term: .forwardKL)]
  }

  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    try target?.check(teacher)
  }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let scale = (1 - alpha) * softScale * temperature
    let forward = state.view(at: temperature).sum(of: .forwardKL, gradient: &gradient) {
      _ in scale
    }
    let softLoss = scale * temperature * forward
    guard alpha > 0, let target else { return softLoss }
    let rank = target.rank(under: state.teacher)
    let targetSlope = gradient[rank] + alpha * HardCrossEntropy.slope(of: rank, at: state)
    state.kernels.add(alpha, state.probabilities, to: &gradient)
    gradient[rank] = targetSlope
    return softLoss - alpha * state.logProbabilities[rank]
  }
}
