// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The error on head or tail, or both.
enum ErrorPart: String, Sendable, CaseIterable {
  case head, tail, total

  static let column = Column(key: "error", .text, "head, tail or total")

  private func error(_ record: EpochRecord, cut: Int) -> Double {
    switch self {
    case .head: record.heads[cut].head
    case .tail: record.heads[cut].tail
    case .total: record.totalError
    }
  }

  /// Whether the first record has the smaller error, by one of the head rules that were measured.
  func smaller(_ first: EpochRecord, than second: EpochRecord, cut: Int = 0) -> Outcome {
    .smaller(error(first, cut: cut), than: error(second, cut: cut))
  }
}
