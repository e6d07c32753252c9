// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimSequences

/// A kind of table that klsim writes and reads again.
package struct TableKind: Equatable, Sendable {
  /// What a message calls such a table.
  package let name: String
  /// The columns that tell the kind.
  let signature: [String]
  /// The columns of results that it may have; all others are keys.
  package let measurements: [Column]
  /// Whether its runs are on sequences.
  private let isOfSequences: Bool

  private init(
    name: String, signature: [String], measurements: [Column], isOfSequences: Bool = false
  ) {
    self.name = name
    self.signature = signature
    self.measurements = measurements
    self.isOfSequences = isOfSequences
  }

  /// The axes on which its runs can differ.
  package var axes: [any Axis.Type] { isOfSequences ? SequenceAxes.all : Axes.all }

  /// The column whose values are compared unless another is asked for.
  package var compared: Column { isOfSequences ? SignalAxis.column : .objective }

  /// The measurements in which they are compared unless others are asked for.
  package var comparedMeasurements: [String] {
    isOfSequences ? ["seq_fkl", "seq_rkl", "tail_error", "void_mass"] : ["tail_error"]
  }

  /// Whether it has a row a run, epoch and head rule.
  package var isOfRecords: Bool { self == .records || self == .sequences }

  /// The axes of all kinds of tables.
  package static var axes: [any Axis.Type] { Axes.all + SequenceAxes.all }

  /// The kind of the table that has these columns.
  package init(of names: some Sequence<String>) {
    self = Self(signedBy: names) ?? .records
  }

  /// The kind whose signature is among these columns; nil if there is none.
  init?(signedBy names: some Sequence<String>) {
    let names = Set(names)
    guard let kind = Self.all.first(where: { names.isSuperset(of: $0.signature) }) else {
      return nil
    }
    self = kind
  }

  /// One row a run, epoch and head rule.
  package static var records: TableKind {
    TableKind(
      name: "records", signature: ["tvd"],
      measurements: Measurement.standardColumns + Catalog.metrics.flatMap { $0.columns })
  }

  /// One row a run on sequences, epoch and head rule.
  package static var sequences: TableKind {
    TableKind(
      name: "records of sequences", signature: ["seq_fkl"],
      measurements: SequenceMeasurement.standardColumns + SequenceMeasurement.diagnosisColumns,
      isOfSequences: true)
  }

  /// One row a world, student, signal and exact loss.
  package static var estimates: TableKind {
    TableKind(
      name: "estimates of gradients", signature: ["exact_norm"],
      measurements: SequenceMeasurement.estimateColumns, isOfSequences: true)
  }

  /// One row a run, epoch and token.
  package static let snapshots = TableKind(
    name: "snapshots", signature: ["token", "p", "q"],
    measurements: [
      Column("p", .number, "teacher probability"), Column("q", .number, "student probability"),
    ])

  /// One row a setup, context, head rule, epoch and metric.
  package static let aggregates = TableKind(
    name: "aggregated records", signature: ["metric", "median"],
    measurements: [
      Column("seeds", .integer, "number of seeds that have a value"),
      Column("mean", .number, "arithmetic mean over seeds"),
      Column("sd", .number, "standard deviation over seeds, n - 1 in the denominator"),
      Column(
        "q05", .number,
        "5 % quantile over seeds, linear between order statistics; nan counts as inf"),
      Column("q25", .number, "25 % quantile"),
      Column("median", .number, "50 % quantile"),
      Column("q75", .number, "75 % quantile"),
      Column("q95", .number, "95 % quantile"),
    ])

  /// One row a condition and cell of a claim.
  package static let evidence = TableKind(
    name: "evidence", signature: ["share"],
    measurements: [Column("tail_mass", .number, "the teacher's mass on the tail, to six digits")]
      + evidence(on: "the claim's quantity"))

  /// What seeds say in a cell of a claim.
  ///
  /// - Parameter quantity: what the mean is of.
  /// - Returns: the columns, in order.
  package static func evidence(on quantity: String) -> [Column] {
    [
      Column(
        "seeds", .integer,
        "number of seeds; fewer than asked for where they decide the cells of the condition, or where"
          + " no verdict of the claim hangs on those that they leave undecided"),
      Column("hits", .integer, "number of seeds for which the predicate holds"),
      Column("share", .number, "hits / seeds, to six digits"),
      Column("share_low", .number, "lower end of its 95 % Clopper-Pearson interval, to six digits"),
      Column("share_high", .number, "upper end of it"),
      Column(
        "verdict", .text,
        "holds: share_low >= 0.95; fails: share_high <= 0.05; else mixed, between the two or undecided"
          + " by so many seeds; before rounding; chaotic: chaos > 0.05, whatever the share"),
      Column(
        "mean", .number,
        "mean over seeds of \(quantity), to four digits; empty where it is not finite for a seed"),
      Column("mean_low", .number, "lower end of the mean's 95 % t interval"),
      Column("mean_high", .number, "upper end of it"),
      Column(
        "chaos", .number,
        "share of the first 32 seeds of which a second fit, each parameter of its start moved by one"
          + " unit in the last place, has another outcome or a student more than 0.01 away in TVD;"
          + " empty where nothing is fitted"),
    ]
  }

  /// Every kind; the first whose signature a table has is its kind.
  static var all: [TableKind] {
    [.evidence, .aggregates, .snapshots, .sequences, .estimates, .records]
  }
}
