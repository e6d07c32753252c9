// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Independent normal logits.
package struct NormalInitialization: Initialization {
  package static let name = "normal"
  package static let summary = "logits drawn from N(mean, sigma²)"

  static let mean = Parameter(
    "mean", default: 0.0, summary: "mean; the softmax does not depend on it")
  static let sigma = Parameter("sigma", default: 1, .nonNegative, summary: "standard deviation σ")
  package static let parameters: [any ParameterDeclaration] = [mean, sigma]

  let mean: Double
  let sigma: Double

  package init(_ values: Parameters) {
    (mean, sigma) = (values[Self.mean], values[Self.sigma])
  }

  package func logits(for teacher: TeacherDistribution, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return (0..<teacher.size).map { _ in mean + stream.normal(sigma: sigma) }
  }
}
