// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The softmax of independent normal logits, one set a seed: `t ~ N(0, σ²)`.
///
/// The law of `lognormal`, for any σ: logits do not overflow.
package struct SoftmaxNormalTeacher: NormalLogWeights {
  package static let name = "softmax-normal"
  package static let summary = "softmax of logits drawn from N(0, sigma²)"

  static let sigmaParameter = Parameter(
    "sigma", default: 3, .nonNegative, summary: "spread σ of the logits")

  let size: Int
  let sigma: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var logits: [Double] = []
    for _ in 0..<size { logits.append(stream.normal(sigma: sigma)) }
    return .logarithmic(logits)
  }
}
