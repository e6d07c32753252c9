// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// A gradient: one row per token.
package enum GradientRows {
  /// The columns, in order.
  package static let columns = [
    Column(key: "token", .integer, "token index, from 0"),
    Column("p", .number, "teacher probability"),
    Column("z", .number, "student logit"),
    Column("q", .number, "student probability"),
    Column("gradient", .number, "derivative of the loss in z"),
  ]

  /// The values of those columns.
  ///
  /// - Parameters:
  ///   - gradient: the gradient by rank.
  ///   - state: the teacher and the student at which it was computed.
  /// - Returns: a row a token.
  package static func rows(_ gradient: [Double], at state: FitState) -> [[Value]] {
    let teacher = state.teacher
    let values = [teacher.probabilities, state.logits, state.probabilities, gradient].map {
      teacher.byToken($0)
    }
    return values[0].indices.map { token in
      [Value(token)] + values.map { .number($0[token]) }
    }
  }
}
