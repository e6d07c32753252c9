// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Finds which objective has given gradients.
///
/// The gradients of all objectives of the catalog at the points are worked out once, for a grid of their numbers;
/// the nearest are then fitted.
package struct ObjectiveIdentifier: Sendable {
  /// Objectives that are not tried, for these points have too many tokens.
  package let leftOut: [String]
  let grids: [FormGrid]
  private let slowGrids: [FormGrid]
  let probes: [Int]
  private let slowProbes: [Int]

  /// Points at which numbers are fitted have together about so many tokens.
  private static let probeTokens = 120
  /// An objective whose time grows by the square of the tokens is tried up to here.
  private static let quadraticLimit = 128
  /// Objectives that are worked out by iterations; they are tried if nothing else fits, at few points.
  private static let slow: Set = ["sinkhorn"]

  /// Works out the gradients of the catalog.
  ///
  /// - Parameter points: the points; their gradients are not looked at.
  package init(at points: GradientPoints) {
    let (states, sizes) = (points.states, points.states.map(\.teacher.size))
    let largest = sizes.max() ?? 1
    func spread(_ count: Int) -> [Int] {
      let count = min(states.count, count)
      return (0..<count).map { $0 * states.count / count }
    }
    probes = spread(max(3, Self.probeTokens / largest))
    slowProbes = spread(3)
    let tried = Catalog.objectives.filter {
      largest <= Self.quadraticLimit || !ObjectiveForm.quadratic.contains($0.name)
    }
    leftOut = Catalog.objectives.map { $0.name }.filter { name in
      !tried.contains { $0.name == name }
    }
    func grids(_ isSlow: Bool, at places: [Int]) -> [FormGrid] {
      let states = places.map { points.states[$0] }
      return tried.filter { Self.slow.contains($0.name) == isSlow }.flatMap { type in
        ObjectiveForm.all(of: type, size: sizes.min() ?? 1)
      }.compactMap { FormGrid($0, $0.starts, at: states) }
    }
    self.grids = grids(false, at: probes)
    slowGrids = grids(true, at: slowProbes)
  }

  /// The objectives that have the gradients of some points.
  ///
  /// - Parameters:
  ///   - points: the points of which this was made, with gradients.
  ///   - tolerance: the largest residual of an objective that is named.
  ///   - skipsZeros: whether numbers that are exactly 0 are left out, as those of a clamp or a mask.
  /// - Returns: those that fit, and the nearest.
  package func matches(
    _ points: GradientPoints, tolerance: Double, skippingZeros skipsZeros: Bool = false
  ) -> ObjectiveMatches {
    func target(_ places: [Int]) -> GradientTarget {
      GradientTarget(points, at: places, skippingZeros: skipsZeros)
    }
    let probe = target(probes)
    var search = MatchSearch(
      probe: probe, whole: target(Array(points.states.indices)), tolerance: tolerance)
    search.fit(grids)
    if let match = search.matches.fitting.first, let temperature = match.temperature {
      search.fit(
        grids.compactMap { $0.moved(toTemperature: temperature, at: probe.states) },
        inBatches: false)
    }
    return search.matches
  }

  /// The same for the objectives that take long.
  package func slowMatches(_ points: GradientPoints, tolerance: Double) -> ObjectiveMatches {
    var search = MatchSearch(
      probe: GradientTarget(points, at: slowProbes),
      whole: GradientTarget(points, at: Array(points.states.indices)), tolerance: tolerance)
    search.fit(slowGrids)
    return search.matches
  }
}

/// A form of an objective with its gradients for a grid of its numbers.
struct FormGrid: Sendable {
  let form: ObjectiveForm
  let starts: [(values: [Double], gradients: [Double])]

  /// - Parameters:
  ///   - form: the form.
  ///   - starts: the grid.
  ///   - states: where the gradients are taken; nil is returned if none exists there.
  init?(_ form: ObjectiveForm, _ starts: [[Double]], at states: [FitState]) {
    self.form = form
    self.starts = starts.compactMap { values in
      form.recipe(values)?.component.gradients(at: states).map { (values, $0) }
    }
    if self.starts.isEmpty { return nil }
  }

  /// The grid at one temperature; nil if the form has none.
  func moved(toTemperature temperature: Double, at states: [FitState]) -> FormGrid? {
    guard let place = form.free.firstIndex(where: { $0.name == ObjectiveRecipe.temperature.name })
    else { return nil }
    var moved: [[Double]] = []
    for start in starts {
      var values = start.values
      values[place] = temperature
      if !moved.contains(values) { moved.append(values) }
    }
    return FormGrid(form, moved, at: states)
  }
}
