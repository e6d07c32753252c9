// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics
internal import RealModule

/// One epoch of teacher and students by rank on logarithmic scales, with the median and the range of
/// each bin of ranks.
struct BinnedPanel {
  /// Tokens of neighbouring places.
  struct Bin: Equatable {
    /// The geometric mean of the first and the last place, counted from 1.
    let centre: Double
    /// The indices of the tokens in the data.
    let tokens: Range<Int>
  }

  private let data: SnapshotsData
  private let bins: [Bin]
  private let x: Axis
  private let y: Axis

  /// Whether there is a bin of several tokens.
  var areBinsShared: Bool { bins.contains { $0.tokens.count > 1 } }

  /// Chooses bins so that all panels together remain small.
  init(_ data: SnapshotsData) {
    self.data = data
    let lines = data.epochs.count * (data.objectives.count + 1)
    bins = Self.bins(data.places, count: max(24, min(100, 12_000 / lines)))
    x = Axis(0.9, Double((data.places.last ?? 0) + 1) * 1.1, isLogarithmic: true)
    let all = [data.teacher] + data.students.joined()
    let high = (all.joined().lazy.filter(\.isFinite).max() ?? 1) * 1.5
    let least = data.teacher.lazy.filter { $0 > 0 && $0.isFinite }.min() ?? high / 10
    // A student may be as good as zero.
    let lowest = all.joined().lazy.filter { $0 > least / 1e4 }.min() ?? least
    y = Axis(max(lowest / 2, high * 1e-16), high, isLogarithmic: true)
  }

  /// Bins of equal width on a logarithmic scale, without those that have no token.
  static func bins(_ places: [Int], count: Int) -> [Bin] {
    guard let last = places.last else { return [] }
    let width = Double.log(Double(last + 2)) / Double(count)
    let binOfPlace = places.map { Int(Double.log(Double($0 + 1)) / width) }
    var bins: [Bin] = []
    var start = 0
    for index in places.indices
    where index + 1 == places.count || binOfPlace[index + 1] != binOfPlace[index] {
      let centre = (Double(places[start] + 1) * Double(places[index] + 1)).squareRoot()
      bins.append(Bin(centre: centre, tokens: start..<(index + 1)))
      start = index + 1
    }
    return bins
  }

  /// Median, least and largest probability of each bin, cut off where the axis ends.
  private func rows(_ probabilities: [Double]) -> [[Double]] {
    bins.map { bin in
      let sample = Array(probabilities[bin.tokens])
      let quantiles = Statistics.quantiles([0.5, 0, 1], of: sample) ?? [.nan, .nan, .nan]
      return [bin.centre] + quantiles.map { max($0, y.low) }
    }
  }

  /// Draws an epoch.
  ///
  /// - Parameters:
  ///   - index: the index of the epoch.
  ///   - rectangle: where to draw it.
  ///   - lines: the lines of the students.
  ///   - teacher: the line of the teacher.
  ///   - script: the script to extend.
  func draw(
    _ index: Int, in rectangle: Rectangle, lines: [Line], teacher: Line, to script: inout Script
  ) {
    let canvas = script.canvas
    let columns = Int((rectangle.right - rectangle.left) / canvas.character)
    let height = Int((rectangle.top - rectangle.bottom) / canvas.line)
    script.add(x.commands("x", on: canvas, room: columns / 7))
    script.add(y.commands("y", on: canvas, room: height / 2))
    var back: [Script.Item] = []
    var front: [Script.Item] = []
    let series = [(data.teacher, teacher)] + zip(data.students[index], lines)
    guard !canvas.isText else {
      script.plot(
        CharacterGrid(rectangle, on: canvas).items(
          series.map { ($1, rows($0)) }, x, y, in: &script))
      return
    }
    for (place, (probabilities, line)) in series.enumerated() {
      let rows = rows(probabilities)
      let name = script.data(rows)
      if place == 0 {
        back.append(
          Script.Item(
            plot: "\(name) using 1:2 with filledcurves y1=\(y.low)"
              + " linecolor rgb '\(ObjectiveStyle.teacher.area)' fillstyle solid 1"))
      } else if lines.count <= Line.maximumBands {
        back.append(line.band(name, columns: "1:3:4"))
      }
      front.append(
        Script.Item(
          plot: "\(name) using 1:2 with \(line.lines(pointCount: rows.count, on: canvas))",
          title: place == 0 ? "teacher" : data.objectives[place - 1]))
    }
    script.plot(back + front)
  }
}
