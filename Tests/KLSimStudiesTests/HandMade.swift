// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics

@testable import KLSimCore
@testable import KLSimStudies

/// Evidence whose counts are given.
func evidence(
  _ cell: [String] = [], condition: Condition = Condition(), hits: Int, of seeds: Int = 100
) throws -> Evidence {
  let (tally, share) = try tally(hits: hits, of: seeds)
  return try Evidence(tally, share: share, condition: condition, cell: cell)
}

/// The outcomes of seeds whose counts are given, and their share.
func tally(hits: Int, of seeds: Int) throws -> (Tally, ConfidenceInterval) {
  var tally = Tally()
  for seed in 0..<seeds { tally.add(Outcome(seed < hits, quantity: Double(seed))) }
  return (tally, try .share(hits: hits, of: seeds))
}

/// A claim made of any trials.
struct HandMadeClaim: Claim {
  static let name = "hand-made"
  static let statement = "What the test says."
  static let source = "the test"
  static let cellColumns = [Column("cell", .text, "any")]
  static let quantity = "anything"

  private let makeTrials: @Sendable () throws -> [Trial]

  init(_ trials: @escaping @Sendable () throws -> [Trial]) {
    makeTrials = trials
  }

  init() {
    self.init { [] }
  }

  func trials() throws -> [Trial] { try makeTrials() }

  func boundaries(_ evidence: [Evidence]) -> [String] {
    [Words.exceptions(in: evidence) { $0.cell[0] }]
  }
}
