// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

extension ComparisonTable.Question {
  /// A row of a table for programs.
  ///
  /// - Parameters:
  ///   - contest: the levels.
  ///   - verdict: what their pairs say, nil if nothing.
  /// - Returns: an object.
  func json(of contest: Contest, verdict: Verdict?) -> JSON {
    let medians = contest.entries.map { entry in (entry.level, JSON(entry.median)) }
    let leader = verdict?.entry
    return .object([
      ("metric", .string(measurement)), ("epoch", JSON(epoch)),
      ("better", JSON(better?.rawValue)), ("medians", .object(medians)),
      ("verdict", JSON(verdict?.name)),
      ("leads", JSON(leader.map { contest.entries[$0].level })),
      ("share", JSON(leader.map { contest.leastShare(of: $0) })),
    ])
  }
}

extension Verdict {
  /// The verdict for programs.
  fileprivate var name: String {
    switch self {
    case .leads: "leads"
    case .ahead: "ahead"
    case .tie: "tie"
    case .tooFew: Self.tooFewWords
    }
  }
}
