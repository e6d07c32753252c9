// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The mean of `|q − p|/p` over the tokens of the head, and over those of the tail.
///
/// It is `|exp(log q − log p) − 1|` where p is below 2.2e-308 or has underflowed, and infinite where the
/// teacher gives a token no mass, because the student always does, and where `q/p` overflows.
package struct RelativeErrorMetric: Metric {
  package static let name = "relative-error"
  package static let summary = "mean |q - p|/p on head and on tail"
  package static let formula = "1/n Σ |q - p|/p over the n tokens of the head, of the tail"
  package static let vectorCount = 4
  package static let columns = [
    Column(
      "head_relative_error", .number,
      "mean |q - p|/p over the head's tokens; inf if p is 0 for one of them"),
    Column(
      "tail_relative_error", .number,
      "mean |q - p|/p over the tail's tokens; inf if p is 0 for one; empty if there is no tail"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let errors = Self.errors(at: moment.state)
    return moment.means { errors[$0] }
  }

  /// `|q − p|/p` by rank.
  private static func errors(at state: FitState) -> [Double] {
    let teacher = state.teacher
    let (p, q) = (teacher.probabilities, state.probabilities)
    let (logP, logQ) = (teacher.logProbabilities, state.logProbabilities)
    // A subnormal p has lost digits that its logarithm still has. These logarithms are below −708, so
    // their rounding outweighs the digits lost in exp(x) − 1.
    let normal = p.prefixCount { $0 >= .leastNormalMagnitude }
    let ratios = state.kernels.exponentials((normal..<p.count).map { logQ[$0] - logP[$0] })
    return (0..<normal).map { abs(q[$0] - p[$0]) / p[$0] }
      + zip(normal..<p.count, ratios).map { rank, ratio in
        // −∞ − (−∞): the student has mass where the teacher has none.
        logP[rank] == -.infinity && !logQ[rank].isNaN ? .infinity : abs(ratio - 1)
      }
  }
}
