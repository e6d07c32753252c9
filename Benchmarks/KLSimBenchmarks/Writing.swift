// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import KLSimCore
internal import KLSimFiles

/// Records of every epoch as CSV; an element is a row.
func writingBenchmarks() {
  Benchmark("CSV rows") { benchmark in
    let setup = try setup(teacher: "longtail", objective: "fkl", epochs: 200)
    let teacher = try setup.teacher.component.distribution(seed: 1)
    let measurement = Measurement(heads: [try Catalog.head("mass=0.5")])
    let trajectories = try FitBatch(setup, teacher: teacher, seeds: Array(1...50)).run(measurement)
    let table = RecordRows(measurement, recorded: .all)
    benchmark.measure(elements: trajectories.count * (setup.epochs + 1)) {
      blackHole(table.rows(trajectories, of: setup))
    }
  }
}
