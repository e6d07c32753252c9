// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles

/// What a sweep will take, from a few of its runs.
package struct SweepEstimate: Sendable {
  /// The number of rows of all tables.
  package private(set) var rows = 0.0
  /// Their size in bytes, not packed.
  package private(set) var bytes = 0.0
  /// The time on one thread, in seconds.
  package private(set) var seconds = 0.0

  /// So many setups are tried.
  private static var sampleCount: Int { 6 }
  /// Each with so much work at most, but with one seed at least; see `RunSize.work`.
  private static var sampleWork: Double { 2e8 }

  /// Runs some seeds of some setups.
  ///
  /// - Parameters:
  ///   - plan: the sweep.
  ///   - format: the format of rows.
  /// - Throws: an error of a run.
  package init<Kind: DividedStudy>(
    _ plan: SweepPlan<Kind>, format: RowFormat
  ) async throws {
    let sizes = plan.sizes
    let seeds = try plan.study.study.seedRange
    let tables = try plan.study.tables(format)
    let count = min(sizes.count, Self.sampleCount)
    for sample in 0..<count {
      // Each stands for its share of the setups.
      let share = sizes.count * sample / count..<sizes.count * (sample + 1) / count
      let (setup, size) = sizes[share.lowerBound + share.count / 2]
      let own = seeds.prefix(max(1, Int(min(64, Self.sampleWork / max(size.work, 1)))))
      let start = ContinuousClock.now
      var growing = tables
      var texts: [[UInt8]] = []
      try await StudyRunner(jobs: 1).run(
        try plan.study.part([setup], seeds: own), digest: tables.digest
      ) { texts += growing.rows(adding: $0) }
      texts += growing.lastRows()
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let work = sizes[share].reduce(0) { $0 + $1.size.work }
      let ofSeeds = Double(seeds.count) / Double(own.count)
      self.seconds += seconds * ofSeeds * work / size.work
      // Statistics over seeds have as many rows whatever the number of seeds.
      let ofRows = Double(share.count) * (plan.study.study.isAggregated ? 1 : ofSeeds)
      let newline = UInt8(ascii: "\n")
      let lines = Double(texts.reduce(0) { $0 + $1.count { $0 == newline } })
      rows += ofRows * lines
      bytes += ofRows * Double(texts.reduce(0) { $0 + $1.count })
    }
  }
}
