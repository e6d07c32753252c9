// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore

/// The share of the teacher's k most probable tokens that are among the student's k, in 0…1.
public struct TopOverlap: Metric {
  public static let name = "top-overlap"
  public static let summary =
    "share of the k most probable tokens that teacher and student have in common"
  public static let columns = [
    Column(
      "top_overlap", .number, "share of the teacher's k most probable tokens in the student's k")
  ]

  static let count = Parameter("k", default: 10, .range(1...1_000_000), summary: "number of tokens")
  public static let parameters: [any ParameterDeclaration] = [count]

  private let count: Int

  public init(_ values: Parameters) {
    count = values[Self.count]
  }

  public func values(at moment: Moment) -> [Double?] {
    let q = moment.state.probabilities
    let k = min(count, q.count)
    // Inside a run tokens are in the teacher's rank order: its k most probable are the first.
    let own = q.indices.sorted { (q[$0], $1) > (q[$1], $0) }.prefix(k)
    return [Double(own.count { $0 < k }) / Double(k)]
  }
}
