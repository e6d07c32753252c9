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

  /// The table, header included.
  ///
  /// - Parameters:
  ///   - gradient: the gradient by rank.
  ///   - state: the teacher and the student at which it was computed.
  ///   - format: the format of the text.
  /// - Returns: the text.
  package static func table(
    _ gradient: [Double], at state: FitState, format: RowFormat = .csv
  ) -> [UInt8] {
    let teacher = state.teacher
    let values = [teacher.probabilities, state.logits, state.probabilities, gradient].map {
      teacher.byToken($0)
    }
    return format.table(
      columns,
      rows: values[0].indices.map { token in
        [Value(token)] + values.map { .number($0[token]) }
      })
  }
}
