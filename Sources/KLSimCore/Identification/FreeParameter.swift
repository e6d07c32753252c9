// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A number of an objective that is fitted to gradients.
struct FreeParameter: Sendable {
  let name: String
  /// Whether a small change changes the gradient by a small amount; else only at steps.
  let isSmooth: Bool
  /// Starts of the search, among them the numbers at which objectives become others.
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

  /// No fitted number is larger, and none nearer to an end of its range: objectives become the same in
  /// such limits.
  private static let limits = (least: 1e-4, most: 500.0)
  /// The default; nil if there is none that is a number.
  let standard: Double?

  /// - Parameters:
  ///   - name: the key.
  ///   - isSmooth: whether the gradient has no steps in it.
  ///   - isCoarse: whether the grid has few numbers, for objectives of several such parameters.
  ///   - standard: the default, if it is a number.
  ///   - contains: whether a number is legal.
  init(
    _ name: String, isSmooth: Bool, isCoarse: Bool, standard: Double?,
    contains: @escaping @Sendable (Double) -> Bool
  ) {
    self.name = name
    self.standard = standard
    self.isSmooth = isSmooth
    self.contains = contains
    let starts: [Double]
    if !contains(1.5) {
      scale = .logit
      starts = isCoarse ? [0, 0.1, 0.5, 0.9, 1] : [0, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1]
    } else if !contains(-0.5) {
      scale = .logarithm
      starts =
        name == ObjectiveRecipe.temperature.name
        ? (isCoarse ? [0.3, 0.7, 1, 1.5, 4] : [0.25, 0.5, 1, 2, 4, 8])
        : (isCoarse ? [0, 0.3, 1, 2, 20] : [0, 0.1, 0.4, 0.5, 1, 2, 4, 10, 50])
    } else {
      scale = .identity
      starts =
        isCoarse ? [-1, -0.4, 0, 0.3, 0.5, 1, 1.2] : [-1, -0.3, 0, 0.2, 0.5, 0.8, 1, 1.3, 2, 3]
    }
    grid = starts.filter(contains)
  }

  /// The coordinate of a value; of the ends of the range that of a number inside.
  func coordinate(of value: Double, _ kernels: VectorKernels) -> Double {
    func logarithm(_ value: Double) -> Double { kernels.logarithms([max(value, 1e-3)])[0] }
    return switch scale {
    case .identity: value
    case .logarithm: logarithm(value)
    case .logit: logarithm(value) - logarithm(1 - value)
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
    let gap =
      switch scale {
      case .identity: 1.0
      case .logarithm: value
      case .logit: min(value, 1 - value)
      }
    let isInside = abs(value) <= Self.limits.most && gap >= Self.limits.least
    return isInside && contains(value) ? value : nil
  }
}
