// SPDX-License-Identifier: GPL-3.0-or-later

/// How near a multiple of an objective's gradient is to gradients that were given.
///
///     c = <g, m>/<m, m>,   residual = ‖g − c m‖/‖g‖,   cosine = <g, m>/(‖g‖ ‖m‖)
///
/// over all points and tokens; a point with a large gradient counts no more than the median one.
package struct GradientFit: Equatable, Sendable {
  /// c.
  package let factor: Double
  /// In [0, 1].
  package let residual: Double
  /// In [−1, 1].
  package let cosine: Double
}

/// Gradients that models are compared with.
struct GradientTarget: Sendable {
  /// Teacher and student of each point.
  let states: [FitState]
  /// g, weighted, point after point by rank.
  let values: [Double]
  /// The weight of each number; 0 where it is left out.
  private let weights: [Double]
  private let squares: Double

  /// - Parameters:
  ///   - points: the gradients.
  ///   - places: which states are used.
  ///   - skipsZeros: whether numbers that are exactly 0 are left out.
  init(_ points: GradientPoints, at places: [Int], skippingZeros skipsZeros: Bool = false) {
    states = places.map { points.states[$0] }
    weights = places.flatMap { place in
      points.gradients[place].map { skipsZeros && $0 == 0 ? 0 : points.weights[place] }
    }
    values = zip(places.flatMap { points.gradients[$0] }, weights).map { $0 * $1 }
    squares = values.reduce(0) { $0 + $1 * $1 }
  }

  /// Weighs a model's numbers as the gradients are.
  func weighted(_ model: [Double]) -> [Double] { zip(model, weights).map { $0 * $1 } }

  /// The best multiple of a model; nil if the model has no gradient here.
  func fit(_ model: [Double]) -> GradientFit? { residuals(model)?.fit }

  /// The best multiple of a model, and `(g − c m)/‖g‖`.
  func residuals(_ model: [Double]) -> (fit: GradientFit, values: [Double])? {
    var (product, norm) = (0.0, 0.0)
    for place in values.indices {
      let value = model[place] * weights[place]
      product += value * values[place]
      norm += value * value
    }
    guard norm > 0, norm.isFinite, squares > 0 else { return nil }
    let (factor, length) = (product / norm, squares.squareRoot())
    let rest = values.indices.map { (values[$0] - factor * weights[$0] * model[$0]) / length }
    let residual = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return (
      GradientFit(
        factor: factor, residual: residual, cosine: product / (norm * squares).squareRoot()), rest
    )
  }
}

extension ObjectiveRecipe {
  /// The gradient at states, point after point by rank; nil if it does not exist at one of them.
  func gradients(at states: [FitState]) -> [Double]? {
    var all: [Double] = []
    for state in states {
      guard (try? objective.check(state.teacher)) != nil else { return nil }
      let gradient = evaluate(at: state).gradient
      guard gradient.allSatisfy(\.isFinite) else { return nil }
      all += gradient
    }
    return all
  }
}
