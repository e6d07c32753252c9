// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Minibatch fits of a log-bilinear student against PyTorch's, with the batches in klsim's order.
@Suite struct MinibatchTorchTests {
  @Test func trajectoriesAgree() throws {
    let fixture = try Fixture("minibatches", in: .module)
    var rows: [[String]: [Fixture.Row]] = [:]
    let axes = ["objective", "optimizer", "learning_rate", "batch", "accumulate", "clip"]
    for row in fixture.rows { rows[axes.map(row.text), default: []].append(row) }
    #expect(rows.count == 4)
    for (keys, rows) in rows {
      let choices = Dictionary(
        uniqueKeysWithValues: zip(axes.map { $0.replacingOccurrences(of: "_", with: "-") }, keys))
      let setup = try LetterText.setup(
        choices.merging(["student": "log-bilinear:rank=3"]) { $1 }, epochs: 200)
      let size = 9
      // E₁, E₂ and Wᵀ, then b.
      let start = (0..<3 * size * 3 + size).map {
        $0 < 3 * size * 3 ? 0.3 * sin(Double(1 + $0)) : 0
      }
      let updates = Set(rows.map { $0.integer("update") })
      #expect(updates.contains(200))
      let trajectories = try FitBatch(setup, seeds: [3], start: start).run(
        Measurement(heads: [], epochs: { update, _ in updates.contains(update) }))
      var worst = 0.0
      for row in rows {
        let record = try #require(
          trajectories[row.integer("context")][epoch: row.integer("update")])
        worst = max(
          worst,
          worstGap(
            [record.forwardKL, record.reverseKL, record.totalVariation],
            ["fkl", "rkl", "tvd"].map(row.number)))
      }
      #expect(worst <= 1e-10, "\(keys)")
    }
  }
}
