// SPDX-License-Identifier: GPL-3.0-or-later

/// When two numbers count as equal.
package enum Rounding {
  /// Whether two numbers differ by more than rounding: by more than 1e-9 of the larger one and by more
  /// than 1e-14.
  ///
  /// Infinite numbers of one sign do not differ, nor do two that are not numbers.
  package static func differ(_ first: Double, _ second: Double) -> Bool {
    guard first.isFinite, second.isFinite else {
      return first != second && !(first.isNaN && second.isNaN)
    }
    return abs(first - second) > max(1e-14, 1e-9 * max(abs(first), abs(second)))
  }
}
