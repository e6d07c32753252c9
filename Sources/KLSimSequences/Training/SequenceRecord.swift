// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// The measurements of one epoch of one run on sequences.
package struct SequenceRecord: Equatable, Sendable {
  /// The number of updates made.
  package let epoch: Int
  /// The values of `SequenceMeasurement.columns` at each head rule.
  package let values: [[Double?]]

  /// Whether a diagnosis has found a gradient whose mean or variance is infinite or not a number.
  package var hasInfiniteGradient: Bool {
    values.contains { row in
      row.dropFirst(SequenceMeasurement.standardColumns.count).contains { $0?.isFinite == false }
    }
  }
}

/// What is measured while students of sequences are fitted.
package struct SequenceMeasurement: Sendable {
  /// The cuts between head and tail.
  package let heads: [Chosen<any HeadRule>]
  /// The exact loss that gradients are compared with; nil where they are not.
  package let against: Chosen<any SequenceObjective>?

  /// - Parameters:
  ///   - heads: the cuts between head and tail.
  ///   - against: the exact loss that gradients are compared with, nil for no diagnosis.
  package init(
    heads: [Chosen<any HeadRule>], against: Chosen<any SequenceObjective>? = nil
  ) {
    (self.heads, self.against) = (heads, against)
  }

  /// The columns of results that every table of runs on sequences has, in order.
  package static let standardColumns = [
    Column("seq_fkl", .number, unit: "nats", "KL(p‖q) of sequences"),
    Column(
      "seq_rkl", .number, unit: "nats",
      "KL(q‖p) of sequences; the log ratio of the student's sequences where the end tokens differ"),
    Column("seq_tvd", .number, "total variation distance of sequences; empty where V^T > 100,000"),
    Column(
      "head_error", .number, "Σ |p - q| over the head of tokens, mean over the teacher's prefixes"),
    Column("tail_error", .number, "the same over the tail"),
    Column(
      "student_head_error", .number,
      "Σ |p - q| over the head of tokens, mean over the student's prefixes"),
    Column("student_tail_error", .number, "the same over the tail"),
    Column(
      "entropy", .number, unit: "nats", better: nil,
      "H(q) of a token, mean over the student's prefixes"),
    Column("length", .number, better: nil, "expected number of tokens of the student's sequences"),
    Column(
      "void_mass", .number,
      "the student's probability of sequences that the teacher gives less than 1/100 of uniform; of"
        + " 4,096 samples where V^T > 100,000"),
    Column(
      "repetition", .number, better: nil,
      "share of the student's tokens that repeat the one before, or the one a phrase before in a world"
        + " with a trap"),
  ]

  /// The columns of a diagnosis.
  package static let diagnosisColumns = [
    Column(
      "gradient_bias", .number, "‖E g - ∇L‖ of the signal's gradient g and the exact ∇L"),
    Column("gradient_variance", .number, "E ‖g - E g‖² of a step"),
    Column(
      "sample_variance", .number,
      "the same of one sample; empty where the samples of a step depend on each other"),
    Column("gradient_cosine", .number, better: .higher, "cosine of E g and ∇L"),
    Column(
      "gradient_scale", .number, better: nil,
      "the factor c = <E g, ∇L>/<E g, E g> by which E g comes closest to ∇L"),
    Column(
      "direction_bias", .number,
      "‖c E g - ∇L‖/‖∇L‖: the part of the bias that no factor removes"),
    Column("gradient_mse", .number, "E ‖g - ∇L‖² = bias² + variance of a step"),
    Column(
      "worthwhile_samples", .number, better: nil,
      "samples a step at which the variance falls to bias²; more gain less than half of the error; empty where"
        + " no bias is seen, or samples depend on each other"),
  ]

  /// The columns of results of a look at a signal's gradient.
  package static let estimateColumns =
    [Column("exact_norm", .number, better: nil, "‖∇L‖")] + diagnosisColumns + [
      Column(
        "draws", .integer, better: nil,
        "number of samples behind expectation and variance; empty where they are enumerated or exact"
      ),
      Column(
        "standard_error", .number,
        "root of the variance of the sampled expectation: a bias of this size may be none; 0 where it is"
          + " enumerated or exact"),
    ]

  /// All columns of results, in order.
  package var columns: [Column] {
    Self.standardColumns + (against == nil ? [] : Self.diagnosisColumns)
  }
}
