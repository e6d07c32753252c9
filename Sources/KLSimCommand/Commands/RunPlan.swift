// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies

/// The validated options of `run`.
struct RunPlan: Sendable {
  let fits: FitStudy
  let tables: FitTables
  let jobs: Int

  /// Validates the options.
  ///
  /// - Throws: `UsageError`, `StudyError`, `SpecificationError`, or the error of a file that an option
  ///   names.
  init(_ options: RunCommand) throws {
    guard (options.snapshots == nil) == (options.snapshotOutput == nil) else {
      throw UsageError(
        description: "--snapshots EPOCHS and --snapshot-output FILE go together; give both")
    }
    jobs = try Self.jobs(options.jobs)
    var study = try options.study.study
    if !options.head.isEmpty { study.heads = try splitSpecifications(options.head) }
    study.metrics = try splitSpecifications(options.metric)
    study.record = options.record
    study.snapshots = options.snapshots
    study.isAggregated = options.aggregate
    study.contexts = options.contexts
    let isCompared = !options.quiet
    let measurement = try study.measurement { isCompared && Comparison.needs($0, last: $1) }
    let (format, snapshotFormat) = (
      try options.format.format(of: options.output),
      try options.format.format(of: options.snapshotOutput)
    )
    fits = try FitStudy(
      study, measurement: measurement, reader: NumberFile(), kernels: VectorKernels.chosen())
    tables = try FitTables(of: fits, format: format, snapshotFormat: snapshotFormat)
  }

  /// The number of parallel jobs: as given, or one per processor.
  static func jobs(_ asked: Int?) throws(UsageError) -> Int {
    let jobs = asked ?? Terminal.processorCount
    guard jobs >= 1 else {
      throw UsageError(description: "--jobs \(jobs): a number of at least 1 is needed")
    }
    return jobs
  }
}
