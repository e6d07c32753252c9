// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// Statistics of a sample, by GSL.
package enum Statistics {
  /// The arithmetic mean of a sample; NaN of an empty one, and of infinities of both signs.
  package static func mean(_ sample: [Double]) -> Double {
    guard !sample.isEmpty else { return .nan }
    // GSL's recurrence gives NaN once a number follows an infinity.
    guard sample.allSatisfy(\.isFinite) else { return sample.reduce(0, +) }
    return unsafe gsl_stats_mean(sample, 1, sample.count)
  }

  /// The standard deviation of a sample, with n − 1 in the denominator; NaN of fewer than two.
  package static func standardDeviation(_ sample: [Double]) -> Double {
    guard sample.count > 1 else { return .nan }
    return unsafe gsl_stats_sd(sample, 1, sample.count)
  }

  /// Several quantiles of a sample, as `quantile(_:of:)` gives them; nil of an empty sample.
  package static func quantiles(_ fractions: [Double], of sample: [Double]) -> [Double]? {
    guard !sample.isEmpty else { return nil }
    let positions = fractions.map { $0 * Double(sample.count - 1) }
    let places = positions.flatMap { [Int($0.rounded(.down)), Int($0.rounded(.up))] }
    var ordered = sample
    order(&ordered, at: Set(places).sorted()[...], in: sample.indices)
    return zip(fractions, positions).map { fraction, position in
      // On an order statistic GSL would multiply an infinite neighbour by 0.
      if position == position.rounded() { return ordered[Int(position)] }
      return unsafe gsl_stats_quantile_from_sorted_data(ordered, 1, ordered.count, fraction)
    }
  }

  /// Brings the order statistics at some places, ascending, to these; what is between them is not sorted.
  ///
  /// - Parameters:
  ///   - sample: all values.
  ///   - places: the places, all in the range.
  ///   - range: where the values are that belong there.
  private static func order(
    _ sample: inout [Double], at places: ArraySlice<Int>, in range: Range<Int>
  ) {
    guard !places.isEmpty else { return }
    let middle = (places.startIndex + places.endIndex) / 2
    let place = places[middle]
    unsafe sample.withUnsafeMutableBufferPointer { values in
      let part = unsafe UnsafeMutableBufferPointer(rebasing: values[range])
      _ = unsafe gsl_stats_select(part.baseAddress, 1, part.count, place - range.lowerBound)
    }
    order(&sample, at: places[..<middle], in: range.lowerBound..<place)
    order(&sample, at: places[(middle + 1)...], in: place + 1..<range.upperBound)
  }

  /// The quantile of a sample, linear between the order statistics; nil of an empty sample.
  ///
  /// - Parameters:
  ///   - fraction: in 0…1; 0.5 is the median.
  ///   - sample: the values, in any order; infinite ones are allowed, NaN is not.
  /// - Returns: the quantile.
  package static func quantile(_ fraction: Double, of sample: [Double]) -> Double? {
    quantiles([fraction], of: sample)?[0]
  }
}
