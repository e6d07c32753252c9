// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// An axis of cells, each around a number; logarithmic if the gaps between the numbers grow.
struct CellAxis {
  /// The lower and the upper edge of each cell: half-way to its neighbours.
  let edges: [(low: Double, high: Double)]
  private let isLogarithmic: Bool

  /// The axis for numbers in ascending order.
  init(_ centres: [Double]) {
    let gaps = zip(centres, centres.dropFirst()).map { $1 - $0 }
    let isLogarithmic =
      (centres.first ?? 0) > 0 && (gaps.last ?? 0) >= 8 * (gaps.first ?? .infinity)
    self.isLogarithmic = isLogarithmic
    guard centres.count > 1 else {
      edges = centres.map { ($0 - 0.5, $0 + 0.5) }
      return
    }
    let places = centres.map { isLogarithmic ? Double.log10($0) : $0 }
    let middles = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
    let first = 2 * places[0] - middles[0]
    let last = 2 * places[places.count - 1] - middles[middles.count - 1]
    edges = zip([first] + middles, middles + [last]).map { low, high in
      isLogarithmic ? (Double.exp10(low), Double.exp10(high)) : (low, high)
    }
  }

  /// The coordinate of a number on the linear or logarithmic scale of the axis.
  func place(_ number: Double) -> Double { isLogarithmic ? Double.log10(number) : number }

  /// The number at a share of the axis, and the index of the cell in which it is.
  func cell(at share: Double) -> (number: Double, index: Int) {
    let (low, high) = (place(edges[0].low), place(edges[edges.count - 1].high))
    let place = low + share * (high - low)
    let number = isLogarithmic ? Double.exp10(place) : place
    return (number, edges.firstIndex { number < $0.high } ?? edges.count - 1)
  }

  /// gnuplot's expression for the number at a coordinate.
  func number(_ place: String) -> String { isLogarithmic ? "10**\(place)" : place }

  /// gnuplot's commands that set up the axis.
  func commands(_ name: String) -> String {
    let range = edges.first.map { "[\($0.low):\(edges[edges.count - 1].high)]" } ?? "[0:1]"
    return "set \(name)range \(range)\n\(isLogarithmic ? "set" : "unset") logscale \(name)"
  }
}
