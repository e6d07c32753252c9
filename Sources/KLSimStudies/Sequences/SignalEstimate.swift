// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
package import KLSimNumerics
package import KLSimSequences

/// One world, one student, one signal: the signal's gradient beside exact ones.
package struct SignalEstimate: Sendable {
  /// One row a seed, epoch, signal and exact loss.
  package struct Row: Sendable {
    let setup: SequenceSetup
    let seed: UInt64
    /// The number of updates by the signal before the student is looked at.
    let epoch: Int
    package let against: String
    package let comparison: GradientComparison
  }

  /// The rows: setup by setup, seed by seed, epoch by epoch, loss by loss.
  package let rows: [Row]
  private let leading: [any Axis.Type]
  private let trailing: [any Axis.Type]

  /// Compares signals with exact losses.
  ///
  /// - Parameters:
  ///   - study: of the experiment `sequence`: the worlds, students and signals; the students are those at the
  ///     recorded epochs.
  ///   - against: the exact losses.
  ///   - draws: the number of samples where expectations are sampled.
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to compute with.
  ///   - limit: the memory that it may take, nil for any.
  /// - Throws: `StudyError`, `MemoryError`, or an error of a setup.
  package init(
    _ study: Study, against: [String], draws: Int, reader: any NumberReader,
    kernels: VectorKernels = .best, within limit: MemoryLimit? = nil
  ) throws {
    let references = try distinct(against, of: "against") {
      try SequenceCatalog.objective($0, reader: reader, kernels: kernels)
    }
    let (seeds, recorded) = (try study.seedRange, try study.recordedEpochs)
    let setups = try study.choices(of: .sequence, reader: reader, kernels: kernels).map {
      SequenceSetup($0, epochs: study.epochs)
    }
    try limit?.check(try Self.memory(of: setups, seeds: seeds.count, at: recorded, references))
    for setup in setups {
      try setup.signal.component.check(samples: setup.samples)
      let first = (0...setup.epochs).first { recorded.contains($0, of: setup.length) }
      try setup.signal.component.check(updates: first ?? 0)
    }
    (leading, trailing) = SequenceAxes.columns(of: setups)
    rows = try setups.flatMap { setup in
      try seeds.flatMap { seed in
        try Self.rows(setup, seed: seed, at: recorded, references, draws: draws, kernels)
      }
    }
  }

  /// About how much memory it takes: one run at a time, and the rows of all.
  private static func memory(
    of setups: [SequenceSetup], seeds: Int, at recorded: EpochSelection,
    _ references: [Chosen<any SequenceObjective>]
  ) throws -> MemoryNeed {
    var need = MemoryNeed()
    need.itemCount = 1
    for setup in setups {
      // A student that is not moved has no samples of its own.
      let measurement = SequenceMeasurement(
        heads: [], against: setup.epochs > 0 ? references.first : nil)
      let run = try SequenceMemory(of: setup, measurement, records: 0)
      need.item.formMaximum([.histories: run.states, .samples: run.samples])
      // Of every look a mean gradient and the rows.
      let look =
        run.student + Double(references.count)
        * SequenceTables.rowBytes(results: SequenceMeasurement.estimateColumns.count)
      let looks = Double(recorded.count(of: setup.length))
      need.shared += [.records: looks * look, .seeds: Double(seeds - 1) * looks * look]
    }
    return need
  }

  private static func rows(
    _ setup: SequenceSetup, seed: UInt64, at recorded: EpochSelection,
    _ references: [Chosen<any SequenceObjective>], draws: Int, _ kernels: VectorKernels
  ) throws -> [Row] {
    let space = try setup.space(seed: seed)
    for reference in references { try reference.component.check(space) }
    let evaluators = try references.map { try $0.component.evaluator(in: space) }
    var rows: [Row] = []
    let fit = SequenceFit(setup, SequenceMeasurement(heads: []), kernels: kernels)
    _ = try fit.follow(
      in: space, seed: seed, at: { recorded.contains($0, of: setup.length) }
    ) { epoch, student, source in
      guard student.logits.allSatisfy(\.isFinite) else {
        throw SetupError(
          "the student of \(setup.signal.specification), seed \(seed), has no finite logits after \(epoch)"
            + " updates; take a smaller --learning-rate, or earlier epochs")
      }
      let moments = try setup.signal.component.moments(
        in: space, at: student, samples: setup.samples, draws: draws, seed: seed, source: source)
      rows += zip(references, evaluators).map { reference, evaluator in
        var (evaluator, exact) = (evaluator, student.logits)
        _ = evaluator.loss(at: student, gradient: &exact)
        return Row(
          setup: setup, seed: seed, epoch: epoch, against: reference.specification,
          comparison: GradientComparison(moments, exact: exact))
      }
    }
    return rows
  }

  /// The columns, in order.
  package var columns: [Column] {
    leading.map { $0.column } + [
      Column.seed, Column.epoch,
      Column(key: "against", .text, "the exact loss L that the gradient is compared with"),
    ] + SequenceMeasurement.estimateColumns + trailing.map { $0.column }
  }

  /// The values of `columns`, row by row.
  package var values: [[Value]] {
    rows.map { row in
      let comparison = row.comparison
      func keys(_ axes: [any Axis.Type]) -> [Value] {
        axes.map { row.setup.choices.value(on: $0) }
      }
      return keys(leading) + [
        Value(row.seed), Value(row.epoch), .text(row.against), .number(comparison.exactNorm),
      ] + comparison.values(samples: row.setup.samples).map { Value($0) } + [
        comparison.sampleCount.map { Value($0) } ?? .missing, .number(comparison.standardError),
      ] + keys(trailing)
    }
  }

  /// What there is to be warned of.
  package var warnings: [String] {
    rows.filter { !$0.comparison.bias.isFinite || !$0.comparison.variance.isFinite }.map {
      "the gradient of \($0.setup.signal.specification) on \($0.setup.teacher.specification), seed"
        + " \($0.seed), has an infinite mean or variance: a ratio of probabilities overflows"
    }.uniqued()
  }
}
