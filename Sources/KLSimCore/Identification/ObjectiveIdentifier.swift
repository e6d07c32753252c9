// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Finds which objective has given gradients.
///
/// The gradients of all objectives of the catalog at the points are worked out once, for a grid of their numbers;
/// the nearest are then fitted.
package struct ObjectiveIdentifier: Sendable {
  /// Objectives that are not tried, for these points have too many tokens.
  package let leftOut: [String]
  private let grids: [Grid]
  private let probes: [Int]
  private let states: [FitState]

  /// An objective with its gradients at the probes, for every start of a search.
  private struct Grid: Sendable {
    let form: ObjectiveForm
    let starts: [(values: [Double], gradients: [Double])]
  }

  /// Points at which numbers are fitted have together about so many tokens.
  private static let probeTokens = 200
  /// So many objectives are fitted at a time, until one fits.
  private static let batch = 40
  /// An objective whose time grows by the square of the tokens is tried up to here.
  private static let quadraticLimit = 128

  /// Works out the gradients of the catalog.
  ///
  /// - Parameter points: the points; their gradients are not looked at.
  package init(at points: GradientPoints) {
    let sizes = points.states.map(\.teacher.size)
    let largest = sizes.max() ?? 1
    states = points.states
    let count = min(states.count, max(3, Self.probeTokens / largest))
    let probes = (0..<count).map { $0 * points.states.count / count }
    self.probes = probes
    let tried = Catalog.objectives.filter {
      largest <= Self.quadraticLimit || !ObjectiveForm.quadratic.contains($0.name)
    }
    leftOut = Catalog.objectives.map { $0.name }.filter { name in
      !tried.contains { $0.name == name }
    }
    let probeStates = probes.map { points.states[$0] }
    grids = tried.flatMap { ObjectiveForm.all(of: $0, size: sizes.min() ?? 1) }.compactMap { form in
      let starts = form.starts.compactMap { values in
        form.recipe(values)?.component.gradients(at: probeStates).map { (values, $0) }
      }
      return starts.isEmpty ? nil : Grid(form: form, starts: starts)
    }
  }

  /// The objectives that have the gradients of some points.
  ///
  /// - Parameters:
  ///   - points: the points of which this was made, with gradients.
  ///   - tolerance: the largest residual of an objective that is named.
  ///   - skipsZeros: whether numbers that are exactly 0 are left out, as those of a clamp or a mask.
  /// - Returns: those that fit, the simplest first, and else the nearest, the best first.
  package func matches(
    _ points: GradientPoints, tolerance: Double, skippingZeros skipsZeros: Bool = false
  ) -> (fitting: [ObjectiveMatch], nearest: [ObjectiveMatch]) {
    let probe = GradientTarget(points, at: probes, skippingZeros: skipsZeros)
    let whole = GradientTarget(
      points, at: Array(points.states.indices), skippingZeros: skipsZeros)
    let ranked = grids.compactMap { grid -> (grid: Grid, starts: [[Double]], residual: Double)? in
      let starts = grid.starts.compactMap { start in
        probe.fit(start.gradients).map { (values: start.values, residual: $0.residual) }
      }.sorted { $0.residual < $1.residual }
      guard let best = starts.first else { return nil }
      return (grid, starts.prefix(grid.form.free.count > 1 ? 3 : 2).map(\.values), best.residual)
    }.sorted { $0.residual < $1.residual }
    var found: [ObjectiveMatch] = []
    for start in stride(from: 0, to: ranked.count, by: Self.batch) {
      for candidate in ranked[start..<min(start + Self.batch, ranked.count)] {
        let search = FormSearch(
          form: candidate.grid.form, target: probe, kernels: states[0].kernels)
        if let match = match(search, candidate.starts, whole, tolerance) { found.append(match) }
      }
      if found.contains(where: { $0.fit.residual <= tolerance }) { break }
    }
    return sorted(found, tolerance)
  }

  private func match(
    _ search: FormSearch, _ starts: [[Double]], _ whole: GradientTarget, _ tolerance: Double
  ) -> ObjectiveMatch? {
    var best: (values: [Double], residual: Double)?
    for start in starts {
      let found = search.form.free.isEmpty ? (start, 0) : search.best(from: start)
      if found.1 < best?.residual ?? .infinity { best = found }
      if let best, best.residual < tolerance { break }
    }
    guard let best else { return nil }
    let isNear = best.residual < max(tolerance, 1e-6)
    let full = FormSearch(form: search.form, target: whole, kernels: search.kernels)
    let values =
      isNear && !search.form.free.isEmpty
      ? full.rounded(full.best(from: best.values).values) : best.values
    return search.form.recipe(values).flatMap { ObjectiveMatch($0, whole) }
  }

  /// Those that fit, one a name, the simplest first; and the nearest, one a name.
  private func sorted(
    _ found: [ObjectiveMatch], _ tolerance: Double
  ) -> (fitting: [ObjectiveMatch], nearest: [ObjectiveMatch]) {
    func first(_ matches: [ObjectiveMatch]) -> [ObjectiveMatch] {
      var names: Set<String> = []
      return matches.filter { names.insert($0.name).inserted }
    }
    let names = Catalog.objectives.names
    func place(_ match: ObjectiveMatch) -> Int { names.firstIndex(of: match.name) ?? names.count }
    let fitting = found.filter { $0.fit.residual <= tolerance }.sorted {
      ($0.complexity, place($0)) < ($1.complexity, place($1))
    }
    return (first(fitting), first(found.sorted { $0.fit.residual < $1.fit.residual }))
  }
}

/// An objective of the catalog with its numbers fitted to gradients.
package struct ObjectiveMatch: Sendable {
  /// Its canonical specification, such as `gjsd:beta=0.9`.
  package let specification: String
  /// How near it is.
  package let fit: GradientFit
  let recipe: ObjectiveRecipe

  init?(_ chosen: Chosen<ObjectiveRecipe>, _ target: GradientTarget) {
    guard let model = chosen.component.gradients(at: target.states), let fit = target.fit(model)
    else { return nil }
    (specification, self.fit, recipe) = (chosen.specification, fit, chosen.component)
  }

  /// The name in the catalog.
  package var name: String { type(of: recipe.objective).name }

  /// What it is, one line.
  package var summary: String { type(of: recipe.objective).summary }

  /// The temperature of its T²; nil if that is 1 or it takes none.
  package var temperature: Double? {
    type(of: recipe.objective).softening == nil || recipe.temperature == 1
      ? nil : recipe.temperature
  }

  /// The number of settings, and a factor counts as one.
  var complexity: Int {
    specification.split(separator: ":").count - 1 + (abs(fit.factor - 1) < 1e-6 ? 0 : 1)
  }
}
