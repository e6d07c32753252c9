// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimNumerics

/// Estimates of `KL(q‖p)` from a token y ~ q, with `l = log p(y) − log q(y)`.
///
/// k1 and k3 are unbiased as values, k2 is not; k3 ≥ 0, and its variance has a part χ²(p‖q).
/// Source: Schulman, Approximating KL divergence, 2020.
package enum KLEstimator: String, ParameterChoice {
  /// `−l`.
  case k1 = "1"
  /// `l²/2`.
  case k2 = "2"
  /// `e^l − 1 − l`.
  case k3 = "3"

  /// k of each l, nats; k3 is ∞ where `e^l` exceeds a double.
  package func values(_ logRatios: [Double], kernels: VectorKernels) -> [Double] {
    switch self {
    case .k1: logRatios.map { -$0 }
    case .k2: logRatios.map { $0 * $0 / 2 }
    case .k3:
      zip(kernels.exponentialsMinusOne(logRatios), logRatios).map { Double.maximum(0, $0 - $1) }
    }
  }

  /// `∂k/∂log q(y)` of each l: 1, −l and `1 − e^l`.
  package func slopes(_ logRatios: [Double], kernels: VectorKernels) -> [Double] {
    switch self {
    case .k1: logRatios.map { _ in 1 }
    case .k2: logRatios.map { -$0 }
    case .k3: kernels.exponentialsMinusOne(logRatios).map { -$0 }
    }
  }
}
