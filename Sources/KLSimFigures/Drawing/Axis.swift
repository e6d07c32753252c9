// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The range and the scale of an axis.
struct Axis: Equatable {
  /// A place with a text of its own.
  struct Tic: Equatable {
    let text: String
    let place: Double
  }

  let isLogarithmic: Bool
  let low: Double
  let high: Double
  /// Whether the lower end of a logarithmic axis stands for 0.
  let showsZero: Bool
  /// The tics; none for those that gnuplot or `tics(room:)` finds.
  private let named: [Tic]

  /// Margins and ratios of larger numbers, and of their reciprocals, are no doubles.
  static let limit = 1e150

  /// An axis of a known range, of which it shows what lies within ±1e150, and from 1e-150 if it is logarithmic.
  init(
    _ low: Double, _ high: Double, isLogarithmic: Bool = false, showsZero: Bool = false,
    named: [Tic] = []
  ) {
    let least = isLogarithmic ? 1 / Self.limit : -Self.limit
    (self.low, self.high) = (max(least, min(low, Self.limit)), max(least, min(high, Self.limit)))
    (self.isLogarithmic, self.named) = (isLogarithmic, named)
    self.showsZero = showsZero
  }

  /// An axis that holds all numbers of a data set within ±1e150.
  ///
  /// Nil if there is nothing to show.
  ///
  /// - Parameters:
  ///   - values: the numbers to show.
  ///   - scale: the scale, of which a logarithmic one leaves out what is not positive; nil for a
  ///     linear one or, if numbers differ by orders of magnitude, a logarithmic one. A linear one starts
  ///     at 0, unless all numbers are in the upper half or some are negative.
  ///   - showsZero: whether a logarithmic axis shows zeros, too, and what rounding has left: at its lower
  ///     end, a power of ten that is well below the other numbers.
  init?(
    _ values: some Sequence<Double>, scale: FigureOptions.Scale? = nil, showsZero: Bool = false
  ) {
    let finite = values.filter { abs($0) <= Self.limit }.map { abs($0) < 1 / Self.limit ? 0 : $0 }
    guard let high = finite.max(), let low = finite.min() else { return nil }
    let least = finite.lazy.filter { $0 > 0 }.min()
    // What rounding has made negative is as good as 0.
    let isWide = low >= (showsZero ? -1e-9 * high : 0) && least.map { high / $0 >= 50 } ?? false
    if scale.map({ $0 == .log }) ?? isWide {
      guard let least else { return nil }
      let start = max(least, high * (showsZero ? 1e-12 : 1e-16)) / 1.2
      guard showsZero, low < start else {
        self.init(start, high * 1.2, isLogarithmic: true)
        return
      }
      let foot = Double.log10(start) - 0.08 * Double.log10(high / start)
      self.init(
        Double.exp10(foot.rounded(.down)), high * 1.2, isLogarithmic: true, showsZero: true)
    } else {
      // From 0 the differences of numbers that are close to each other would not be seen, but those of
      // numbers that are all but equal would look large.
      let isClose = low > high / 2 && high - low > 1e-3 * high
      let start = isClose ? low : min(low, 0)
      let room = high == start ? 1 : (high - start) * 0.05
      self.init(start == 0 ? 0 : start - room, high + room)
    }
  }

  /// Where a number is on the axis: 0 at the lower end, 1 at the upper one.
  func share(_ number: Double) -> Double {
    isLogarithmic
      ? Double.log(number / low) / Double.log(high / low) : (number - low) / (high - low)
  }

  /// The place of a number: itself, or the lower end for what stands there as 0.
  func place(of number: Double) -> Double { showsZero && number < low ? low : number }

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
    let room = max(room, 2)
    let scale =
      "set \(name)range [\(low):\(high)]\n\(isLogarithmic ? "" : "un")set logscale \(name)"
    if !named.isEmpty {
      // Labels of the horizontal axis stand side by side.
      let step = name == "x" ? (named.count + room - 1) / room : 1
      // gnuplot takes a label as a format, in which % is doubled.
      let tics = stride(from: 0, to: named.count, by: step).map { named[$0] }.map {
        "\(Script.quoted($0.text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))) \($0.place)"
      }
      return "\(scale)\nset format \(name) '%h'\nset \(name)tics (\(tics.joined(separator: ", ")))"
    }
    if isLogarithmic, Double.log10(high).rounded(.down) - Double.log10(low).rounded(.up) >= 2 {
      let step = Int((Double.log10(high / low) / Double(room)).rounded(.up))
      return "\(scale)\nset format \(name) '\(canvas.isText ? "1e%L" : "10^{%L}")'"
        + "\nset \(name)tics \(step > 1 ? powers(by: step) : "autofreq")" + zeroTic(name)
    }
    // In a terminal, or where little has room, gnuplot's own tics write over each other.
    guard isLogarithmic || canvas.isText || name == "y" && room < 4 else {
      return "\(scale)\nset format \(name) '%h'\nset \(name)tics autofreq"
    }
    let tics = tics(room: room).filter { !showsZero || $0 > 1.5 * low }
    let least = zip(tics, tics.dropFirst()).map { $1 - $0 }.min() ?? 1
    let digits = Int(Double.log10(max(abs(low), abs(high)) / least).rounded(.up)) + 1
    return "\(scale)\nset format \(name) '%.\(min(max(digits, 3), 15))g'"
      + "\nset \(name)tics (\(tics.map { "\($0)" }.joined(separator: ", ")))" + zeroTic(name)
  }

  /// gnuplot's words for tics at every so many powers of ten.
  private func powers(by step: Int) -> String {
    // It goes from one such tic to the next in small steps, for many powers without end.
    guard step > 5 else { return "1e\(step)" }
    let first = (Double.log10(low) / Double(step)).rounded(.up)
    let places = stride(from: first, through: Double.log10(high) / Double(step), by: 1)
    return "(" + places.map { "1e\(Int($0) * step)" }.joined(separator: ", ") + ")"
  }

  /// gnuplot's command that says where 0 is, if the axis cannot hold it.
  private func zeroTic(_ name: String) -> String {
    showsZero ? "\nset \(name)tics add ('0' \(low))" : ""
  }

  /// Round numbers on the axis: as many as have room for a label, at least three if `room` is.
  func tics(room: Int) -> [Double] {
    let choices = (isLogarithmic ? multiplesOfPowers : []) + (spansDecade ? [] : multiplesOfSteps)
    let enough = choices.filter { $0.count >= min(room, 3) }
    func gap(_ tics: [Double]) -> Double {
      zip(tics, tics.dropFirst()).map { share($1) - share($0) }.min() ?? 1
    }
    let fitting = enough.filter { gap($0) >= 1 / Double(room) }
    return fitting.max { $0.count < $1.count } ?? enough.max { gap($0) < gap($1) } ?? []
  }

  private var spansDecade: Bool { isLogarithmic && high >= 10 * low }

  /// Multiples of powers of ten, from the fewest to the most; many only on a decade or more.
  private var multiplesOfPowers: [[Double]] {
    let exponents = Double.log10(low).rounded(.down)...Double.log10(high).rounded(.down)
    let powers = stride(from: exponents.lowerBound, through: exponents.upperBound, by: 1)
    let multiples: [[Double]] = [
      [1], [1, 3], [1, 2, 5], [1, 2, 3, 5, 7], (1...9).map(Double.init),
    ]
    return multiples.prefix(spansDecade ? 5 : 3).map { multiples in
      powers.flatMap { power in multiples.map { Self.product($0, power) } }
        .filter { low <= $0 && $0 <= high }
    }
  }

  /// Multiples of steps of 1, 2 or 5 times a power of ten, from the fewest to the most.
  private var multiplesOfSteps: [[Double]] {
    // An axis without extent, or one within the rounding of its ends, has none.
    guard high - low > max(1 / Self.limit, 1e-12 * max(abs(low), abs(high))) else { return [] }
    let exponent = Double.log10(high - low).rounded(.down)
    return [0.0, -1, -2].flatMap { finer in
      [5.0, 2, 1].map { multiple in
        let step = multiple * Double.exp10(exponent + finer)
        let numbers =
          (low / step).rounded(
            .up)...max(
            (low / step).rounded(.up), (high / step).rounded(.down))
        return stride(from: numbers.lowerBound, through: numbers.upperBound, by: 1).map {
          Self.product($0 * multiple, exponent + finer)
        }.filter { low <= $0 && $0 <= high }
      }
    }
  }

  /// A positive number rounded up to one digit.
  static func roundedUp(_ number: Double) -> Double {
    let exponent = Double.log10(number).rounded(.down)
    return product((number / Double.exp10(exponent)).rounded(.up), exponent)
  }

  /// A multiple of a power of ten, rounded once, and not −0.
  private static func product(_ multiple: Double, _ exponent: Double) -> Double {
    0 + (exponent < 0 ? multiple / Double.exp10(-exponent) : multiple * Double.exp10(exponent))
  }
}
