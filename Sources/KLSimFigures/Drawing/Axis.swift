// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The range and the scale of an axis.
struct Axis: Equatable {
  let isLogarithmic: Bool
  let low: Double
  let high: Double

  /// An axis of a known range.
  init(_ low: Double, _ high: Double, isLogarithmic: Bool = false) {
    (self.low, self.high, self.isLogarithmic) = (low, high, isLogarithmic)
  }

  /// An axis that holds all finite numbers of a data set.
  ///
  /// Nil if there is nothing to show.
  ///
  /// - Parameters:
  ///   - values: the numbers to show.
  ///   - scale: the scale, of which a logarithmic one leaves out what is not positive; nil for one
  ///     from 0 or, if numbers differ by orders of magnitude, a logarithmic one.
  init?(_ values: some Sequence<Double>, scale: FigureOptions.Scale? = nil) {
    let finite = values.filter(\.isFinite)
    guard let high = finite.max(), let low = finite.min() else { return nil }
    let least = finite.lazy.filter { $0 > 0 }.min()
    let isWide = low >= 0 && least.map { high / $0 >= 50 } ?? false
    if scale.map({ $0 == .log }) ?? isWide {
      guard let least else { return nil }
      self.init(max(least, high * 1e-16) / 1.2, high * 1.2, isLogarithmic: true)
    } else {
      let room = high == min(low, 0) ? 1 : (high - min(low, 0)) * 0.05
      self.init(low < 0 ? low - room : 0, high + room)
    }
  }

  /// Where a number is on the axis: 0 at the lower end, 1 at the upper one.
  func share(_ number: Double) -> Double {
    isLogarithmic
      ? Double.log(number / low) / Double.log(high / low) : (number - low) / (high - low)
  }

  /// The number at a share of the axis.
  func number(at share: Double) -> Double {
    isLogarithmic
      ? low * Double.exp(share * Double.log(high / low)) : low + share * (high - low)
  }

  /// gnuplot's commands that set up the axis.
  ///
  /// - Parameters:
  ///   - name: x or y.
  ///   - canvas: what is drawn on.
  ///   - room: how many labels have room.
  /// - Returns: some lines.
  func commands(_ name: String, on canvas: Canvas, room: Int) -> String {
    let range = "set \(name)range [\(low):\(high)]"
    guard isLogarithmic else {
      return "\(range)\nunset logscale \(name)\nset format \(name) '%h'\nset \(name)tics autofreq"
    }
    return "\(range)\nset logscale \(name)\n"
      + logarithmicTics(name, on: canvas, room: max(room, 2))
  }

  /// Tics at powers of ten; on less than two decades also, or only, in between.
  private func logarithmicTics(_ name: String, on canvas: Canvas, room: Int) -> String {
    let decades = Double.log10(high / low)
    if decades >= 2 {
      let step = Int((decades / Double(room)).rounded(.up))
      return "set format \(name) '\(canvas.isText ? "1e%L" : "10^{%L}")'"
        + "\nset \(name)tics \(step > 1 ? "1e\(step)" : "autofreq")"
    }
    let first = Int(Double.log10(low).rounded(.down))
    let powers = (first...first + 2).map { Double.exp10(Double($0)) }
    let choices: [[Double]] = [
      [1], [1, 3], [1, 2, 5], (2...19).map { Double($0) / 2 }, (10...99).map { Double($0) / 10 },
    ]
    let tics = choices.map { multiples in
      powers.flatMap { power in multiples.map { $0 * power } }.filter { low <= $0 && $0 <= high }
    }
    let chosen = tics.last { (2...room).contains($0.count) } ?? [low, high]
    return "set format \(name) '%.3g'\nset \(name)tics"
      + " (\(chosen.map { "\(Float($0))" }.joined(separator: ", ")))"
  }
}
