// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A gradient as CSV: one row per token.
public struct GradientCSV: Sendable {
  /// The columns, in order.
  public static let columns = [
    Column("token", .integer, "token index, from 0"),
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
  /// - Returns: the bytes.
  public static func text(_ gradient: [Double], at state: FitState) -> [UInt8] {
    let teacher = state.teacher
    let p = teacher.byToken(teacher.probabilities)
    let z = teacher.byToken(state.logits)
    let q = teacher.byToken(state.probabilities)
    let slopes = teacher.byToken(gradient)
    var buffer = CSVBuffer()
    buffer.append(raw: CSVBuffer.row(columns.map(\.name)))
    buffer.endLine()
    for token in p.indices {
      buffer.append(token)
      for value in [p, z, q, slopes] { buffer.append(value[token]) }
      buffer.endLine()
    }
    return buffer.bytes
  }
}
