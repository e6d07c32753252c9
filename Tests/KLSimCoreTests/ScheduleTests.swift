// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Learning rates that change from update to update.
@Suite struct ScheduleTests {
  private struct Row {
    let schedule: String
    let epochs: Int
    let epoch: Int
    let factor: Double
  }

  /// What `Fixtures/make_schedules.py` has recorded of PyTorch.
  private static func rows() throws -> [Row] {
    let url = try #require(
      Bundle.module.url(forResource: "schedules", withExtension: "csv", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst().map {
      let fields = $0.split(separator: ",").map(String.init)
      return Row(
        schedule: fields[0], epochs: try #require(Int(fields[1])),
        epoch: try #require(Int(fields[2])), factor: try #require(Double(fields[3])))
    }
  }

  @Test func factorsAreThoseOfPyTorch() throws {
    let rows = try Self.rows()
    #expect(Set(rows.map { $0.schedule.prefix { $0 != ":" } }).count == Catalog.schedules.count)
    for row in rows {
      let schedule = try Catalog.schedule(row.schedule).component
      let factor = schedule.factor(epoch: row.epoch, of: row.epochs)
      #expect(abs(factor - row.factor) <= 1e-12, "\(row.schedule) at \(row.epoch)")
    }
  }

  @Test(arguments: Catalog.schedules.map { $0.name })
  func factorsAreFiniteAndNotNegative(name: String) throws {
    let required = ["warmup": ":epochs=3", "step": ":every=4"][name] ?? ""
    let warmups = name == "warmup" ? [""] : ["", ":warmup=1", ":warmup=5", ":warmup=1000"]
    for warmup in warmups {
      let schedule = try Catalog.schedule(name + required + warmup).component
      for count in [1, 2, 7, 200] {
        for epoch in 0..<count {
          let factor = schedule.factor(epoch: epoch, of: count)
          #expect(factor.isFinite && factor >= 0 && factor <= 1, "\(name)\(warmup), \(epoch)")
        }
      }
    }
  }

  /// A step of plain gradient descent is the scheduled rate times the gradient: two epochs under a schedule
  /// are two epochs by hand.
  @Test(arguments: ["linear", "cosine:warmup=2", "step:every=1:gamma=0.5"])
  func stepsTakeTheScheduledRate(text: String) throws {
    let setup = try Setup(
      teacher: "zipf:size=5", objective: "rkl", optimizer: "sgd", schedule: text, epochs: 3)
    let measurement = Measurement(heads: [], snapshots: { _, _ in true })
    let run = try setup.trajectory(seed: 3, measurement)
    let schedule = try Catalog.schedule(text).component
    let objective = try Catalog.objective("rkl").component
    var logits = run.snapshots[0].logProbabilities
    for epoch in 0..<3 {
      let gradient = objective.evaluate(at: FitState(teacher: run.teacher, logits: logits)).gradient
      let rate = 0.2 * schedule.factor(epoch: epoch, of: 3)
      logits = zip(logits, gradient).map { $0 - rate * $1 }
      let state = FitState(teacher: run.teacher, logits: logits)
      #expect(
        worstGap(state.probabilities, run.snapshots[epoch + 1].probabilities) <= 1e-15)
    }
  }
}
