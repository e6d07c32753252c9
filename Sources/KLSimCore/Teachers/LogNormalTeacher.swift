// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Weights drawn from a log-normal distribution, one set a seed: `wᵢ = exp(σ nᵢ)`, n standard normal.
package struct LogNormalTeacher: NormalLogWeights {
  package static let name = "lognormal"
  package static let summary = "weights drawn from a log-normal distribution"

  static let sigmaParameter = Parameter(
    "sigma", default: 2, .nonNegative, summary: "spread σ of log w")

  let size: Int
  let sigma: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var weights: [Double] = []
    for _ in 0..<size { weights.append(stream.logNormal(sigma: sigma)) }
    return .linear(weights)
  }
}
