// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// Head and tail error and both divergences over epochs: medians over seeds with their 90 % band.
package struct CurvesFigure: Figure {
  package static let name = "curves"
  package static let summary =
    "head and tail error, fkl and rkl by epoch; median and 5–95 % of the seeds (records)"
  package static let numbers = Set(CurvesData.measures + ["seeds", "q05", "median", "q95"])
  package static let options: Set<FigureOptions.Name> = [.objectives]

  private static let captions = [
    "head error, Σ_{head} |p − q|", "tail error, Σ_{tail} |p − q|", "KL(p‖q) / nats",
    "KL(q‖p) / nats",
  ]

  private static let plainCaptions = ["head error", "tail error", "KL(p‖q)", "KL(q‖p)"]

  private let data: CurvesData
  private let title: String

  package init(_ table: Table, _ options: FigureOptions) throws {
    data = try CurvesData(table, options)
    title =
      options.title
      ?? [data.grouping.condition.text, Self.seeds(data)].filter { !$0.isEmpty }
      .joined(separator: " · ")
  }

  private static func seeds(_ data: CurvesData) -> String {
    switch data.seedCount {
    case 1: "one seed"
    case let count?: "\(count) seeds: median and 5–95 % band"
    case nil: "median and 5–95 % band over seeds"
    }
  }

  package var size: (width: Int, height: Int) { (960, 720) }

  package func draw(in script: inout Script) {
    let canvas = script.canvas
    let lines = data.grouping.lines
    let layout = Layout(
      canvas, title: title,
      entries: lines.enumerated().map { index, line in
        Layout.Entry(style: "lines \(line.style)", label: data.grouping.label(index))
      })
    let columns = canvas.isText && canvas.width < 120 ? 1 : 2
    let panels = layout.panels(CurvesData.measures.count, columns: columns)
    layout.begin(&script)
    for (measure, panel) in panels.enumerated() {
      script.add(panel.margins)
      script.add("set title \(caption(measure, canvas)) offset 0,-0.6 textcolor rgb '#222222'")
      let isLast = measure >= panels.count - columns
      script.add(isLast ? "set xlabel 'epoch' offset 0,0.4" : "unset xlabel")
      plot(measure, lines, in: &script)
    }
    layout.end(&script)
  }

  private func caption(_ measure: Int, _ canvas: Canvas) -> String {
    "'\((canvas.isText ? Self.plainCaptions : Self.captions)[measure])'"
  }

  private func plot(_ measure: Int, _ lines: [Line], in script: inout Script) {
    let isText = script.canvas.isText
    let points = data.points.map { $0[measure] }
    let epochs = points.flatMap { $0.map(\.epoch) }
    let last = max(1, epochs.max() ?? 1)
    script.add("set xrange [\(min(epochs.min() ?? 0, last - 1)):\(last)]")
    let isBanded = !isText && data.seedCount != 1
    let shown = points.joined().flatMap { isBanded ? [$0.low, $0.median, $0.high] : [$0.median] }
    guard let axis = Axis(shown) else {
      script.add(
        """
        set yrange [0:1]
        set label 99 'nothing finite to show' at graph 0.5,graph 0.5 center
        plot NaN notitle
        unset label 99
        """)
      return
    }
    script.add(axis.commands("y", on: script.canvas))
    script.plotBands(
      points.indices.map { index in
        (
          rows: points[index].map { [Double($0.epoch), $0.median, $0.low, $0.high] },
          line: lines[index], title: data.grouping.label(index), hasBand: isBanded
        )
      })
  }
}
