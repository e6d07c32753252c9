// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
public import KLSimFiles

/// The columns that hold results; every other column says what a row is about.
enum MeasuredColumns {
  static let records = Set(
    (Measurement.standardColumns + Catalog.metrics.flatMap { $0.columns }).map(\.name))
  static let snapshots: Set = ["p", "q"]
  static let aggregates: Set = ["seeds", "mean", "sd", "q05", "q25", "median", "q75", "q95"]
  static let evidence: Set = [
    "seeds", "hits", "share", "share_low", "share_high", "verdict", "mean_difference",
    "difference_low", "difference_high",
  ]
  static let all = records.union(snapshots).union(aggregates).union(evidence)
}

extension Table {
  /// Reads a CSV file for a figure.
  ///
  /// - Parameters:
  ///   - path: records, aggregated records, snapshots or evidence.
  ///   - figure: the figure; what it does not need is not kept.
  /// - Throws: `InputError`.
  public init(path: String, for figure: any Figure.Type) throws(InputError) {
    try self.init(
      path: path, numbers: figure.numbers,
      ignoring: MeasuredColumns.all.subtracting(figure.numbers))
  }

  /// Makes sure that columns are there.
  ///
  /// - Throws: `InputError.malformed` with the names of those that are not.
  func require(_ names: [String], for figure: any Figure.Type) throws(InputError) {
    let missing = names.filter { !has($0) }
    guard missing.isEmpty else {
      throw malformed(
        "the figure '\(figure.name)' needs the column\(missing.count == 1 ? "" : "s")"
          + " \(missing.joined(separator: ", ")); there is \(self.names.joined(separator: ", "))")
    }
  }

  /// A column of whole numbers.
  func integers(_ name: String) throws(InputError) -> [Int] {
    let numbers = try numbers(name)
    var integers: [Int] = []
    integers.reserveCapacity(numbers.count)
    for (row, number) in numbers.enumerated() {
      guard let integer = Int(exactly: number) else {
        throw malformed(row, "\(name) is \(number), not a whole number")
      }
      integers.append(integer)
    }
    return integers
  }

  /// The rows of the objectives that were asked for.
  func choosing(_ objectives: [String]?) throws(InputError) -> Table {
    guard let objectives else { return self }
    for objective in objectives {
      _ = try selecting([Selection(column: "objective", value: objective)])
    }
    return try selecting(objectives.map { Selection(column: "objective", value: $0) })
  }
}
