// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimStudies

/// Draws figures of recorded tables.
struct PlotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw a figure of recorded CSV: an SVG, PNG, PDF or GIF, or in the terminal.",
    discussion: """
      \(FigureCatalog.all.map { "\($0.name): \($0.summary)" }.joined(separator: "\n"))

      Figures are drawn by gnuplot: the one on PATH, or the one that KLSIM_GNUPLOT names.
      """)

  @Argument(
    help: ArgumentHelp(
      "Tables to draw as one: CSV or JSON Lines, also .gz, or the folder of a sweep.",
      valueName: "file"))
  var inputs: [String]

  @Option(
    help: ArgumentHelp(
      "What to draw: \(FigureCatalog.all.map { $0.name }.joined(separator: ", ")).",
      valueName: "kind"))
  var figure: String

  @Option(
    help: ArgumentHelp(
      "The picture; its ending is its format: .svg, .png, .pdf or .gif. (default: in the terminal)",
      valueName: "path"))
  var output: String?

  @OptionGroup var selections: SelectionOptions

  @Option(
    help: ArgumentHelp("Epochs to show: a list, 1,5,10, or a window, 0..20.", valueName: "epochs"))
  var epochs: String?

  @Option(
    help: ArgumentHelp(
      "Objectives, or signals, to show; phase takes two, and shows where the first is ahead.",
      valueName: "spec"))
  var objectives: [String] = []

  @Option(
    help: ArgumentHelp(
      "The error to show or compare: head, tail or total, which is head and tail."
        + " (default: tail for phase, else total)", valueName: "part"))
  var error: String?

  @Option(
    help: ArgumentHelp(
      "A panel for each value of this column, e.g. optimizer. (default: for each condition, if there"
        + " are many)", valueName: "column"))
  var facet: String?

  @Option(
    help: ArgumentHelp(
      "Scale of the errors: log or linear. (default: log where they differ by orders of magnitude)",
      valueName: "scale"))
  var scale: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The TVD below which a run has converged, for survival."
        + " (default: \(Trajectory.convergenceThreshold))",
      valueName: "x"))
  var threshold: String?

  @Option(
    help: ArgumentHelp(
      "How tokens are ordered, for snapshots and animation: token or rank. (default: token; rank where"
        + " there are many)", valueName: "order"))
  var order: String?

  @Option(
    help: ArgumentHelp("Title of the figure. (default: the condition it shows)", valueName: "text"))
  var title: String?

  @Option(
    help: ArgumentHelp(
      "Width and height: 1600x1200 pixels, of which a PDF has 96 an inch; characters in a terminal.",
      valueName: "size"))
  var size: String?

  func run() async throws {
    let plan = try PlotPlan(self)
    for path in inputs { try SweepState.requireComplete(path) }
    let file = try OutputFile(output ?? "-")
    let table = try Table(paths: inputs, for: plan.figure, where: plan.selections)
    let figure = try plan.figure.init(table, plan.options)
    try file.write(
      await Gnuplot(program: PlotPlan.program).picture(of: figure, on: plan.canvas(for: figure)))
    try file.commit()
  }
}
