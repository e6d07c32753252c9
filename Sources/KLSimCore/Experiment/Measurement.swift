// SPDX-License-Identifier: GPL-3.0-or-later

/// What is measured while students are fitted.
package struct Measurement: Sendable {
  /// The cuts between head and tail.
  package let heads: [Chosen<any HeadRule>]
  /// The metrics beside the standard ones, in the catalog's order, which is that of their columns.
  package let metrics: [any Metric]
  /// The states, by updates made, whose measurements are kept.
  package let epochs: @Sendable (_ update: Int, _ length: RunLength) -> Bool
  /// The states whose q is kept.
  package var snapshots: @Sendable (_ update: Int, _ length: RunLength) -> Bool
  /// Whether the parameters at the end of a run are kept.
  package var keepsParameters = false
  /// A TVD from which on nothing of a run is needed: it may end at the first kept state whose TVD is at most
  /// this in every context; nil if all states are needed.
  package var sufficientDistance: Double?

  /// Chooses what is measured.
  ///
  /// - Parameters:
  ///   - heads: the cuts between head and tail.
  ///   - metrics: the metrics beside the standard ones, in any order.
  ///   - epochs: whether the measurements of a state are kept, by updates made.
  ///   - snapshots: whether its q is kept.
  package init(
    heads: [Chosen<any HeadRule>], metrics: [any Metric] = [],
    epochs: @escaping @Sendable (_ update: Int, _ last: Int) -> Bool = { _, _ in true },
    snapshots: @escaping @Sendable (_ update: Int, _ last: Int) -> Bool = { _, _ in false }
  ) {
    self.init(
      heads, metrics, epochs: { epochs($0, $1.updates) },
      snapshots: { snapshots($0, $1.updates) })
  }

  /// Chooses what is measured; otherwise as `init(heads:metrics:epochs:snapshots:)`.
  package init(
    heads: [Chosen<any HeadRule>], metrics: [any Metric], recorded: EpochSelection,
    snapshots: EpochSelection
  ) {
    self.init(heads, metrics, epochs: recorded.membership, snapshots: snapshots.membership)
  }

  private init(
    _ heads: [Chosen<any HeadRule>], _ metrics: [any Metric],
    epochs: @escaping @Sendable (Int, RunLength) -> Bool,
    snapshots: @escaping @Sendable (Int, RunLength) -> Bool
  ) {
    self.heads = heads
    let names = Catalog.metrics.names
    func position(_ metric: any Metric) -> Int {
      names.firstIndex(of: type(of: metric).name) ?? names.endIndex
    }
    self.metrics = metrics.sorted { position($0) < position($1) }
    self.epochs = epochs
    self.snapshots = snapshots
  }

  /// The value columns that every table of records has, in order.
  package static let standardColumns = [
    Column(
      "loss", .number, better: nil,
      "the objective's value, nats unless its specification says otherwise"),
    Column("fkl", .number, unit: "nats", "KL(p‖q)"),
    Column("rkl", .number, unit: "nats", "KL(q‖p)"),
    Column("tvd", .number, "total variation distance, ½ Σ |p - q|"),
    Column("entropy", .number, unit: "nats", better: nil, "H(q)"),
    Column("head_error", .number, "Σ |p - q| over the head"),
    Column("tail_error", .number, "Σ |p - q| over the tail"),
    Column("head_mass_error", .number, better: nil, "Σ (q - p) over the head"),
    Column(
      "akl_head_weight", .number, better: nil,
      "the weight AKL would give FKL: head_error / (head_error + tail_error)"),
  ]

  /// The number of head ranks of each cut, of a teacher's truth.
  func headCounts(of teacher: TeacherDistribution) throws -> [Int] {
    try heads.map { try $0.component.headCount(of: teacher.truth) }
  }

  /// Refuses a teacher that does not have one of the heads.
  ///
  /// - Parameter teacher: p.
  /// - Throws: `SetupError`.
  package func check(_ teacher: TeacherDistribution) throws {
    _ = try headCounts(of: teacher)
  }

  /// Whether a state is measured: it is recorded or kept, or some metrics compare with it.
  func includes(_ update: Int, of length: RunLength) -> Bool {
    epochs(update, length) || snapshots(update, length) || update == 0 && !metrics.isEmpty
  }

  /// Whether nothing after the last kept state of some contexts is needed.
  func isSufficient(_ trajectories: [Trajectory]) -> Bool {
    guard let sufficientDistance else { return false }
    return trajectories.allSatisfy {
      $0.records.last.map { $0.totalVariation <= sufficientDistance } ?? false
    }
  }

  /// The values of the optional metrics.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - headCounts: the number of head ranks of each cut.
  ///   - errors: the errors on head and tail, one a cut.
  ///   - startErrors: the same at epoch 0.
  ///   - logitGradient: gives the objective's gradient in the logits; called at most once, if a
  ///     metric needs it.
  /// - Returns: one list a cut; empty if there are no such metrics.
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

  /// The size of a record in bytes: eight words, and in arrays of their own, with 48 bytes beside their numbers, four
  /// numbers a cut and the values of metrics.
  package var recordBytes: Double {
    let extras = columns.count - Self.standardColumns.count
    let ofMetrics = extras == 0 ? 0 : 48 + heads.count * (56 + 16 * extras)
    return Double(64 + 48 + 32 * heads.count + ofMetrics)
  }

  /// All value columns, in order.
  package var columns: [Column] {
    Self.standardColumns + metrics.flatMap { type(of: $0).columns }
  }
}
