// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
package import KLSimSequences
internal import KLSimNumerics

/// One world, one student, one signal: the signal's gradient beside exact ones.
package struct SignalEstimate: Sendable {
  /// One row a seed, signal and exact loss.
  package struct Row: Sendable {
    let setup: SequenceSetup
    let seed: UInt64
    package let against: String
    package let comparison: GradientComparison
    /// The number of samples behind expectation and variance, nil where they are enumerated or exact.
    package let sampleCount: Int?
    /// How far the estimated expectation is from the true one, about: 0 where it is enumerated.
    package let standardError: Double
  }

  /// Compares signals with exact losses.
  ///
  /// - Parameters:
  ///   - study: of the experiment `sequence`: the worlds, students and signals; the students are those at the start, or after the
  ///     study's epochs.
  ///   - against: the exact losses.
  ///   - draws: the number of samples where expectations are sampled.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `StudyError`, or an error of a setup.
  package init(
    _ study: Study, against: [String], draws: Int, reader: any NumberReader
  ) throws {
    let references = try distinct(against, of: "against") {
      try SequenceCatalog.objective($0, reader: reader)
    }
    let seeds = try study.seedRange
    let setups = try study.choices(of: .sequence, reader: reader, kernels: .best).map {
      SequenceSetup($0, epochs: study.epochs)
    }
    rows = try setups.flatMap { setup in
      try seeds.flatMap { seed in
        try Self.rows(setup, seed: seed, references, draws: draws)
      }
    }
  }

  /// The rows: setup by setup, seed by seed, loss by loss.
  package let rows: [Row]

  private static func rows(
    _ setup: SequenceSetup, seed: UInt64, _ references: [Chosen<any SequenceObjective>], draws: Int
  ) throws -> [Row] {
    let space = try setup.space(seed: seed)
    let run = try SequenceFit(setup, SequenceMeasurement(heads: [])).run(seed: seed) { _ in false }
    let student = StudentTable(run.finalLogits, vocabularySize: space.vocabularySize)
    let moments = try setup.signal.component.moments(
      in: space, at: student, samples: setup.samples, draws: draws, seed: seed)
    return try references.map { reference in
      try reference.component.check(space)
      var evaluator = try reference.component.evaluator(in: space)
      var exact = student.logits
      _ = evaluator.loss(at: student, gradient: &exact)
      return Row(
        setup: setup, seed: seed, against: reference.specification,
        comparison: GradientComparison(
          mean: moments.mean, variance: moments.variance, shared: moments.sharedVariance,
          exact: exact),
        sampleCount: moments.sampleCount, standardError: moments.standardError)
    }
  }

  /// The columns, in order.
  package static let columns =
    axes.map { $0.column } + [
      Column.seed, Column.epoch,
      Column(key: "against", .text, "the exact loss L that the gradient is compared with"),
    ] + SequenceMeasurement.estimateColumns

  private static let axes: [any Axis.Type] = [
    WorldAxis.self, SequenceStudentAxis.self, SignalAxis.self, SamplesAxis.self,
    SequenceStartAxis.self,
  ]

  /// The values of `columns`, row by row.
  package var values: [[Value]] {
    rows.map { row in
      Self.axes.map(row.setup.choices.value) + [
        Value(row.seed), Value(row.setup.epochs), .text(row.against),
        .number(row.comparison.exactNorm),
      ] + row.comparison.values(samples: row.setup.samples).map { Value($0) } + [
        row.sampleCount.map { Value($0) } ?? .missing, .number(row.standardError),
      ]
    }
  }

  /// What there is to be warned of.
  package var warnings: [String] {
    rows.filter { !$0.comparison.bias.isFinite || !$0.comparison.variance.isFinite }.map {
      "the gradient of \($0.setup.signal.specification) on \($0.setup.teacher.specification), seed"
        + " \($0.seed), has an infinite mean or variance: a ratio of probabilities overflows"
    }.uniqued()
  }

  /// The table that a person reads.
  ///
  /// - Parameter width: the number of characters of a line.
  /// - Returns: the lines.
  package func text(width: Int) -> String {
    var text = ""
    for (place, group) in rows.grouped(by: { $0.setup.worldWords + ["seed \($0.seed)"] })
      .enumerated()
    {
      let table = TextTable(
        header: [
          "signal", "against", "bias", "bias/‖∇L‖", "cosine", "sd of a sample", "rmse", "worth",
        ],
        rows: group.elements.map(\.cells), keyCount: 2, headsRows: true)
      let lines = TextTable.title(group.key, width: width) + table.lines(width: width)
      text += (place == 0 ? "" : "\n") + lines.map { $0 + "\n" }.joined()
    }
    let legend = Self.legend.split(separator: "\n").flatMap {
      TextTable.sentence(String($0), width: width)
    }
    return text + "\n" + legend.map { $0 + "\n" }.joined()
  }

  private static let legend = """
    bias: ‖E g - ∇L‖; ≲ marks one within two standard errors of a sampled expectation. cosine: of E g and ∇L.
    sd of a sample: (E ‖g - E g‖²)^½. rmse: (E ‖g - ∇L‖²)^½ of a step of --samples.
    worth: samples a step at which the variance is as large as bias²; more bring little.
    """
}

extension SignalEstimate.Row {
  /// The cells of the table that a person reads.
  fileprivate var cells: [String] {
    let isWithinError = sampleCount != nil && comparison.bias <= 2 * standardError
    // What cancels in the last digits is no bias.
    let isRounding = comparison.bias <= 1e-12 * max(1, comparison.exactNorm)
    return [
      setup.signal.specification, against,
      isRounding ? "0" : (isWithinError ? "≲" : "") + digits(comparison.bias, 4),
      isRounding ? "0" : digits(comparison.bias / comparison.exactNorm, 4),
      comparison.cosine.map { digits($0, 4) } ?? "",
      digits(comparison.variance.squareRoot(), 4),
      digits(comparison.meanSquaredError(samples: setup.samples).squareRoot(), 4),
      isRounding || isWithinError
        ? "any" : comparison.worthwhileSamples.map { digits($0.rounded(.up)) } ?? "",
    ]
  }
}
