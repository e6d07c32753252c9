// SPDX-License-Identifier: GPL-3.0-or-later

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
  /// Nil where tokens are shown one by one.
  private let binned: BinnedPanel?
  private let isOrdered: Bool
  private let tailStart: Int
  private let top: Double

  /// The left edge and the lower edge of the inset, in shares of the panel.
  private static let inset = (left: 0.42, bottom: 0.44)

  /// A panel for all epochs of some data.
  ///
  /// - Throws: `FigureError` for more objectives than can be told apart.
  init(_ data: SnapshotsData, isTailScaleShared: Bool) throws {
    self.data = data
    self.isTailScaleShared = isTailScaleShared
    let size = data.teacher.count
    let styles = try ObjectiveStyle.styles(of: data.objectives)
    lines = data.objectives.compactMap { objective in
      styles[objective].map { Line($0, among: data.objectives.count) }
    }
    binned = data.isBinned ? BinnedPanel(data) : nil
    isOrdered = data.isOrdered && size >= 10
    tailStart = data.tailStart(after: Self.headMass)
    let all = [data.teacher] + data.students.joined()
    let highest = all.joined().lazy.filter(\.isFinite).max() ?? 1
    // The token at which the inset starts.
    let first = max(Int(Double(size) * Self.inset.left) - 1, 0)
    let behind = all.joined(from: first).max() ?? 0
    top = isOrdered ? max(highest * 1.05, behind / (Self.inset.bottom - 0.1)) : highest * 1.05
  }

  /// The key.
  func entries(on canvas: Canvas) -> [Layout.Entry] {
    let teacher =
      canvas.isText
      ? Self.edge.keyStyle(on: canvas)
      : "filledcurves y1=0 linecolor rgb '\(ObjectiveStyle.teacher.area)' fillstyle solid 1"
    return [Layout.Entry(style: teacher, label: "teacher p")]
      + zip(data.objectives, lines).map {
        Layout.Entry(style: $1.keyStyle(on: canvas), label: "student q, \($0)")
      }
  }

  private static let edge = Line(colour: ObjectiveStyle.teacher.edge, width: 1)

  /// What the horizontal axis is.
  var places: String { data.order.rawValue + (binned == nil ? "" : ", counted from 1") }

  /// What the lines of bins are, empty where there are none.
  var note: String {
    guard binned != nil else { return "" }
    return "median\(lines.count > Line.maximumBands ? "" : " and range") of neighbouring"
      + " \(data.order == .rank ? "ranks" : "tokens")"
  }

  /// Draws an epoch.
  ///
  /// - Parameters:
  ///   - index: the index of the epoch.
  ///   - rectangle: where to draw it.
  ///   - labels: gnuplot's commands for the title and the labels of the axes.
  ///   - script: the script to extend.
  func draw(_ index: Int, in rectangle: Rectangle, labels: String, to script: inout Script) {
    if let binned {
      script.add("\(rectangle.margins)\n\(labels)")
      binned.draw(index, in: rectangle, lines: lines, teacher: Self.edge, to: &script)
      script.add("unset title\nunset label 80\nunset logscale\nset tics autofreq")
      return
    }
    let students = data.students[index]
    let rows = data.teacher.indices.map { token in
      [Double(token), data.teacher[token]] + students.map { $0[token] }
    }
    let size = Double(data.teacher.count)
    let x = Axis(-0.5, size - 0.5)
    guard !script.canvas.isText else {
      drawCharacters(rows, x, in: rectangle, labels: labels, to: &script)
      return
    }
    let name = script.data(rows)
    let isSplit = !isOrdered
    var main = rectangle
    var lower = rectangle
    if isSplit {
      main.bottom += (main.top - main.bottom) * 0.42
      lower.top = lower.bottom + (lower.top - lower.bottom) * 0.34
    }
    script.add(
      """
      \(main.margins)
      \(labels)
      set xrange [\(x.low):\(x.high)]
      set xtics autofreq
      set yrange [0:\(top)]
      set ytics autofreq
      set format y '%h'
      \(isSplit ? "unset xlabel\nset format x ''" : "")
      """)
    plot(name, area: 0, in: &script)
    script.add("unset title\nunset label 80")
    if isSplit {
      script.add("set format x '%h'\n\(lower.margins)\n\(labels)\nunset title\nunset label 80")
      logarithmicStrip(name, in: lower, to: &script)
    } else if isOrdered {
      inset(name, index: index, panel: rectangle, in: &script)
    }
    script.add("set tics font ''\nunset logscale\nset format y '%h'\nunset xlabel")
  }

  private func drawCharacters(
    _ rows: [[Double]], _ x: Axis, in rectangle: Rectangle, labels: String, to script: inout Script
  ) {
    let y = Axis(0, top)
    let columns = Int((rectangle.right - rectangle.left) / script.canvas.character)
    let height = Int((rectangle.top - rectangle.bottom) / script.canvas.line)
    script.add(
      """
      \(rectangle.margins)
      \(labels)
      \(x.commands("x", on: script.canvas, room: columns / 7))
      \(y.commands("y", on: script.canvas, room: height / 2))
      """)
    script.plot(
      ([Self.edge] + lines).enumerated().map { place, line in
        line.characters(
          script.data(
            x.path(rows.map { [$0[0], $0[place + 1]] }, y, columns: columns, lines: height)))
      })
  }

  private func plot(_ name: String, area low: Double, in script: inout Script) {
    let area = Script.Item(
      plot: "\(name) using 1:2 with filledcurves y1=\(low)"
        + " linecolor rgb '\(ObjectiveStyle.teacher.area)' fillstyle solid 1")
    let teacher = Script.Item(
      plot: "\(name) using 1:2 with lines \(Self.edge.style)", title: "teacher")
    let students = zip(data.objectives, lines).enumerated().map { index, student in
      Script.Item(
        plot: "\(name) using 1:\(index + 3) with"
          + " \(student.1.lines(pointCount: data.teacher.count))", title: student.0)
    }
    script.plot([area, teacher] + students)
  }

  private func logarithmicStrip(
    _ name: String, in rectangle: Rectangle, to script: inout Script
  ) {
    let values = ([data.teacher] + data.students.joined()).joined().filter { $0 > 0 && $0.isFinite }
    let high = (values.max() ?? 1) * 1.5
    let least = data.teacher.filter { $0 > 0 }.min() ?? high
    let low = max(least / 3, high * 1e-7)
    let room = Int((rectangle.top - rectangle.bottom) / script.canvas.line) / 2
    script.add(Axis(low, high, isLogarithmic: true).commands("y", on: script.canvas, room: room))
    plot(name, area: low, in: &script)
    script.add("set ytics autofreq")
  }

  private func inset(
    _ name: String, index: Int, panel: Rectangle, in script: inout Script
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
      set xrange [\(Double(tailStart) - 0.5):\(Double(data.teacher.count) - 0.5)]
      set xtics autofreq
      set ytics autofreq
      set yrange [0:\(high > 0 ? high : 1)]
      """)
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
