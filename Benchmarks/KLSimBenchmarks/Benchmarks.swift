// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark

/// Everything that is measured, by hot path.
let benchmarks: @Sendable () -> Void = {
  unsafe Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .picosecondsPerElement], warmupIterations: 1, maxDuration: .seconds(2))
  kernelBenchmarks()
  objectiveBenchmarks()
  workloadBenchmarks()
  sequenceBenchmarks()
  writingBenchmarks()
}

extension BenchmarkMetric {
  /// What one element of the work takes: a token, or a token of one run for one epoch.
  static let picosecondsPerElement = custom("Picoseconds per element")
}

extension Benchmark {
  /// Measures work and notes what it takes per element.
  ///
  /// - Parameters:
  ///   - elements: how many elements the work has.
  ///   - work: what is measured.
  func measure(elements: Int, _ work: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    startMeasurement()
    let duration = try clock.measure(work)
    stopMeasurement()
    note(duration, elements: elements)
  }

  /// Notes what each element takes if all of them take so long.
  func note(_ duration: Duration, elements: Int) {
    measurement(
      .picosecondsPerElement, Int(duration / .nanoseconds(1) * 1000 / Double(elements)))
  }
}
