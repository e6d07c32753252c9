// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import Dispatch
internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// Many seeds under FKL and RKL, with records of the first and the last epoch, as the command does.
func workloadBenchmarks() {
  workloadBenchmark("W2", teacher: "longtail", size: 80, epochs: 200, seeds: 2000)
  workloadBenchmark("W3", teacher: "zipf:size=32000", size: 32_000, epochs: 200, seeds: 8)
  workloadBenchmark("W4", teacher: "zipf:size=128256", size: 128_256, epochs: 50, seeds: 8)
}

private func workloadBenchmark(
  _ name: String, teacher: String, size: Int, epochs: Int, seeds: UInt64
) {
  for jobs in [1, 2] {
    Benchmark(
      "\(name), jobs=\(jobs)",
      configuration: .init(
        metrics: [.wallClock, .picosecondsPerElement, .peakMemoryResident], warmupIterations: 1,
        maxDuration: .seconds(5))
    ) { benchmark in
      let grid = try Grid(
        specifications: [TeacherAxis.name: [teacher]], epochs: epochs, seeds: 1..<seeds + 1)
      let recorded = EpochSelection.list([0, epochs])
      let measurement = Measurement(
        heads: [try Catalog.head("mass=0.5")], epochs: { recorded.contains($0, last: $1) })
      let table = RecordRows(measurement, recorded: recorded)
      var byteCount = 0
      let clock = ContinuousClock()
      benchmark.startMeasurement()
      let start = clock.now
      let runner = try GridRunner(grid, measurement, jobs: jobs)
      try await withTaskExecutorPreference(OwnThreads()) {
        try await runner.run { setup, trajectories in
          table.rows(trajectories, of: setup)
        } consume: { rows in
          byteCount += rows.count
        }
      }
      let duration = start.duration(to: clock.now)
      benchmark.stopMeasurement()
      benchmark.note(duration, elements: 2 * Int(seeds) * size * epochs)
      blackHole(byteCount)
    }
  }
}

/// Runs tasks on threads of its own: the harness waits in one of those that tasks run on by default,
/// which on two processors would leave one.
private final class OwnThreads: TaskExecutor {
  private let queue = DispatchQueue(label: "jobs", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
