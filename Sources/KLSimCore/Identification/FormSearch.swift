// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The numbers of an objective at which its gradient is nearest to given ones.
struct FormSearch {
  let form: ObjectiveForm
  let target: GradientTarget
  let kernels: VectorKernels

  /// Below this a residual is rounding.
  private static let rounding = 1e-13

  /// The best numbers near a start.
  ///
  /// Smooth parameters by least squares with the factor eliminated, stepped ones by ever finer grids, in turn.
  func best(from start: [Double]) -> (values: [Double], residual: Double) {
    var (values, least) = (start, residual(start))
    let smooth = form.free.indices.filter { form.free[$0].isSmooth }
    let stepped = form.free.indices.filter { !form.free[$0].isSmooth }
    for _ in 0..<(stepped.isEmpty || smooth.isEmpty ? 1 : 6) {
      let before = least
      for place in stepped { values[place] = zoomed(place, values) }
      if !smooth.isEmpty { values = fitted(smooth, values) }
      least = residual(values)
      if least < Self.rounding || !(least < 0.99 * before) { break }
    }
    return (values, least)
  }

  /// The same numbers with as few digits as the gradients tell, and 0 or 1 for what is next to them.
  func rounded(_ values: [Double]) -> [Double] {
    var values = values
    let bound = 1.02 * residual(values) + 1e-12
    for place in values.indices {
      let value = values[place]
      let candidates = [0, 1] + (1...15).map { Self.rounded(value, digits: $0) }
      let match = candidates.first { candidate in
        guard abs(candidate - value) <= 0.01 else { return false }
        var moved = values
        moved[place] = candidate
        return residual(moved) <= bound
      }
      values[place] = match ?? value
    }
    return values
  }

  /// A number with so many significant digits.
  private static func rounded(_ value: Double, digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    var scale = 1.0
    while abs(value) * scale < 1 { scale *= 10 }
    while abs(value) * scale >= 10 { scale /= 10 }
    for _ in 1..<digits { scale *= 10 }
    let whole = (value * scale).rounded()
    // The nearest double to the decimal number, not to a product.
    return scale >= 1 ? whole / scale : whole * (1 / scale).rounded()
  }

  private func residual(_ values: [Double]) -> Double {
    form.recipe(values)?.component.gradients(at: target.states).flatMap(target.fit)?.residual
      ?? .infinity
  }

  private func fitted(_ places: [Int], _ values: [Double]) -> [Double] {
    func moved(_ point: [Double]) -> [Double]? {
      var moved = values
      for (place, coordinate) in zip(places, point) {
        guard let value = form.free[place].value(at: coordinate, kernels) else { return nil }
        moved[place] = value
      }
      return moved
    }
    let start = places.map { form.free[$0].coordinate(of: values[$0], kernels) }
    guard target.values.count >= places.count else { return values }
    let best = try? LeastSquares.minimum(
      from: start, count: target.values.count, iterations: 60
    ) { point in
      moved(point).flatMap(form.recipe)?.component.gradients(at: target.states)
        .flatMap(target.residuals)?.values
    }
    return best.flatMap(moved) ?? values
  }

  private func zoomed(_ place: Int, _ values: [Double]) -> Double {
    let parameter = form.free[place]
    var best = (value: values[place], residual: residual(values))
    var (centre, width) = (0.0, 6.0)
    for round in 0..<10 {
      if round > 0 { centre = parameter.coordinate(of: best.value, kernels) }
      for step in -12...12 {
        guard let value = parameter.value(at: centre + width * Double(step) / 12, kernels) else {
          continue
        }
        var moved = values
        moved[place] = value
        let residual = residual(moved)
        if residual < best.residual { best = (value, residual) }
      }
      if best.residual < Self.rounding { break }
      width /= 6
    }
    return best.value
  }
}
