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
    let ranked = grids.compactMap { grid -> (form: ObjectiveForm, starts: [[Double]], least: Double)? in
      let starts = grid.starts.compactMap { start in
        probe.fit(start.gradients).map { (values: start.values, residual: $0.residual) }
      }.sorted { $0.residual < $1.residual }
      guard let best = starts.first else { return nil }
      let count = grid.form.free.count > 1 ? 3 : 2
      return (grid.form, starts.prefix(count).map(\.values), best.residual)
    }.sorted { $0.least < $1.least }
    for start in stride(from: 0, to: ranked.count, by: Self.batch) {
      let matches = ranked[start..<min(start + Self.batch, ranked.count)].compactMap {
        match($0.form, $0.starts)
      }
      let isFitting = found.contains(where: isNear)
      found += matches
      if !inBatches || isFitting && !matches.contains(where: isNear) { break }
    }
  }

  private func isNear(_ match: ObjectiveMatch) -> Bool { match.fit.residual <= tolerance }

  private func match(_ form: ObjectiveForm, _ starts: [[Double]]) -> ObjectiveMatch? {
    let full = FormSearch(form: form, target: whole)
    func match(_ values: [Double]) -> ObjectiveMatch? {
      form.recipe(values).flatMap { ObjectiveMatch($0, whole) }
    }
    if form.free.isEmpty { return match([]) }
    if full.residual(starts[0]) <= exact { return match(full.simplified(starts[0])) }
    let search = FormSearch(form: form, target: probe)
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
  var matches: ObjectiveMatches {
    func first(_ matches: [ObjectiveMatch]) -> [ObjectiveMatch] {
      var names: Set<String> = []
      return matches.filter { names.insert($0.name).inserted }
    }
    let names = Catalog.objectives.names
    func place(_ match: ObjectiveMatch) -> Int { names.firstIndex(of: match.name) ?? names.count }
    let fitting = found.filter(isNear).sorted {
      ($0.complexity, place($0), $0.fit.residual) < ($1.complexity, place($1), $1.fit.residual)
    }
    return ObjectiveMatches(
      fitting: first(fitting), nearest: first(found.sorted { $0.fit.residual < $1.fit.residual }))
  }
}
