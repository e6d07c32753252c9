// SPDX-License-Identifier: GPL-3.0-or-later

/// Fits the numbers of forms to gradients, the nearest first.
struct MatchSearch {
  private let probe: GradientTarget
  private let whole: GradientTarget
  private let tolerance: Double
  private var found: [ObjectiveMatch] = []

  /// So many forms are fitted at a time, until none of them fits but one before did.
  private static let batch = 40
  /// A start that is as near is taken as it is.
  private var exact: Double { min(tolerance, 1e-5) }

  /// - Parameters:
  ///   - probe: the points at which numbers are sought.
  ///   - whole: all points.
  ///   - tolerance: the largest residual of what fits.
  init(probe: GradientTarget, whole: GradientTarget, tolerance: Double) {
    (self.probe, self.whole, self.tolerance) = (probe, whole, tolerance)
  }

  /// Fits forms.
  ///
  /// - Parameters:
  ///   - grids: the forms with their starts.
  ///   - inBatches: whether all are fitted if none fits; else only the nearest.
  mutating func fit(_ grids: [FormGrid], inBatches: Bool = true) {
    let ranked = grids.compactMap {
      grid -> (form: ObjectiveForm, starts: [[Double]], least: Double)? in
      let starts = grid.starts.compactMap { start in
        probe.fit(start.gradients).map { (values: start.values, residual: $0.residual) }
      }.sorted { $0.residual < $1.residual }
      guard let best = starts.first else { return nil }
      let count = grid.form.free.count > 1 ? 3 : 2
      return (grid.form, starts.prefix(count).map(\.values), best.residual)
    }.sorted { $0.least < $1.least }
    for start in stride(from: 0, to: ranked.count, by: Self.batch) {
      let wasFitting = isFitting
      let before = found.count
      for candidate in ranked[start..<min(start + Self.batch, ranked.count)] {
        // What has the same gradients as one that fits is found from a near start, in few steps.
        let starts = isFitting ? Array(candidate.starts.prefix(2)) : candidate.starts
        let iterations = isFitting ? 20 : 60
        if let match = match(candidate.form, starts, iterations) { found.append(match) }
      }
      if !inBatches || wasFitting && !found[before...].contains(where: isNear) { break }
    }
  }

  private var isFitting: Bool { found.contains(where: isNear) }

  private func isNear(_ match: ObjectiveMatch) -> Bool { match.fit.residual <= tolerance }

  private func match(
    _ form: ObjectiveForm, _ starts: [[Double]], _ iterations: Int
  ) -> ObjectiveMatch? {
    let full = FormSearch(form: form, target: whole, iterations: iterations)
    func match(_ values: [Double]) -> ObjectiveMatch? {
      form.recipe(values).flatMap { ObjectiveMatch($0, whole) }
    }
    if form.free.isEmpty { return match([]) }
    if full.residual(starts[0]) <= exact { return match(full.simplified(starts[0])) }
    let search = FormSearch(form: form, target: probe, iterations: iterations)
    var best = (values: starts[0], residual: Double.infinity)
    for start in starts {
      let found = search.best(from: start)
      if found.residual < best.residual { best = found }
      if best.residual < tolerance { break }
    }
    guard best.residual < max(10 * tolerance, 1e-6) else { return match(best.values) }
    let values =
      full.residual(best.values) <= 1e-12
      ? best.values : full.best(from: best.values).values
    return match(full.simplified(values))
  }

  /// What was found.
  var matches: ObjectiveMatches { ObjectiveMatches(found, tolerance: tolerance) }
}
