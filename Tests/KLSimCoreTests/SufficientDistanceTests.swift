// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import Testing

/// Runs of which only the way to some distance from the teacher is needed.
@Suite struct SufficientDistanceTests {
  @Test(arguments: ["fkl", "rkl", "js"], ["adam", "gradient-flow"])
  func aRunEndsAtTheFirstKeptStateThatIsNearEnough(objective: String, optimizer: String) throws {
    let setup = try Setup(
      [
        "teacher": "mixture:size=40:centres=30/70", "student": "gaussian-mixture:spread=0.3",
        "objective": objective, "optimizer": optimizer, "learning-rate": "0.1",
      ], epochs: 150)
    let batch = try FitBatch(setup, seeds: Array(1...4))
    var measurement = Measurement(heads: [], epochs: { update, _ in update.isMultiple(of: 3) })
    let whole = try batch.run(measurement).map(\.records)
    let distances = whole.map { $0[10].totalVariation }
    for distance in distances + [0] {
      measurement.sufficientDistance = distance
      let short = try batch.run(measurement).map(\.records)
      #expect(
        short
          == whole.map { records in
            let end = records.firstIndex { $0.totalVariation <= distance }
            return Array(records.prefix(end.map { $0 + 1 } ?? records.count))
          })
    }
    measurement.sufficientDistance = distances[0]
    #expect(try batch.run(measurement)[0].records.count < whole[0].count)
  }
}
