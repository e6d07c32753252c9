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
  /// Whether a student is higher than the axis, and whether the inset hides lines.
  private let (isCut, hidesLines): (Bool, Bool)
  /// The students in the key.
  private let labels: [String]

  /// An axis ends at so many times the largest probability of the teacher, though students be higher: one
  /// of them, in one token, would leave no room for all others.
  private static let excess = 2.0

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
    lines = Line.lines(of: data.objectives.compactMap { styles[$0].map { ($0, 0) } })
    binned = data.isBinned ? BinnedPanel(data) : nil
    isOrdered = data.isOrdered && size >= 10
    tailStart = data.tailStart(after: Self.headMass)
    let all = [data.teacher] + data.students.joined()
    let highest = all.joined().lazy.filter(\.isFinite).max() ?? 1
    // The token at which the inset starts.
    let first = max(Int(Double(size) * Self.inset.left) - 1, 0)
    let behind = all.joined(from: first).max() ?? 0
    let wanted =
      isOrdered ? max(highest * 1.05, behind / (Self.inset.bottom - 0.1)) : highest * 1.05
    let limit = Self.excess * (data.teacher.filter(\.isFinite).max() ?? .infinity)
    top = min(wanted, limit, .greatestFiniteMagnitude)
    isCut = highest > limit
    hidesLines = wanted > limit
    labels = zip(
      data.objectives,
      LinePanels.equals(
        data.objectives.indices.map { code in data.students.map { [$0[code]] } })
    ).map { objective, equal in
      "q, \(objective)" + (equal.map { " (equals \(data.objectives[$0]))" } ?? "")
    }
  }

  /// The key.
  func entries(on canvas: Canvas) -> [Layout.Entry] {
    let teacher =
      canvas.isText
      ? Self.edge.keyStyle(on: canvas)
      : "filledcurves y1=0 linecolor rgb '\(ObjectiveStyle.teacher.area)' fillstyle solid 1"
    return [Layout.Entry(style: teacher, label: "teacher p")]
      + zip(labels, lines).map {
        Layout.Entry(
          style: $1.keyStyle(on: canvas), label: canvas.isText ? $0 : "student \($0)")
      }
  }

  /// How many rows the key has on a canvas of scale 1 that is so many pixels wide.
  func keyRows(width: Int) -> Int {
    Layout.keyRows(["teacher p"] + labels.map { "student \($0)" }, width: width)
  }

  private static let edge = Line(colour: ObjectiveStyle.teacher.edge, width: 1)

  /// What the horizontal axis is.
  var places: String { data.order.rawValue + (binned == nil ? "" : ", counted from 1") }

  /// What the lines of bins are, and where lines are cut off; empty if there is nothing to say.
  var note: String {
    guard let binned else { return isCut ? "q above \(top.shortText) is cut off" : "" }
    guard binned.areBinsShared else { return "" }
    return "median\(lines.count > Line.maximumBands ? "" : " and range") of neighbouring"
      + " \(data.order == .rank ? "ranks" : "tokens")"
  }

  /// The least size of the axes of a panel.
  var least: (width: Double, height: Double) {
    binned != nil ? (14, 4) : isOrdered ? (46, 12) : (14, 12)
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
    let grid = CharacterGrid(rectangle, on: script.canvas)
    script.add(
      """
      \(rectangle.margins)
      \(labels)
      \(x.commands("x", on: script.canvas, room: grid.columns / 7))
      \(y.commands("y", on: script.canvas, room: grid.rows / 2))
      """)
    script.plot(
      grid.items(
        ([Self.edge] + lines).enumerated().map { place, line in
          (line, rows.map { [$0[0], $0[place + 1]] })
        }, x, y, in: &script))
  }

  private func plot(_ name: String, area low: Double, in script: inout Script) {
    let area = Script.Item(
      plot: "\(name) using 1:2 with filledcurves y1=\(low)"
        + " linecolor rgb '\(ObjectiveStyle.teacher.area)' fillstyle solid 1")
    let (count, canvas) = (data.teacher.count, script.canvas)
    let teacher = Script.Item(
      plot: "\(name) using 1:2 with \(Self.edge.lines(pointCount: count, on: canvas))",
      title: "teacher")
    let students = zip(data.objectives, lines).enumerated().map { index, student in
      Script.Item(
        plot: "\(name) using 1:\(index + 3) with"
          + " \(student.1.lines(pointCount: count, on: canvas))", title: student.0)
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
    let shownHighest = min(highest, (isTailScaleShared ? 3 : 2 * Self.excess) * tail)
    let high = 1.25 * shownHighest
    let cut = shownHighest < highest ? ", cut" : ""
    if hidesLines {
      // Lines that would run behind it.
      script.add(
        "set object 1 rectangle from screen \(rectangle.left - 8 * script.canvas.character),graph 0"
          + " to graph 1,graph 1.1 behind fillcolor rgb '#ffffff' fillstyle solid noborder")
    }
    script.add(
      """
      \(rectangle.margins)
      set tics font ',9'
      set label 90 'tail: the last \(Int((1 - Self.headMass) * 100 + 0.5)) % of p\(cut)' \
      at graph 0.98,graph 0.94 right font ',9' textcolor rgb '#444444'
      unset xlabel
      set xrange [\(Double(tailStart) - 0.5):\(Double(data.teacher.count) - 0.5)]
      set xtics autofreq
      set ytics autofreq
      set yrange [0:\(high > 0 ? high : 1)]
      """)
    plot(name, area: 0, in: &script)
    script.add("unset label 90\nunset object\nset tics font ''")
  }
}

extension Double {
  /// The number in three digits.
  fileprivate var shortText: String { "\(Float((self * 1000).rounded() / 1000))" }
}

extension [[Double]] {
  /// All finite numbers from an index on.
  fileprivate func joined(from first: Int) -> [Double] {
    flatMap { $0.dropFirst(first).filter(\.isFinite) }
  }
}
