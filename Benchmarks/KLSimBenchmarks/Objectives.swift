// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import KLSimCore
internal import KLSimStudies

/// An epoch of every objective of the catalog, with Adam and the standard metrics.
func objectiveBenchmarks() {
  let epochs = 20
  // What must be said where there is no default; sinkhorn would take V² time.
  let required = ["csiszar": "f=modified-gan", "hinton": "target=0", "topk-kl": "k=100"]
  let names = Catalog.objectives.map { $0.name }.filter { $0 != "sinkhorn" }
  for objective in names.map({ name in required[name].map { "\(name):\($0)" } ?? name }) {
    Benchmark("epoch of \(objective), V=32000") { benchmark in
      let setup = try setup(teacher: "zipf:size=32000", objective: objective, epochs: epochs)
      let teacher = try setup.teacher.component.distribution(seed: 1)
      let measurement = Measurement(heads: [try Catalog.head("mass=0.5")])
      let batch = try FitBatch(setup, teacher: teacher, seeds: [1])
      try benchmark.measure(elements: epochs * teacher.size) {
        blackHole(try batch.run(measurement))
      }
    }
  }
}

/// A setup as the command would make it: Adam at 0.2 from torch-uniform starts.
func setup(teacher: String, objective: String, epochs: Int) throws -> Setup {
  try Study(["teacher": [teacher], "objective": [objective]], epochs: epochs, seeds: 1..<2)
    .setups()[0]
}
