// SPDX-License-Identifier: GPL-3.0-or-later

/// The shares of the gradient in the logits that lie on the head and on the tail.
///
///     share = Σ_part |g| / Σ |g|,   g = ∂L/∂z, or the stated formula where gradients are stopped
///
/// In 0…1, 0 for an empty tail. There is no share if g is 0 throughout or not finite.
package struct GradientShareMetric: Metric {
  package static let name = "gradient-share"
  package static let summary = "share of the objective's gradient in the logits on head and on tail"
  package static let formula = "Σ_part |g| / Σ |g|,  g = dL/dz,  part: the head, the tail"
  package static let vectorCount = 2
  package static let columns = [
    Column(
      "head_gradient_share", .number, better: nil,
      "Σ |g| over the head, over Σ |g|, g = dL/dz; empty if g is 0 or not finite"),
    Column(
      "tail_gradient_share", .number, better: nil,
      "Σ |g| over the tail, over Σ |g|, g = dL/dz; empty if g is 0 or not finite"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let gradient = moment.logitGradient
    // In units of the largest, so that no sum overflows.
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    guard largest > 0, gradient.allSatisfy(\.isFinite) else { return [nil, nil] }
    // Not 1 minus the other share: that of a tail may be far below the rounding of 1.
    let sums = moment.parts.map { gradient[$0].reduce(0) { $0 + abs($1) / largest } }
    return sums.map { $0 / (sums[0] + sums[1]) }
  }
}
