// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A bound on the gradient of an update.
///
///     norm   g ← g · min(1, c/(‖g‖ + 1e-6))      the Euclidean norm over all parameters
///     value  gᵢ ← max(−c, min(c, gᵢ))
///
/// as PyTorch's `clip_grad_norm_` and `clip_grad_value_`.
package enum GradientClipping: Equatable, Sendable, CustomStringConvertible {
  case none
  /// The largest norm c, above 0.
  case norm(Double)
  /// The largest magnitude c of an element, above 0.
  case value(Double)

  /// Reads `none`, `norm=c` or `value=c`; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    let bound = parts.count == 2 ? Double(parts[1]).flatMap { $0 > 0 ? $0 : nil } : nil
    switch (parts.first, parts.count, bound) {
    case ("none", 1, _): self = .none
    case ("norm", _, let bound?): self = .norm(bound)
    case ("value", _, let bound?): self = .value(bound)
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .none: "none"
    case .norm(let bound): "norm=\(bound)"
    case .value(let bound): "value=\(bound)"
    }
  }

  /// Bounds a gradient.
  package func apply(to gradient: inout [Double], kernels: VectorKernels) {
    switch self {
    case .none: break
    case .norm(let bound):
      let factor = bound / (kernels.dot(gradient, gradient).squareRoot() + 1e-6)
      // A norm that is not a number leaves no gradient that is.
      if !(factor >= 1) { kernels.scale(&gradient, by: factor) }
    case .value(let bound):
      for index in gradient.indices {
        let slope = gradient[index]
        gradient[index] = slope > bound ? bound : slope < -bound ? -bound : slope
      }
    }
  }
}
