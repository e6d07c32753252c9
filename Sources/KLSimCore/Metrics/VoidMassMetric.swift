// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The student's mass outside the teacher's nucleus, the teacher's void region.
///
///     void_mass = Σ q over the ranks from k on,   k the least with p₀ + … + p_{k−1} ≥ m
///
/// The nucleus is the smallest set of most probable tokens whose teacher mass reaches m, or all that
/// have mass where the rounded sum stays below m. In 0…1; it does not depend on the cut.
package struct VoidMassMetric: Metric {
  package static let name = "void-mass"
  package static let summary = "the student's mass outside the teacher's nucleus"
  package static let formula =
    "Σ q over the ranks from k on,  k the least with p_0 + … + p_(k-1) ≥ mass"
  package static let reference = "Gu et al., arXiv 2306.08543 (MiniLLM): the teacher's void regions"
  package static let columns = [
    Column(
      "void_mass", .number,
      "q summed over the tokens outside the smallest set whose teacher mass reaches the metric's"
        + " mass")
  ]

  static let mass = Parameter(
    "mass", default: 0.95, .share, summary: "teacher mass m of the nucleus")
  package static let parameters: [any ParameterDeclaration] = [mass]

  /// The teacher mass of the nucleus, above 0 and at most 1.
  package let mass: Double

  package init(_ values: Parameters) { mass = values[Self.mass] }

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    let cumulative = state.teacher.cumulative
    let reached = min(mass, cumulative[cumulative.count - 1])
    let nucleus = cumulative.prefixCount { $0 < reached } + 1
    return [state.kernels.total(of: state.probabilities, over: nucleus..<cumulative.count)]
  }
}
