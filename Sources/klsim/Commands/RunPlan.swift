// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies

/// The validated options of `run`.
struct RunPlan: Sendable {
  let grid: Grid
  let measurement: Measurement
  let records: RecordRows
  let aggregates: Aggregator
  let snapshots: SnapshotRows
  let contexts: ContextRows
  let heads: [String]
  let jobs: Int
  let kernels: VectorKernels

  /// Validates the options.
  ///
  /// - Throws: `UsageError`, `SpecificationError`, or the error of a file that an option names.
  init(_ options: RunCommand) throws {
    let recorded = try Self.epochs(options.record, option: "record", of: options.grid)
    let snapped = try options.snapshots.map {
      try Self.epochs($0, option: "snapshots", of: options.grid)
    }
    guard (snapped == nil) == (options.snapshotOutput == nil) else {
      throw UsageError(
        description: "--snapshots EPOCHS and --snapshot-output FILE go together; give both")
    }
    jobs = try Self.jobs(options.jobs)
    kernels = try .chosen()
    let rules = options.head.isEmpty ? ["mass=0.5"] : try splitSpecifications(options.head)
    let chosenHeads = try choices(rules, of: "head", make: Catalog.head)
    heads = chosenHeads.map(\.specification)
    let metrics = try Self.metrics(options.metric)
    let isCompared = !options.quiet
    measurement = Measurement(
      heads: chosenHeads, metrics: Catalog.inOrder(metrics.map(\.component)),
      epochs: {
        recorded.contains($0, last: $1) || isCompared && Comparison.needs($0, last: $1)
      },
      snapshots: { snapped?.contains($0, last: $1) ?? false })
    grid = try options.grid.grid(kernels: kernels)
    let trailing = TrailingColumns(of: try grid.setups)
    guard options.contexts == nil || trailing.tellsContexts else {
      throw UsageError(
        description: "--contexts chooses among the rows of a teacher of several contexts, and there"
          + " is none; see 'klsim list teachers'")
    }
    contexts = options.contexts ?? .both
    let format = try options.format.format(of: options.output)
    records = RecordRows(measurement, recorded: recorded, trailing: trailing, format: format)
    aggregates = Aggregator(measurement, recorded: recorded, trailing: trailing, format: format)
    snapshots = SnapshotRows(
      trailing: trailing, format: try options.format.format(of: options.snapshotOutput))
  }

  /// The chosen metrics; a metric cannot be chosen twice with different parameters.
  private static func metrics(_ texts: [String]) throws -> [Chosen<any Metric>] {
    let metrics = try choices(splitSpecifications(texts), of: "metric", make: Catalog.metric)
    for (place, metric) in metrics.enumerated() {
      let name = type(of: metric.component).name
      if let other = metrics[..<place].first(where: { type(of: $0.component).name == name }) {
        throw UsageError(
          description: "--metric: \(other.specification) and \(metric.specification) fill the same"
            + " columns; ask for one of them")
      }
    }
    return metrics
  }

  /// The number of parallel jobs: as given, or one per processor.
  static func jobs(_ asked: Int?) throws(UsageError) -> Int {
    let jobs = asked ?? Terminal.processorCount
    guard jobs >= 1 else {
      throw UsageError(description: "--jobs \(jobs): a number of at least 1 is needed")
    }
    return jobs
  }

  private static func epochs(
    _ text: String, option: String, of grid: GridOptions
  ) throws -> EpochSelection {
    let selection = try EpochSelection(parsing: text)
    if let largest = selection.largest, largest > grid.epochs {
      throw UsageError(
        description: "--\(option) asks for epoch \(largest), but --epochs is \(grid.epochs)")
    }
    return selection
  }

  /// The results of a batch of runs that are kept.
  struct Digest: Sendable {
    let setup: Setup
    let trajectories: [Trajectory]
    let records: [UInt8]
    let snapshots: [UInt8]

    var runCount: Int { trajectories.count }
  }

  /// The trajectories that become rows, means over contexts excepted.
  func shown(_ trajectories: [Trajectory]) -> [Trajectory] {
    trajectories.filter { contexts != .mean || $0.context == .only }
  }

  /// Renders a batch of runs; its records only if `isRendering`.
  func digest(
    _ trajectories: [Trajectory], of setup: Setup, rendering isRendering: Bool
  ) -> Digest {
    Digest(
      setup: setup, trajectories: trajectories,
      records: isRendering ? records.rows(shown(trajectories), of: setup) : [],
      snapshots: snapshots.rows(trajectories, of: setup))
  }
}
