// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The shape that the multimodal teachers share.
///
///     pᵢ ∝ Σₖ wₖ φ((xᵢ − cₖ)/σₖ)/σₖ,   xᵢ = i·100/V
struct GaussianMixture: Sendable {
  struct Mode: Sendable {
    let weight: Double
    let centre: Double
    let width: Double
  }

  let modes: [Mode]
  /// The kernels for its arithmetic.
  let kernels: VectorKernels

  /// The mixture on the grid, up to a factor.
  func weights(size: Int) -> TeacherWeights {
    let present = modes.filter { $0.weight > 0 }
    let logHeights = kernels.logarithms(present.map { $0.weight / $0.width })
    return .logarithmic(
      gridPositions(size).map { position in
        kernels.logSumExp(
          zip(present, logHeights).map { mode, logHeight in
            let deviation = (position - mode.centre) / mode.width
            return logHeight - 0.5 * deviation * deviation
          })
      })
  }
}
