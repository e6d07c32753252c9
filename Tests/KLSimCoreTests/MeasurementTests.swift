// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimCore

/// How much memory records take, which bounds how many wait for others.
@Suite struct MeasurementTests {
  @Test(
    arguments: [
      (["mass=0.5"], [], 144), (["mass=0.5", "count=2"], [], 176), (["mass=0.5"], ["js"], 264),
      (["mass=0.5", "count=2", "rank=0.1"], ["js", "log-ratio"], 568),
    ] as [([String], [String], Double)])
  func recordsGrowWithCutsAndMetrics(heads: [String], metrics: [String], size: Double) throws {
    let measurement = Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component })
    #expect(measurement.recordBytes == size)
  }
}
