// SPDX-License-Identifier: GPL-3.0-or-later

extension ObjectiveIdentifier {
  /// The objectives that fit at most points, and not at the others, as those of a clamped ratio do.
  ///
  /// Only numbers of the grid are tried.
  ///
  /// - Parameters:
  ///   - points: the points of which this was made, with gradients.
  ///   - tolerance: the largest residual of an objective that is named.
  /// - Returns: what fits, and the places of the states at which it does not; nil if nothing does.
  func partialMatches(
    _ points: GradientPoints, tolerance: Double
  ) -> (fitting: [ObjectiveMatch], outliers: [Int])? {
    let candidates = grids.flatMap { grid in
      grid.starts.map { start in
        (
          grid.form, start.values,
          Self.agreeing(start.gradients, points, at: probes, tolerance).count
        )
      }
    }
    guard let most = candidates.map(\.2).max(), most >= max(3, probes.count * 2 / 5) else {
      return nil
    }
    let all = Array(points.states.indices)
    let found = candidates.filter { $0.2 == most }.compactMap {
      form, values, _ -> (match: ObjectiveMatch, inside: [Int])? in
      guard let recipe = form.recipe(values),
        let model = recipe.component.gradients(at: points.states)
      else { return nil }
      let inside = Self.agreeing(model, points, at: all, tolerance)
      guard !inside.isEmpty,
        let match = ObjectiveMatch(recipe, GradientTarget(points, at: inside))
      else { return nil }
      return (match, inside)
    }
    guard let inside = found.map(\.inside).max(by: { $0.count < $1.count }),
      2 * inside.count > all.count
    else { return nil }
    let matches = found.filter { $0.inside == inside }.map(\.match)
    let fitting = ObjectiveMatches(matches, tolerance: tolerance).fitting
    return fitting.isEmpty ? nil : (fitting, all.filter { !inside.contains($0) })
  }

  /// The places at which a model has the gradient up to the factor that half of them have.
  private static func agreeing(
    _ model: [Double], _ points: GradientPoints, at places: [Int], _ tolerance: Double
  ) -> [Int] {
    var start = 0
    let rows = places.map { place in
      let (first, size) = (start, points.gradients[place].count)
      start += size
      return Array(model[first..<first + size])
    }
    func product(_ first: [Double], _ second: [Double]) -> Double {
      zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let factors = zip(places, rows).compactMap { place, row in
      let squares = product(row, row)
      return squares > 0 ? product(row, points.gradients[place]) / squares : nil
    }.sorted()
    guard !factors.isEmpty else { return [] }
    let factor = factors[factors.count / 2]
    return zip(places, rows).filter { place, row in
      let gradient = points.gradients[place]
      let rest = zip(gradient, row).map { $0 - factor * $1 }
      return product(rest, rest).squareRoot()
        <= 10 * tolerance * product(gradient, gradient).squareRoot()
    }.map(\.0)
  }
}
