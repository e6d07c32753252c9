// SPDX-License-Identifier: GPL-3.0-or-later

/// The concentration of the student: `max q`, and the size of the smallest set that holds 90 % of q.
package struct NucleusMetric: Metric {
  package static let name = "nucleus"
  package static let summary = "largest q, and number of tokens that hold 90 % of q"
  package static let reference = "Holtzman et al., arXiv 1904.09751 (nucleus)"
  package static let vectorCount = 1
  package static let columns = [
    Column("max_q", .number, better: nil, "the student's largest probability"),
    Column(
      "nucleus", .integer, better: nil,
      "number of tokens, the student's most probable first, whose q sums to at least 0.9;"
        + " empty if a logit is not a number"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    guard !state.probabilities.contains(where: \.isNaN) else { return [nil, nil] }
    let sorted = state.probabilities.sorted(by: >)
    var mass = 0.0
    let count = sorted.firstIndex { q in
      mass += q
      return mass >= 0.9
    }
    return [sorted[0], Double((count ?? sorted.count - 1) + 1)]
  }
}
