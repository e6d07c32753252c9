// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The numbers of an objective at which its gradient is nearest to given ones.
struct FormSearch {
  let form: ObjectiveForm
  let target: GradientTarget
  /// The most steps of a fit.
  let iterations: Int

  private var kernels: VectorKernels { target.states[0].kernels }

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
      var moved = values
      for place in stepped { moved[place] = zoomed(place, moved) }
      if !smooth.isEmpty { moved = fitted(smooth, moved) }
      let before = least
      let after = residual(moved)
      if after < least { (values, least) = (moved, after) }
      if least < Self.rounding || !(least < 0.99 * before) { break }
    }
    return (values, least)
  }

  /// The same numbers with as few digits as the gradients tell, and defaults for those that do not matter.
  ///
  /// The residual may grow by a fifth, of which fitting takes as much if there are few numbers in noise.
  func simplified(_ values: [Double]) -> [Double] {
    let bound = 1.2 * residual(values) + 1e-12
    var values = tidied(values, bound) ?? rounded(values, bound)
    for place in values.indices {
      guard let standard = form.free[place].standard else { continue }
      var moved = values
      moved[place] = standard
      if residual(moved) <= bound { values = moved }
    }
    return values
  }

  /// All numbers with as many digits; nil if none are as near.
  private func tidied(_ values: [Double], _ bound: Double) -> [Double]? {
    (1...8).lazy.map { digits in values.map { Self.rounded($0, digits: digits) } }.first {
      residual($0) <= bound
    }
  }

  /// One number after the other, the temperature first; those that are not yet rounded are fitted again.
  private func rounded(_ values: [Double], _ bound: Double) -> [Double] {
    var values = values
    let temperature = ObjectiveRecipe.temperature.name
    var rest = form.free.indices.sorted {
      (form.free[$0].name == temperature ? 0 : 1, $0)
        < (form.free[$1].name == temperature ? 0 : 1, $1)
    }
    while let place = rest.first {
      rest.removeFirst()
      let value = values[place]
      let others = rest.filter { form.free[$0].isSmooth }
      for candidate in [0, 1] + (1...15).map({ Self.rounded(value, digits: $0) })
      where abs(candidate - value) <= 0.01 {
        var moved = values
        moved[place] = candidate
        let near = residual(moved)
        if near > bound, near <= max(1e-6, 30 * bound), !others.isEmpty {
          moved = fitted(others, moved)
        }
        if residual(moved) <= bound {
          values = moved
          break
        }
      }
    }
    return values
  }

  /// A number with so many significant digits, 0 if it is next to 0.
  private static func rounded(_ value: Double, digits: Int) -> Double {
    guard abs(value) > 1e-6, value.isFinite else { return value.isFinite ? 0 : value }
    var scale = 1.0
    while abs(value) * scale < 1 { scale *= 10 }
    while abs(value) * scale >= 10 { scale /= 10 }
    for _ in 1..<digits { scale *= 10 }
    let whole = (value * scale).rounded()
    // The nearest double to the decimal number, not to a product.
    return scale >= 1 ? whole / scale : whole * (1 / scale).rounded()
  }

  /// `‖g − c m‖/‖g‖` at some numbers; infinite if the objective does not exist there.
  func residual(_ values: [Double]) -> Double {
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
      from: start, count: target.values.count, iterations: iterations
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
