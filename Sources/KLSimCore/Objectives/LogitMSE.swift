// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The mean squared difference of student and teacher logits.
///
///     δ = z − t, less its mean if `centered`;  t = log p
///     L = (1/V) Σ δ²
///     ∂L/∂z = (2/V) δ
///
/// Without centring, a shift of the logits changes it. Infinite where the teacher has no mass. It takes
/// no temperature: T² times the objective at T is the same.
package struct LogitMSE: Objective, ObjectiveEvaluator {
  package static let name = "mse-logits"
  package static let summary = "mean squared difference of logits"
  package static let formula =
    "δ = z - log p, less its mean if centered;  L = (1/V) Σ δ²;  g = (2/V) δ"
  package static let reference = "Ba, Caruana, arXiv 1312.6184"

  static let centered = Parameter(
    "centered", default: true, summary: "whether the mean of the differences is subtracted")
  package static let parameters: [any ParameterDeclaration] = [centered]

  package static var softening: Parameter<Double>? { nil }

  let centered: Bool

  package init(_ values: Parameters) { centered = values[Self.centered] }

  package var needsFullSupport: Bool { true }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    guard state.teacher.firstZeroToken == nil else { return .infinity }
    let size = Double(gradient.count)
    let t = state.teacher.logProbabilities
    let z = centered ? state.logProbabilities : state.logits
    let moments = state.kernels.moments(of: z, minus: t)
    state.kernels.combine(2 / size, z, -2 / size, t, into: &gradient)
    if centered { state.kernels.shift(&gradient, by: -moments.mean * 2 / size) }
    return moments.squares / size + (centered ? 0 : moments.mean * moments.mean)
  }
}
