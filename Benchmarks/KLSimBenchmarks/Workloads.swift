// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import Dispatch
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
      var study = Study(["teacher": [teacher]], epochs: epochs, seeds: 1..<seeds + 1)
      study.record = "0,\(epochs)"
      var byteCount = 0
      let clock = ContinuousClock()
      benchmark.startMeasurement()
      let start = clock.now
      let fits = try FitStudy(study)
      var tables = try FitTables(of: fits)
      let rendering = tables
      try await withTaskExecutorPreference(OwnThreads()) {
        try await StudyRunner(jobs: jobs).run(fits, digest: rendering.digest) { digest in
          byteCount += tables.add(digest).records.count
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
