// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A student of one context whose logits are linear in its parameters: `z = Φθ`.
struct LinearModel: ParametricModel {
  let name: String
  /// Φ, one row a rank.
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
    features.map { row in zip(row, parameters).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  func jacobian(at parameters: [Double]) -> [[Double]] { features }
}
