// SPDX-License-Identifier: GPL-3.0-or-later

/// A measurement that a user can add to the records.
public protocol Metric: Component {
  /// Its columns.
  static var columns: [Column] { get }

  /// One value a column.
  ///
  /// - Parameter moment: a run at an epoch, and a cut.
  /// - Returns: the values in the order of `columns`; nil where there is none.
  func values(at moment: Moment) -> [Double?]
}
