// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A student of one context whose logits are linear in its parameters: `z = Φθ`.
struct LinearModel: ParametricModel {
  let name: String
  /// Φ by rank, one list a parameter.
  let features: [[Double]]
  let start: [Double]
  let spread: Double

  var parameterCount: Int { start.count }

  func start(seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    var parameters = start
    for index in parameters.indices { parameters[index] += stream.normal(sigma: spread) }
    return parameters
  }

  func logits(at parameters: [Double]) -> [Double] {
    var logits = [Double](repeating: 0, count: features[0].count)
    for (feature, parameter) in zip(features, parameters) {
      for rank in logits.indices { logits[rank] += feature[rank] * parameter }
    }
    return logits
  }

  func jacobian(at parameters: [Double]) -> [[Double]] { features }
}
