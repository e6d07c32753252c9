// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

extension FitStudy {
  /// About how much memory fits of some setups take; nothing is made to find it out.
  ///
  /// - Parameters:
  ///   - study: the study in words.
  ///   - setups: its setups.
  ///   - measurement: what is measured.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: the memory.
  /// - Throws: `StudyError`, or `SpecificationError`.
  static func memory(
    of study: Study, _ setups: [Setup], _ measurement: Measurement, _ kernels: VectorKernels
  ) throws -> MemoryNeed {
    let (recorded, snapshots) = (try study.recordedEpochs, try study.snapshotEpochs)
    let texts = try TextSizes(study, setups, measurement)
    var (need, waiting) = (MemoryNeed(), 0.0)
    for (_, own) in setups.grouped(by: \.teacher.specification) {
      let teacher = own[0].teacher.component
      // Made once for all seeds and setups; others are kept for as many items as setups take turns at.
      let isKept = !teacher.isRandom && (teacher.contexts.count == 1 || own[0].isJoint)
      var (teachers, results, items) = (0.0, 0.0, 0)
      for setup in own {
        let plan = SetupPlan(setup, vocabularySize: teacher.size, seedCount: study.seeds)
        let records = recorded.count(of: setup.length)
        let (contexts, seeds) = (plan.contextGroups[0].count, min(plan.batchSize, study.seeds))
        let fit = FitMemory(
          of: setup, contexts: contexts, seeds: seeds, measurement, records: records,
          snapshots: snapshots.count(of: setup.length), kernels: kernels)
        let result =
          fit.records
          + Double(seeds * contexts)
          * texts.bytes(of: setup, records: records, snapshots: snapshots.count(of: setup.length))
        // A job's own result, and two that wait for those before them.
        need.item = max(
          need.item,
          max(fit.preparation, fit.fit + fit.snapshots + (isKept ? 0 : fit.teachers)) + 3 * result)
        teachers = max(teachers, fit.teachers)
        need.chunk = max(need.chunk, fit.teachers)
        results += result * Double(plan.itemCount)
        need.itemCount += plan.itemCount
        items = max(items, plan.itemCount)
        need.statistics = max(need.statistics, texts.statistics(of: setup, records: records))
        need.shared += Comparison.size(
          ofRuns: Double(study.seeds) * Double(teacher.contexts.count), measurement)
      }
      if isKept { need.shared += teachers }
      // The results of later setups wait for the first one's; the teachers of one item are counted with it.
      if own.count > 1 {
        waiting = max(
          waiting,
          min(results, SetupBlock.maximumLead * measurement.recordBytes)
            + (isKept
              ? 0
              : Double(min(SetupBlock.width(vocabularySize: teacher.size), items) - 1) * teachers))
      }
    }
    need.shared += waiting
    need.remedies = remedies(study, setups, need)
    return need
  }

  private static func remedies(_ study: Study, _ setups: [Setup], _ need: MemoryNeed) -> [String] {
    if need.statistics > need.shared + need.item {
      return ["fewer epochs in `record`", "rows of single runs instead of `aggregate`"]
    }
    let optimizer = setups.map(\.optimizer).max {
      $0.component.vectorCount < $1.component.vectorCount
    }
    let heavy = optimizer.flatMap { $0.component.vectorCount > 3 ? $0 : nil }
    return [
      "fewer tokens",
      heavy.map {
        "another `optimizer` than \($0.specification), which works in \($0.component.vectorCount) arrays of the"
          + " parameters"
      },
      study.snapshots == nil ? nil : "fewer epochs in `snapshots`",
    ].compactMap(\.self)
  }
}

/// The sizes of what is made of results, in bytes.
private struct TextSizes {
  private let study: Study
  private let measurement: Measurement
  private let records: RecordRows
  private let snapshots: SnapshotRows

  init(_ study: Study, _ setups: [Setup], _ measurement: Measurement) throws {
    (self.study, self.measurement) = (study, measurement)
    let trailing = TrailingColumns(of: setups)
    records = RecordRows(measurement, recorded: try study.recordedEpochs, trailing: trailing)
    snapshots = SnapshotRows(
      tokens: try TokenSelection(parsing: study.snapshotTokens), trailing: trailing)
  }

  /// The rows of a run.
  func bytes(of setup: Setup, records count: Int, snapshots snapshotCount: Int) -> Double {
    let ofRecords = study.isAggregated ? 0 : Double(count) * records.estimatedSize(of: setup)
    guard snapshotCount > 0 else { return ofRecords }
    return ofRecords
      + Double(snapshotCount)
      * snapshots.estimatedSize(of: setup, vocabulary: setup.teacher.component.size)
  }

  /// The numbers of all seeds of a setup.
  func statistics(of setup: Setup, records: Int) -> Double {
    guard study.isAggregated else { return 0 }
    let contexts = setup.teacher.component.contexts.count
    let hasMean = contexts > 1 && study.contexts != .each
    let shown = (study.contexts == .mean && hasMean ? 0 : contexts) + (hasMean ? 1 : 0)
    let values =
      Double(records) * Double(shown) * Double(measurement.heads.count * measurement.columns.count)
    return SeedSamples.size(of: values, seeds: study.seeds)
  }
}
