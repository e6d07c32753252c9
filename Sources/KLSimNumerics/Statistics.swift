// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// Statistics of a sample, by GSL.
public enum Statistics {
  /// The quantile of a sample, linear between the order statistics; nil of an empty sample.
  ///
  /// - Parameters:
  ///   - fraction: in 0…1; 0.5 is the median.
  ///   - sample: the values, in any order; infinite ones are allowed, NaN is not.
  /// - Returns: the quantile.
  public static func quantile(_ fraction: Double, of sample: [Double]) -> Double? {
    guard !sample.isEmpty else { return nil }
    let sorted = sample.sorted()
    let position = fraction * Double(sorted.count - 1)
    // GSL would multiply an infinite neighbour by 0.
    if position == position.rounded() { return sorted[Int(position)] }
    return unsafe sorted.withUnsafeBufferPointer { sorted in
      unsafe gsl_stats_quantile_from_sorted_data(sorted.baseAddress, 1, sorted.count, fraction)
    }
  }
}
