// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether teacher and student agree on the most probable token; ties go to the lower token index.
package struct TopTokenMetric: Metric {
  package static let name = "top1"
  package static let summary = "whether the student's most probable token is the teacher's"
  package static let columns = [
    Column(
      "top1", .integer, better: .higher,
      "1 if the student's argmax is the teacher's, else 0; empty if a logit is not a number")
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    guard !state.logits.contains(where: \.isNaN) else { return [nil] }
    let tokens = state.teacher.tokens
    let best = state.logits.indices.max {
      (state.logits[$0], tokens[$1]) < (state.logits[$1], tokens[$0])
    }
    return [best == 0 ? 1 : 0]
  }
}
