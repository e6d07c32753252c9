// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimFiles

/// Turns the runs of fits into rows: records or statistics over seeds, and snapshots.
public struct FitTables: Sendable {
  let study: Study
  private let records: RecordRows
  private let snapshots: SnapshotRows
  /// About how many bytes all snapshots take.
  package let snapshotSize: Double
  private var aggregator: Aggregator
  private var means = ContextMeans()

  /// A result with the rows that depend on it alone.
  public struct Digest: Sendable {
    /// The result, without teachers and snapshots.
    public let result: FitStudy.Result
    fileprivate let records: [UInt8]
    fileprivate let snapshots: [UInt8]
  }

  /// The tables of a study.
  ///
  /// - Parameters:
  ///   - fits: the study.
  ///   - others: further studies for the same tables.
  ///   - format: the format of records.
  ///   - snapshotFormat: the format of snapshots.
  /// - Throws: `SpecificationError`, or `StudyError`.
  public init(
    of fits: FitStudy, and others: [FitStudy] = [], format: RowFormat = .csv,
    snapshotFormat: RowFormat = .csv
  ) throws {
    study = fits.study
    let trailing = TrailingColumns(of: ([fits] + others).flatMap(\.setups))
    let recorded = try study.recordedEpochs
    records = RecordRows(fits.measurement, recorded: recorded, trailing: trailing, format: format)
    aggregator = Aggregator(
      fits.measurement, recorded: recorded, trailing: trailing, format: format)
    snapshots = SnapshotRows(
      tokens: try TokenSelection(parsing: study.snapshotTokens), trailing: trailing,
      format: snapshotFormat)
    snapshotSize = try Self.size(of: snapshots, of: [fits] + others)
  }

  private static func size(of rows: SnapshotRows, of studies: [FitStudy]) throws -> Double {
    try studies.reduce(0) { sum, fits in
      let selection = try fits.study.snapshotEpochs
      return sum
        + fits.vocabularies.reduce(0) { sum, item in
          let epochs = selection.count(of: item.setup.length)
          let runs = fits.study.seeds * item.setup.teacher.component.contexts.count
          return sum
            + Double(epochs) * Double(runs)
            * rows.estimatedSize(of: item.setup, vocabulary: item.size)
        }
    }
  }

  /// The columns of records, or of statistics over seeds.
  public var columns: [Column] { study.isAggregated ? aggregator.columns : records.columns }

  /// The header of records, if their format has one.
  public var header: [UInt8] { study.isAggregated ? aggregator.header : records.header }

  /// The columns of snapshots.
  public var snapshotColumns: [Column] { snapshots.columns }

  /// The header of snapshots, if their format has one.
  public var snapshotHeader: [UInt8] { snapshots.header }

  /// Makes the rows that depend on one result alone; may be called from several threads.
  public func digest(_ result: FitStudy.Result) -> Digest {
    Digest(
      result: result.withoutDistributions,
      records: study.isAggregated
        ? [] : records.rows(shown(result.trajectories), of: result.setup),
      snapshots: snapshots.rows(result.trajectories, of: result.setup))
  }

  /// Adds a result; results come in the order of the items.
  ///
  /// - Parameter digest: the result.
  /// - Returns: the rows that are now complete, and the runs to compare: those of single contexts, or the
  ///   means where rows are of means alone.
  public mutating func add(
    _ digest: Digest
  ) -> (records: [UInt8], snapshots: [UInt8], compared: [Trajectory]) {
    let (setup, trajectories) = (digest.result.setup, digest.result.trajectories)
    // Contexts that share parameters are no runs of their own: only their means are compared.
    let isShared = setup.isJoint && setup.student.component is any SharedStudent
    let means =
      study.contexts == .each && !isShared ? [] : self.means.add(trajectories, of: setup)
    let complete = study.contexts == .each ? [] : means
    let shown = shown(trajectories)
    let compared =
      isShared ? means : study.contexts == .mean ? shown + complete : trajectories
    if study.isAggregated {
      return (aggregator.add(shown + complete, of: setup), digest.snapshots, compared)
    }
    // Without means, the usual case, the rows are not copied: they can be large.
    let rows =
      complete.isEmpty ? digest.records : digest.records + records.rows(complete, of: setup)
    return (rows, digest.snapshots, compared)
  }

  /// The remaining records, after the last result.
  public mutating func finish() -> [UInt8] { aggregator.finish() }

  /// The trajectories that become rows, apart from means over contexts.
  private func shown(_ trajectories: [Trajectory]) -> [Trajectory] {
    trajectories.filter { study.contexts != .mean || $0.context == .only }
  }
}

/// Collects trajectories of single contexts into means over contexts, of those trained on and those held
/// out apart.
private struct ContextMeans: Sendable {
  private var means: [UInt64: [Split?: ContextMean]] = [:]

  /// Adds trajectories of one setup.
  ///
  /// - Parameters:
  ///   - trajectories: those of some seeds, and of one context or of all.
  ///   - setup: the setup.
  /// - Returns: the means that are now complete, in the order of their seeds; none for a single context.
  mutating func add(_ trajectories: [Trajectory], of setup: Setup) -> [Trajectory] {
    let contexts = setup.teacher.component.contexts
    var complete: [Trajectory] = []
    for trajectory in trajectories {
      guard case .one(let context) = trajectory.context else { continue }
      means[trajectory.seed, default: [:]][trajectory.split, default: ContextMean(of: contexts)]
        .add(trajectory)
      if context == contexts.count - 1, let parts = means.removeValue(forKey: trajectory.seed) {
        complete += Split.parts.compactMap { parts[$0]?.trajectory }
      }
    }
    return complete
  }
}
