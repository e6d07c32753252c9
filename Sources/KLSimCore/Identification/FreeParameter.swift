// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A number of an objective that is fitted to gradients.
struct FreeParameter: Sendable {
  let name: String
  /// Whether a small change changes the gradient by a small amount; else only at steps.
  let isSmooth: Bool
  /// Starts of the search.
  let grid: [Double]
  private let scale: Scale
  private let contains: @Sendable (Double) -> Bool

  /// The coordinate in which the search has no bounds.
  private enum Scale {
    /// `log x`, of numbers above 0.
    case logarithm
    /// `log(x/(1 − x))`, of numbers between 0 and 1.
    case logit
    case identity
  }

  /// No fitted number is larger: objectives become the same in such limits.
  static let limit = 500.0

  /// - Parameters:
  ///   - name: the key.
  ///   - isSmooth: whether the gradient has no steps in it.
  ///   - isCoarse: whether the grid has few numbers, for objectives of several such parameters.
  ///   - contains: whether a number is legal.
  init(
    _ name: String, isSmooth: Bool, isCoarse: Bool, contains: @escaping @Sendable (Double) -> Bool
  ) {
    self.name = name
    self.isSmooth = isSmooth
    self.contains = contains
    if !contains(1.5) {
      scale = .logit
      grid = isCoarse ? [0.1, 0.5, 0.9] : [0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97]
    } else if !contains(-0.5) {
      scale = .logarithm
      grid =
        name == ObjectiveRecipe.temperature.name
        ? (isCoarse ? [0.7, 1.5, 4] : [0.5, 1, 2, 4, 8])
        : (isCoarse ? [0.3, 2, 20] : [0.1, 0.4, 1, 3, 10, 50])
    } else {
      scale = .identity
      grid = (isCoarse ? [-0.4, 0.3, 1.2] : [-1, -0.3, 0.2, 0.5, 0.8, 1.3, 2, 3]).filter(contains)
    }
  }

  /// The coordinate of a value inside the range.
  func coordinate(of value: Double, _ kernels: VectorKernels) -> Double {
    switch scale {
    case .identity: value
    case .logarithm: kernels.logarithms([value])[0]
    case .logit: kernels.logarithms([value])[0] - kernels.logarithms([1 - value])[0]
    }
  }

  /// The value at a coordinate; nil beyond what is searched.
  func value(at coordinate: Double, _ kernels: VectorKernels) -> Double? {
    let value =
      switch scale {
      case .identity: coordinate
      case .logarithm: kernels.exponentials([coordinate])[0]
      case .logit: 1 / (1 + kernels.exponentials([-coordinate])[0])
      }
    return abs(value) <= Self.limit && contains(value) ? value : nil
  }
}
