// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The error on head or tail, by the first head rule that was measured, or both.
enum ErrorPart: String, Sendable, CaseIterable {
  case head, tail, total

  static let column = Column(key: "error", .text, "head, tail or total")

  private func error(_ record: EpochRecord) -> Double {
    switch self {
    case .head: record.heads[0].head
    case .tail: record.heads[0].tail
    case .total: record.totalError
    }
  }

  /// Whether the first record has the smaller error.
  func smaller(_ first: EpochRecord, than second: EpochRecord) -> Outcome {
    .smaller(error(first), than: error(second))
  }
}
