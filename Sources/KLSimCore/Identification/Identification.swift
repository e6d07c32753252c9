// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Which objective has the gradients of some points.
package struct Identification: Sendable {
  /// The points.
  package let points: GradientPoints
  /// The largest residual of what is named.
  package let tolerance: Double
  /// The objectives that fit, the simplest first.
  package let fitting: [ObjectiveMatch]
  /// Of those, the ones with other gradients elsewhere: these points do not tell them from the first.
  package let indistinct: [ObjectiveMatch]
  /// The nearest objectives first; of those whose residuals are rounding, the simplest.
  package let nearest: [ObjectiveMatch]
  /// The sum of objectives that fits, where no single one does.
  package let blend: ObjectiveBlend?
  /// How many numbers are exactly 0 where those of the objective are not; 0 if all numbers were used.
  package let clampedCount: Int
  /// In how many points these are.
  package let clampedPoints: Int
  /// What fits at most points, but not at `outlierPoints`, where nothing fits at all; as of a clamped ratio.
  package let partialMatch: ObjectiveMatch?
  /// The points, from 0, at which `partialMatch` does not fit.
  package let outlierPoints: [Int]
  /// Objectives that were not tried, for there are too many tokens.
  package let leftOut: [String]

  /// Identifies the objective.
  ///
  /// - Parameters:
  ///   - points: the points and gradients.
  ///   - tolerance: the largest residual of what is named.
  package init(_ points: GradientPoints, tolerance: Double) {
    self.init(points, tolerance: tolerance, by: ObjectiveIdentifier(at: points))
  }

  /// The same, with what was worked out for these points before.
  package init(
    _ points: GradientPoints, tolerance: Double, by identifier: ObjectiveIdentifier
  ) {
    (self.points, self.tolerance) = (points, tolerance)
    leftOut = identifier.leftOut
    var matches = identifier.matches(points, tolerance: tolerance)
    let all = GradientTarget(points, at: Array(points.states.indices))
    blend = matches.fitting.isEmpty ? BlendSearch.best(all, tolerance: tolerance) : nil
    var clamped: [Int] = []
    if matches.fitting.isEmpty, blend == nil, Self.isMaskable(points) {
      let masked = identifier.matches(points, tolerance: tolerance, skippingZeros: true)
      if let first = masked.fitting.first {
        matches = masked
        clamped = Self.clamped(points, first.recipe)
      }
    }
    if matches.fitting.isEmpty, blend == nil {
      matches = matches.adding(
        identifier.slowMatches(points, tolerance: tolerance), tolerance: tolerance)
    }
    var outliers: [Int] = []
    if matches.fitting.isEmpty, blend == nil,
      let partial = identifier.partialMatches(points, tolerance: tolerance)
    {
      (partialMatch, outliers) = (partial.fitting.first, partial.outliers)
    } else {
      partialMatch = nil
    }
    outlierPoints = outliers.map { points.indices[$0] }
    clampedCount = clamped.reduce(0, +)
    clampedPoints = clamped.filter { $0 > 0 }.count
    let elsewhere =
      matches.fitting.first.map { first in
        Self.differing(
          matches.fitting.dropFirst(), first, points, by: max(1e-6, min(100 * tolerance, 1e-3)))
      } ?? []
    indistinct = elsewhere
    fitting = matches.fitting.filter { match in
      !elsewhere.contains { $0.specification == match.specification }
    }
    nearest = matches.nearest
  }

  /// What fits in the plainest words of the catalog; nil if no single objective does.
  package var match: ObjectiveMatch? { fitting.first }

  /// What the factor of a match can come from; empty for a plain number.
  ///
  /// The factor is as well known as the match fits, and 2% at most are let pass.
  package func factorNames(of match: ObjectiveMatch) -> [FactorName] {
    FactorName.names(
      of: match.fit.factor, vocabulary: points.vocabularySize, points: points.count,
      temperature: match.temperature,
      tolerance: max(1e-9, min(4 * min(match.fit.residual, tolerance), 0.02)))
  }

  /// How an objective that was expected compares with the gradients.
  ///
  /// - Parameter expected: the objective, all its numbers given.
  /// - Returns: nil if it does not exist at the points.
  package func comparison(
    with expected: Chosen<ObjectiveRecipe>
  ) -> ObjectiveMatch? {
    ObjectiveMatch(expected, GradientTarget(points, at: Array(points.states.indices)))
  }

  /// What fits as an expected objective does and has other gradients elsewhere: the gradients do not decide.
  ///
  /// - Parameters:
  ///   - expected: an objective that fits.
  ///   - swapped: the objective with teacher and student exchanged, if there is one.
  /// - Returns: `swapped`, and of means of draws also what was found.
  package func rivals(of expected: ObjectiveMatch, swapped: ObjectiveMatch?) -> [ObjectiveMatch] {
    let others =
      [swapped].compactMap { $0 }.filter { $0.fit.residual <= tolerance }
      + (points.samplingError > 0 ? fitting + indistinct : [])
    // Numbers that are fitted in noise differ by as much as the noise.
    return Self.differing(others, expected, points, by: max(1e-3, min(4 * tolerance, 0.2)))
  }

  /// Whether there are numbers that are exactly 0, and enough others to tell objectives by.
  private static func isMaskable(_ points: GradientPoints) -> Bool {
    let zeros = points.gradients.reduce(0) { $0 + $1.filter { $0 == 0 }.count }
    let count = points.gradients.reduce(0) { $0 + $1.count }
    return zeros > 0 && count - zeros >= 24
  }

  /// The number of tokens of each point that have a gradient in the objective alone.
  private static func clamped(_ points: GradientPoints, _ recipe: ObjectiveRecipe) -> [Int] {
    zip(points.states, points.gradients).map { state, gradient in
      zip(recipe.evaluate(at: state).gradient, gradient).filter { $0 != 0 && $1 == 0 }.count
    }
  }

  /// The matches whose gradients at other points differ from those of the first by more than a bound.
  private static func differing(
    _ matches: some Sequence<ObjectiveMatch>, _ first: ObjectiveMatch, _ points: GradientPoints,
    by bound: Double
  ) -> [ObjectiveMatch] {
    let size = points.vocabularySize ?? points.states[0].teacher.size
    let query = QueryPoints(count: 8, size: size, kinds: PointKind.standard, seed: 1)
    guard
      let other = try? query.asked({ first.recipe.evaluate(at: $0).gradient })
    else { return [] }
    let target = GradientTarget(other, at: Array(other.states.indices))
    return matches.filter { match in
      let fit = match.recipe.gradients(at: other.states).flatMap(target.fit)
      return !((fit?.residual ?? 1) <= bound)
    }
  }
}
