// SPDX-License-Identifier: GPL-3.0-or-later

/// What is measured while students are fitted.
package struct Measurement: Sendable {
  /// The cuts between head and tail.
  package var heads: [Chosen<any HeadRule>]
  /// The metrics beside the standard ones.
  package var metrics: [any Metric]
  /// The epochs whose measurements are kept.
  package var epochs: @Sendable (_ epoch: Int, _ last: Int) -> Bool
  /// The epochs whose q is kept.
  package var snapshots: @Sendable (_ epoch: Int, _ last: Int) -> Bool

  /// Chooses what is measured.
  ///
  /// - Parameters:
  ///   - heads: the cuts between head and tail.
  ///   - metrics: the metrics beside the standard ones.
  ///   - epochs: whether an epoch's measurements are kept.
  ///   - snapshots: whether an epoch's q is kept.
  package init(
    heads: [Chosen<any HeadRule>], metrics: [any Metric] = [],
    epochs: @escaping @Sendable (_ epoch: Int, _ last: Int) -> Bool = { _, _ in true },
    snapshots: @escaping @Sendable (_ epoch: Int, _ last: Int) -> Bool = { _, _ in false }
  ) {
    self.heads = heads
    self.metrics = metrics
    self.epochs = epochs
    self.snapshots = snapshots
  }

  /// The value columns that do not depend on the metrics asked for, in order.
  package static let standardColumns = [
    Column("loss", .number, "the objective's value, nats unless its specification says otherwise"),
    Column("fkl", .number, unit: "nats", "KL(p‖q)"),
    Column("rkl", .number, unit: "nats", "KL(q‖p)"),
    Column("tvd", .number, "total variation distance, ½ Σ |p - q|"),
    Column("entropy", .number, unit: "nats", "H(q)"),
    Column("head_error", .number, "Σ |p - q| over the head"),
    Column("tail_error", .number, "Σ |p - q| over the tail"),
    Column("head_mass_error", .number, "Σ (q - p) over the head"),
    Column(
      "akl_head_weight", .number,
      "the weight AKL would give FKL: head_error / (head_error + tail_error)"),
  ]

  /// How many ranks are head, one number a cut.
  func headCounts(of teacher: TeacherDistribution) throws -> [Int] {
    try heads.map { try $0.component.headCount(of: teacher) }
  }

  /// Refuses a teacher that does not have the heads asked for.
  ///
  /// - Parameter teacher: p.
  /// - Throws: `HeadRuleError`.
  package func check(_ teacher: TeacherDistribution) throws {
    _ = try headCounts(of: teacher)
  }

  /// What the optional metrics say.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - headCounts: how many ranks are head, one number a cut.
  ///   - errors: the errors on head and tail, one a cut.
  ///   - startErrors: the same at epoch 0.
  ///   - logitGradient: gives the objective's gradient in the logits; asked once, and only if a
  ///     metric asks.
  /// - Returns: their values, one list a cut; empty if there are no such metrics.
  func extras(
    at state: FitState, headCounts: [Int], errors: [HeadTailError], startErrors: [HeadTailError],
    logitGradient: @escaping () -> [Double]
  ) -> [[Double?]] {
    guard !metrics.isEmpty else { return [] }
    lazy var gradient = logitGradient()
    return headCounts.indices.map { cut in
      let moment = Moment(
        state: state, headCount: headCounts[cut], errors: errors[cut],
        startErrors: startErrors[cut]
      ) { gradient }
      return metrics.flatMap { $0.values(at: moment) }
    }
  }

  /// All value columns, in order.
  package var columns: [Column] {
    Self.standardColumns + metrics.flatMap { type(of: $0).columns }
  }
}
