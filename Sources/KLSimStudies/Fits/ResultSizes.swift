// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The sizes of results of fits and of what is made of them, in bytes.
struct ResultSizes {
  private let study: Study
  private let measurement: Measurement
  private let recorded: EpochSelection
  private let snapshotEpochs: EpochSelection
  private let records: RecordRows
  private let snapshots: SnapshotRows
  private let tokens: TokenSelection

  init(_ study: Study, _ setups: [Setup], _ measurement: Measurement) throws {
    (self.study, self.measurement) = (study, measurement)
    (recorded, snapshotEpochs) = (try study.recordedEpochs, try study.snapshotEpochs)
    let trailing = TrailingColumns(of: setups)
    records = RecordRows(measurement, recorded: recorded, trailing: trailing)
    tokens = try TokenSelection(parsing: study.snapshotTokens)
    snapshots = SnapshotRows(tokens: tokens, trailing: trailing)
  }

  /// The number of epochs of a run that are recorded.
  func recordCount(of setup: Setup) -> Int { recorded.count(of: setup.length) }

  /// The number of epochs of a run whose q is kept.
  func snapshotCount(of setup: Setup) -> Int { snapshotEpochs.count(of: setup.length) }

  /// The rows of a run's records.
  func recordRows(of setup: Setup) -> Double {
    study.isAggregated ? 0 : Double(recordCount(of: setup)) * records.estimatedSize(of: setup)
  }

  /// The records of a run, and their rows.
  func records(of setup: Setup) -> Double {
    Double(recordCount(of: setup)) * measurement.recordBytes + recordRows(of: setup)
  }

  /// The rows of a run's snapshots.
  func snapshots(of setup: Setup) -> Double {
    let count = snapshotCount(of: setup)
    guard count > 0 else { return 0 }
    return Double(count)
      * snapshots.estimatedSize(of: setup, vocabulary: setup.teacher.component.size)
  }

  /// The result of a run of one context with its rows.
  func run(of setup: Setup) -> Double { records(of: setup) + snapshots(of: setup) }

  /// The result of a run for each of its rows; infinite if it has none.
  func row(of setup: Setup) -> Double {
    let tokens = Double(tokens.count(of: setup.teacher.component.size))
    let rows =
      Double(study.isAggregated ? 0 : recordCount(of: setup) * measurement.heads.count)
      + Double(snapshotCount(of: setup)) * tokens
    return rows > 0 ? run(of: setup) / rows : .infinity
  }

  /// The numbers of all seeds of a setup.
  func statistics(of setup: Setup) -> Double {
    guard study.isAggregated else { return 0 }
    let contexts = setup.teacher.component.contexts.count
    let hasMean = contexts > 1 && study.contexts != .each
    let shown = (study.contexts == .mean && hasMean ? 0 : contexts) + (hasMean ? 1 : 0)
    let values =
      Double(recordCount(of: setup)) * Double(shown)
      * Double(measurement.heads.count * measurement.columns.count)
    return SeedSamples.size(of: values, seeds: study.seeds)
  }
}
