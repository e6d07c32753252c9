// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The range of an axis that holds all finite numbers of a data set.
struct Axis {
  let isLogarithmic: Bool
  let low: Double
  let high: Double

  /// An axis from 0 or, if numbers differ by orders of magnitude, a logarithmic one.
  ///
  /// Nil if there is nothing finite to show.
  ///
  /// - Parameter values: the numbers to show.
  init?(_ values: some Sequence<Double>) {
    let finite = values.filter(\.isFinite)
    guard let high = finite.max(), let low = finite.min() else { return nil }
    let positive = finite.lazy.filter { $0 > 0 }
    if low >= 0, let least = positive.min(), high / least >= 50 {
      isLogarithmic = true
      (self.low, self.high) = (max(least, high * 1e-16) / 1.2, high * 1.2)
    } else {
      isLogarithmic = false
      let room = high == min(low, 0) ? 1 : (high - min(low, 0)) * 0.05
      (self.low, self.high) = (low < 0 ? low - room : 0, high + room)
    }
  }

  /// gnuplot's commands that set up the axis.
  ///
  /// - Parameters:
  ///   - name: x, y, …
  ///   - canvas: what is drawn on.
  /// - Returns: some lines.
  func commands(_ name: String, on canvas: Canvas) -> String {
    let range = "set \(name)range [\(low):\(high)]"
    guard isLogarithmic else { return "\(range)\nunset logscale \(name)\nset format \(name) '%h'" }
    // On less than a decade or two, tics at powers of ten alone would be too few.
    let decades = Double.log10(high / low)
    let format =
      decades < 1.5 ? "%h" : canvas.isText ? "1e%L" : "10^{%L}"
    let step = decades > 8 ? "\nset \(name)tics \(decades > 12 ? 1000 : 100)" : ""
    return "\(range)\nset logscale \(name)\nset format \(name) '\(format)'\(step)"
  }
}
