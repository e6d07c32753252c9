// SPDX-License-Identifier: GPL-3.0-or-later

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

/// Objectives compared with gradients, each once.
package struct ObjectiveMatches: Sendable {
  /// Those that fit, the simplest first.
  package let fitting: [ObjectiveMatch]
  /// The nearest first; of those whose residuals are rounding, the simplest.
  package let nearest: [ObjectiveMatch]

  /// Residuals below this are equal.
  private static let rounding = 1e-12

  /// - Parameters:
  ///   - matches: what was compared, an objective at several numbers perhaps.
  ///   - tolerance: the largest residual of what fits.
  init(_ matches: [ObjectiveMatch], tolerance: Double) {
    func first(_ matches: [ObjectiveMatch]) -> [ObjectiveMatch] {
      var names: Set<String> = []
      return matches.filter { names.insert($0.name).inserted }
    }
    let names = Catalog.objectives.names
    func place(_ match: ObjectiveMatch) -> Int { names.firstIndex(of: match.name) ?? names.count }
    fitting = first(
      matches.filter { $0.fit.residual <= tolerance }.sorted {
        ($0.complexity, place($0), $0.fit.residual) < ($1.complexity, place($1), $1.fit.residual)
      })
    nearest = first(
      matches.sorted {
        (max($0.fit.residual, Self.rounding), $0.complexity, place($0))
          < (max($1.fit.residual, Self.rounding), $1.complexity, place($1))
      })
  }

  /// These and others.
  func adding(_ others: ObjectiveMatches, tolerance: Double) -> ObjectiveMatches {
    ObjectiveMatches(
      fitting + nearest + others.fitting + others.nearest, tolerance: tolerance)
  }
}
