// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// One epoch of teacher and students, drawn with a second plot on the tail.
///
/// If the teacher decreases from left to right, an inset in the empty upper right enlarges the tail;
/// otherwise a second plot below shows all tokens on a logarithmic scale.
struct SnapshotPanel {
  /// The share of the teacher's mass that is not tail.
  static let headMass = 0.9

  let data: SnapshotsData
  let lines: [Line]
  /// Whether all panels show the tail on the same scale.
  let isTailScaleShared: Bool
  private let order: FigureOptions.Order
  private let isOrdered: Bool
  private let isLogarithmic: Bool
  private let tailStart: Int
  private let top: Double

  /// The left edge and the lower edge of the inset, in shares of the panel.
  private static let inset = (left: 0.42, bottom: 0.44)

  init(_ data: SnapshotsData, order: FigureOptions.Order, isTailScaleShared: Bool) {
    self.data = data
    self.order = order
    self.isTailScaleShared = isTailScaleShared
    let size = data.teacher.count
    lines = Colours.of(data.objectives).enumerated().map { index, colour in
      // With dashes the lines below remain visible where students coincide.
      Line(colour: colour, dash: index, index: index + 1, width: size > 300 ? 0.7 : 1.5)
    }
    isOrdered = data.isOrdered && size >= 10
    isLogarithmic = isOrdered && size >= 200 && data.tailStart(after: 0.5) * 20 <= size
    tailStart = data.tailStart(after: Self.headMass)
    let all = [data.teacher] + data.students.joined()
    let highest = all.joined().lazy.filter(\.isFinite).max() ?? 1
    // The token at which the inset starts.
    let first =
      isLogarithmic
      ? Int(Double(size).squareRoot()) / 2 : max(Int(Double(size) * Self.inset.left) - 1, 0)
    let behind = all.joined(from: first).max() ?? 0
    top = isOrdered ? max(highest * 1.05, behind / (Self.inset.bottom - 0.1)) : highest * 1.05
  }

  /// The legend.
  func entries(on canvas: Canvas) -> [Layout.Entry] {
    let teacher =
      canvas.isText
      ? "lines \(Self.edge.style)"
      : "filledcurves y1=0 linecolor rgb '\(Colours.teacher.area)' fillstyle solid 1"
    return [Layout.Entry(style: teacher, label: "teacher p")]
      + zip(data.objectives, lines).map {
        Layout.Entry(style: "lines \($1.style)", label: "student q, \($0)")
      }
  }

  private static let edge = Line(colour: Colours.teacher.edge, width: 1)

  /// gnuplot's command for the label of the horizontal axis.
  var xLabel: String {
    "set xlabel '\(order.rawValue)\(isLogarithmic ? ", counted from 1" : "")' offset 0,0.4"
  }

  /// Draws an epoch.
  ///
  /// - Parameters:
  ///   - index: the index of the epoch.
  ///   - rectangle: where to draw it.
  ///   - labels: gnuplot's commands for the title and the labels of the axes.
  ///   - script: the script to extend.
  func draw(_ index: Int, in rectangle: Rectangle, labels: String, to script: inout Script) {
    let offset = isLogarithmic ? 1.0 : 0.0
    let students = data.students[index]
    let name = script.data(
      data.teacher.indices.map { token in
        [Double(token) + offset, data.teacher[token]] + students.map { $0[token] }
      })
    let isSplit = !isOrdered && !script.canvas.isText
    var main = rectangle
    var lower = rectangle
    if isSplit {
      main.bottom += (main.top - main.bottom) * 0.42
      lower.top = lower.bottom + (lower.top - lower.bottom) * 0.34
    }
    let size = Double(data.teacher.count)
    script.add(
      """
      \(main.margins)
      \(labels)
      \(xAxis(isLogarithmic ? (0.9, size * 1.05) : (-0.5, size - 0.5)))
      unset logscale y
      set yrange [0:\(top)]
      set ytics auto
      set format y '%h'
      \(isSplit ? "unset xlabel\nset format x ''" : "")
      """)
    plot(name, area: script.canvas.isText ? nil : 0, in: &script)
    script.add("unset title\nunset label 80")
    guard !script.canvas.isText else { return }
    if isSplit {
      script.add("set format x '%h'\n\(lower.margins)\n\(labels)\nunset title\nunset label 80")
      logarithmicStrip(name, in: &script)
    } else if isOrdered {
      inset(name, index: index, panel: rectangle, offset: offset, in: &script)
    }
    script.add("set tics font ''\nunset logscale\nset format y '%h'\nunset xlabel")
  }

  private func xAxis(_ range: (low: Double, high: Double)) -> String {
    "set xrange [\(range.low):\(range.high)]\n\(isLogarithmic ? "set" : "unset") logscale x"
      + "\nset xtics auto"
  }

  private func plot(_ name: String, area low: Double?, in script: inout Script) {
    let area = low.map {
      Script.Item(
        plot: "\(name) using 1:2 with filledcurves y1=\($0)"
          + " linecolor rgb '\(Colours.teacher.area)' fillstyle solid 1")
    }
    let teacher = Script.Item(
      plot: "\(name) using 1:2 with lines \(Self.edge.style)", title: "teacher")
    let students = zip(data.objectives, lines).enumerated().map { index, student in
      Script.Item(
        plot: "\(name) using 1:\(index + 3) with lines \(student.1.style)", title: student.0)
    }
    script.plot((area.map { [$0] } ?? []) + [teacher] + students)
  }

  private func logarithmicStrip(_ name: String, in script: inout Script) {
    let values = ([data.teacher] + data.students.joined()).joined().filter { $0 > 0 && $0.isFinite }
    let high = (values.max() ?? 1) * 1.5
    let least = data.teacher.filter { $0 > 0 }.min() ?? high
    let low = max(least / 3, high * 1e-7)
    script.add(
      """
      set logscale y
      set yrange [\(low):\(high)]
      \(Self.logarithmicTics(from: low, to: high))
      """)
    plot(name, area: low, in: &script)
    script.add("set ytics auto")
  }

  /// Tics at powers of ten, and between them if there are few.
  private static func logarithmicTics(from low: Double, to high: Double) -> String {
    guard high / low < 100 else {
      return "set format y '10^{%L}'\nset ytics \(high / low > 1e3 ? 100 : 10)"
    }
    let first = Int(Double.log10(low).rounded(.down))
    let tics = (first...first + 3).flatMap { exponent in
      [1, 2, 5].map { "\($0)e\(exponent)" }
    }
    return "set format y '%g'\nset ytics (\(tics.joined(separator: ", ")))"
  }

  private func inset(
    _ name: String, index: Int, panel: Rectangle, offset: Double, in script: inout Script
  ) {
    let (width, height) = (panel.right - panel.left, panel.top - panel.bottom)
    let rectangle = Rectangle(
      left: panel.left + width * Self.inset.left + 4 * script.canvas.character,
      right: panel.right - 0.5 * script.canvas.character,
      bottom: panel.bottom + height * Self.inset.bottom + 1.2 * script.canvas.line,
      top: panel.top - 0.4 * script.canvas.line)
    let tail = data.teacher[tailStart...].max() ?? 1
    let shown = isTailScaleShared ? data.students.flatMap { $0 } : data.students[index]
    let highest = max(tail, shown.map { $0[tailStart...].filter(\.isFinite).max() ?? 0 }.max() ?? 0)
    let high = 1.25 * (isTailScaleShared ? min(highest, 3 * tail) : highest)
    script.add(
      """
      \(rectangle.margins)
      set tics font ',9'
      set label 90 'tail: the last \(Int((1 - Self.headMass) * 100 + 0.5)) % of p' \
      at graph 0.98,graph 0.94 right font ',9' textcolor rgb '#444444'
      unset xlabel
      \(xAxis((Double(tailStart) + offset - 0.5, Double(data.teacher.count) + offset - 0.5)))
      set yrange [0:\(high > 0 ? high : 1)]
      """)
    // Tics of a logarithmic axis with less than a decade would run into each other.
    script.add("unset logscale x\nset xtics autofreq\nset ytics autofreq")
    plot(name, area: 0, in: &script)
    script.add("unset label 90\nset tics font ''")
  }
}

extension [[Double]] {
  /// All finite numbers from an index on.
  fileprivate func joined(from first: Int) -> [Double] {
    flatMap { $0.dropFirst(first).filter(\.isFinite) }
  }
}
