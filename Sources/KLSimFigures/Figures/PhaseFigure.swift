// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// Which objective is ahead, by cut between head and tail and by epoch, with the boundary.
package struct PhaseFigure: Figure {
  package static let name = "phase"
  package static let summary =
    "the share of seeds in which one objective is ahead, by cut and epoch"
    + " (records of several heads, evidence)"
  package static let numbers: Set = [
    "head_error", "tail_error", "tvd", "head_count", "share", "seeds",
  ]
  /// PNG comes first: as shapes, a thousand cells make a large file.
  package static let formats: [Canvas.Format] = [.png, .svg, .pdf, .text]
  package static let options: Set<FigureOptions.Name> = [.objectives, .error]

  /// The shares of seeds at which a line is drawn: half, nearly all, and nearly none.
  private static let levels = [
    (0.5, "#000000", 2.0, "solid"), (0.95, "#000000", 1.3, "(8,4)"),
    (0.05, "#000000", 1.3, "(2,3)"),
  ]

  /// A block of data with a contour line, and the index of its level.
  private struct Contour {
    let name: String
    let level: Int
  }

  private let data: PhaseData
  private let title: String

  package init(_ table: Table, _ options: FigureOptions) throws {
    data = try PhaseData(table, options)
    guard data.cuts.count > 1 else {
      throw FigureError(
        description:
          "the figure 'phase' shows how the lead depends on the cut, and there is one only:"
          + " record several heads",
        remedy: .recordHeads(["mass=0.3", "mass=0.5", "mass=0.9", "mass=0.99"]))
    }
    title = options.title ?? data.condition.text(seeds: data.seedCount)
  }

  package var size: (width: Int, height: Int) { (760, 560) }

  package func draw(in script: inout Script) throws {
    let canvas = script.canvas
    var frame = Layout.Frame()
    if !canvas.isText { frame.right = 13 }
    frame.least = (36, 7.5)
    let layout = try Layout.fitting(
      canvas, title: canvas.isText ? "\(data.meaning) · \(title)" : title,
      entries: entries(canvas), frame: frame
    ).layout
    let rectangle = layout.panels[0]
    layout.begin(&script)
    let columns = CellAxis(data.epochs)
    let rows = CellAxis(data.cuts)
    // Before the axes are set up: contours are computed from the coordinates of the cells.
    let contours = canvas.isText ? [] : contours(columns, rows, in: &script)
    script.add(
      """
      \(rectangle.margins)
      \(columns.commands("x"))
      \(rows.commands("y"))
      \(canvas.isText ? "unset xlabel" : "set xlabel 'epoch' offset 0,0.4")
      set title \(Script.quoted(caption(canvas))) offset 0,\(canvas.isText ? "0" : "-0.6") \
      textcolor rgb '#222222'
      \(rectangle.yLabel(Caption(data.cutName), on: canvas))
      """)
    if canvas.isText {
      plotCharacters(columns, rows, in: rectangle, to: &script)
    } else {
      plotCells(columns, rows, contours, in: &script)
    }
    layout.end(&script)
  }

  /// In a terminal, where text cannot be rotated, the title says what the axes are.
  private func caption(_ canvas: Canvas) -> String {
    canvas.isText ? "\(data.cutName) by epoch" : data.meaning
  }

  private static let classes: [(least: Double, character: Character, label: String)] = [
    (0.95, "#", "95 % or more"), (0.5.nextUp, "+", "over half"), (0.5, "o", "half"),
    (0.05.nextUp, "-", "under half"), (0, ".", "5 % or less"),
  ]

  private static let tie = (least: 0.0, character: Character("="), label: "equal but for rounding")
  private static let tieColour = "#B0B0B0"

  private func entries(_ canvas: Canvas) -> [Layout.Entry] {
    let hasTies = data.cells.contains(where: \.isTied)
    guard !canvas.isText else {
      return (Self.classes + (hasTies ? [Self.tie] : [])).map {
        Layout.Entry(style: "points pointtype '\($0.character)'", label: $0.label)
      }
    }
    let lines = zip(Self.levels.indices, ["half of the seeds", "95 %", "5 %"]).map {
      Layout.Entry(style: Self.lineStyle($0), label: $1)
    }
    let box = "boxes linecolor rgb '\(Self.tieColour)' fillstyle solid 1"
    return lines + (hasTies ? [Layout.Entry(style: box, label: Self.tie.label)] : [])
  }

  private static func lineStyle(_ level: Int) -> String {
    let (_, colour, width, dash) = levels[level]
    return "lines \(Line(colour: colour, dash: dash, width: width).style)"
  }

  /// A name for the line below a percentage, if it fits; the caption has it in any case.
  private static func besideBar(_ name: String) -> String {
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return isPlain && (1...7).contains(name.count) ? "\\n\(name)" : ""
  }

  private func plotCells(
    _ columns: CellAxis, _ rows: CellAxis, _ contours: [Contour], in script: inout Script
  ) {
    let column = Dictionary(uniqueKeysWithValues: zip(data.epochs, columns.edges))
    let row = Dictionary(uniqueKeysWithValues: zip(data.cuts, rows.edges))
    func boxes(
      _ cells: [PhaseData.Cell], using columns: String, colour: String
    ) -> [Script.Item] {
      let boxes = cells.compactMap { cell -> [Double]? in
        guard let column = column[cell.epoch], let row = row[cell.cut] else { return nil }
        return [
          cell.epoch, cell.cut, column.low, column.high, row.low, row.high, cell.share,
        ]
      }
      guard !boxes.isEmpty else { return [] }
      return [
        Script.Item(
          plot: "\(script.data(boxes)) using \(columns) with boxxyerror"
            + " fillstyle solid 1 border linewidth 0.3 linecolor \(colour)")
      ]
    }
    let ties = boxes(
      data.cells.filter(\.isTied),
      using: "1:2:3:4:5:6", colour: "rgb '\(Self.tieColour)'")
    let shares = boxes(
      data.cells.filter(\.share.isFinite),
      using: "1:2:3:4:5:6:7", colour: "palette")
    let ends = Self.ends(data.pair)
    let names = (data.pair ?? ["", ""]).map(Self.besideBar)
    script.add(
      """
      set palette defined (0 '\(ends[1])', 0.5 '#F7F7F7', 1 '\(ends[0])')
      set cbrange [0:1]
      set cbtics ("0 %%\(names[1])" 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, "100 %%\(names[0])" 1)
      set colorbox user origin screen \(1 - 10.5 * script.canvas.character), graph 0 \
      size screen \(2.2 * script.canvas.character), graph 1
      """)
    let lines = contours.map { contour in
      Script.Item(
        plot: "\(contour.name) using (\(columns.number("$1"))):(\(rows.number("$2")))"
          + " with \(Self.lineStyle(contour.level))",
        title: "\(Self.levels[contour.level].0)")
    }
    script.plot(ties + shares + lines)
  }

  /// The colours where the first objective of a pair is ahead, and where the second is: blue and
  /// orange, of which forward KL is always blue and reverse KL always orange.
  private static func ends(_ pair: [String]?) -> [String] {
    let colours = [ObjectiveStyle.blue, ObjectiveStyle.vermillion].map {
      ObjectiveStyle.palette[$0]
    }
    let isTurned = pair.map { $0[1] == "fkl" || $0[0] == "rkl" } ?? false
    return isTurned ? colours.reversed() : colours
  }

  /// The lines at the levels that the shares cross, by gnuplot's own contouring.
  private func contours(
    _ columns: CellAxis, _ rows: CellAxis, in script: inout Script
  ) -> [Contour] {
    let (epochs, cuts) = (data.epochs, data.cuts)
    guard epochs.count > 1, cuts.count > 1 else { return [] }
    var shares: [Double: [Double: Double]] = [:]
    for cell in data.cells {
      shares[cell.cut, default: [:]][cell.epoch] = cell.share
    }
    let grid = script.data(
      cuts.flatMap { cut in
        epochs.map { epoch in
          [columns.place(epoch), rows.place(cut), shares[cut]?[epoch] ?? .nan]
        } + [[]]
      })
    let finite = data.cells.map(\.share).filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return [] }
    return Self.levels.indices.compactMap { index in
      let level = Self.levels[index].0
      guard low < level, level < high else { return nil }
      let name = "$contour\(index)"
      script.add(
        """
        set contour base
        unset surface
        set cntrparam levels discrete \(level)
        set table \(name)
        splot \(grid) using 1:2:3 with lines
        unset table
        unset contour
        set surface
        """)
      return Contour(name: name, level: index)
    }
  }

  /// Fills the axes with characters, so that no cell is lost and none leaves a gap.
  private func plotCharacters(
    _ columns: CellAxis, _ rows: CellAxis, in rectangle: Rectangle, to script: inout Script
  ) {
    let (epochs, cuts) = (data.epochs, data.cuts)
    var cells: [Double: [Double: PhaseData.Cell]] = [:]
    for cell in data.cells { cells[cell.cut, default: [:]][cell.epoch] = cell }
    let grid = CharacterGrid(rectangle, on: script.canvas)
    var points: [Character: [[Double]]] = [:]
    for line in 0...grid.rows {
      let (y, row) = rows.cell(at: Double(line) / Double(grid.rows))
      for character in 0...grid.columns {
        let (x, column) = columns.cell(at: Double(character) / Double(grid.columns))
        guard let cell = cells[cuts[row]]?[epochs[column]] else { continue }
        if let kind = cell.isTied ? Self.tie : Self.classes.first(where: { cell.share >= $0.least })
        {
          points[kind.character, default: []].append([x, y])
        }
      }
    }
    script.plot(
      points.sorted { $0.key < $1.key }.map { character, points in
        Script.Item(
          plot: "\(script.data(points)) using 1:2 with points pointtype '\(character)'")
      })
  }
}
