// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// The validated options of `plot`.
struct PlotPlan {
  let figure: any Figure.Type
  let selections: [Table.Selection]
  let options: FigureOptions
  private let format: Canvas.Format
  private let size: (width: Int, height: Int)?

  /// Validates the options.
  ///
  /// - Throws: `UsageError` or `SpecificationError`.
  init(_ command: PlotCommand) throws {
    figure = try FigureCatalog.figure(named: command.figure)
    format = try Self.format(of: command.output, for: figure)
    size = try command.size.map { try Self.size($0, isText: command.output == nil) }
    selections = try command.selections.selections
    options = try Self.options(command, for: figure)
  }

  /// The name or the path of gnuplot.
  static var program: String {
    Terminal.environment("KLSIM_GNUPLOT").flatMap { $0.isEmpty ? nil : $0 } ?? "gnuplot"
  }

  /// The canvas for a figure.
  func canvas(for figure: any Figure) -> Canvas {
    guard format == .text else { return Canvas(for: figure, format, size: size) }
    let terminal = Terminal.outputSize
    let rows = terminal.map { max($0.rows, Canvas.textSizes.lowerBound) }
    return Canvas(
      columns: size?.width ?? terminal?.columns ?? 80, rows: size?.height ?? rows ?? 40,
      isColoured: terminal != nil && Terminal.environment("NO_COLOR") ?? "" == "")
  }

  private static func format(
    of output: String?, for figure: any Figure.Type
  ) throws(UsageError) -> Canvas.Format {
    let endings = figure.formats.filter { $0 != .text }.map { ".\($0.rawValue)" }
      .joined(separator: ", ")
    guard let output else {
      guard figure.formats.contains(.text) else {
        throw UsageError(
          description: "the figure '\(figure.name)' is not for a terminal; name a file that ends"
            + " in \(endings) by --output")
      }
      return .text
    }
    let ending = output.split(separator: ".", omittingEmptySubsequences: false).last.map(
      String.init)
    guard output.contains("."), let ending, ending != Canvas.Format.text.rawValue,
      let format = Canvas.Format(rawValue: ending.lowercased()), figure.formats.contains(format)
    else {
      throw UsageError(
        description: "--output \(output): the figure '\(figure.name)' can be written to a file"
          + " that ends in \(endings)")
    }
    return format
  }

  private static func size(
    _ text: String, isText: Bool
  ) throws(UsageError) -> (width: Int, height: Int) {
    let sizes = isText ? Canvas.textSizes : Canvas.sizes
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let width = numbers[0], let height = numbers[1],
      sizes.contains(width), sizes.contains(height)
    else {
      throw UsageError(
        description: "--size \(text): WIDTHxHEIGHT is needed, each of \(sizes.lowerBound) to"
          + " \(sizes.upperBound) \(isText ? "characters" : "pixels")")
    }
    return (width, height)
  }

  private static func options(
    _ command: PlotCommand, for figure: any Figure.Type
  ) throws -> FigureOptions {
    let given: [FigureOptions.Name: Bool] = [
      .objectives: !command.objectives.isEmpty, .error: command.error != nil,
      .threshold: command.threshold != nil, .order: command.order != nil,
      .facet: command.facet != nil, .scale: command.scale != nil,
    ]
    for name in FigureOptions.Name.allCases where given[name] == true {
      guard figure.options.contains(name) else {
        throw UsageError(
          description: "--\(name.rawValue) means nothing to the figure '\(figure.name)'")
      }
    }
    var options = FigureOptions()
    options.title = command.title
    try Self.chooseEpochs(command.epochs, in: &options)
    options.objectives =
      command.objectives.isEmpty
      ? nil
      : try distinct(splitSpecifications(command.objectives), of: "objectives") {
        // In canonical form, as in the records.
        try Self.axis(of: $0).choice($0, reader: NoFiles(), kernels: .best)
      }.map(\.specification)
    options.error = try Self.choice(command.error, of: "error")
    options.order = try Self.choice(command.order, of: "order")
    options.scale = try Self.choice(command.scale, of: "scale")
    options.facet = command.facet.map(column)
    if let text = command.threshold {
      guard let threshold = Double(text), threshold > 0, threshold <= 1 else {
        throw UsageError(description: "--threshold \(text): a number above 0, at most 1, is needed")
      }
      options.threshold = threshold
    }
    return options
  }

  /// The axis on which a specification is a choice: signals of sequences, or objectives.
  private static func axis(of text: String) throws(SpecificationError) -> any Axis.Type {
    let name = try Specification(parsing: text).name.lowercased()
    let signals = SequenceCatalog.objectives.names + SequenceCatalog.signals.names
    let isMisspelt =
      Catalog.objectives.names.suggestion(for: name).isEmpty
      && !signals.suggestion(for: name).isEmpty
    return signals.contains(name) || isMisspelt ? SignalAxis.self : ObjectiveAxis.self
  }

  /// Reads a list of epochs, or a window of them.
  private static func chooseEpochs(
    _ text: String?, in options: inout FigureOptions
  ) throws(UsageError) {
    guard let text else { return }
    if let epochs = EpochSelection.epochs(listed: text) {
      options.epochs = epochs.uniqued().sorted()
      return
    }
    let ends = text.split(separator: "..", omittingEmptySubsequences: false)
      .map { Double($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last,
      last.isFinite
    else {
      throw UsageError(
        description: "--epochs \(text): a list such as 1,5,10, or a window such as 0..20, is needed"
      )
    }
    options.window = first...last
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ text: String?, of option: String
  ) throws(UsageError) -> Choice? {
    guard let text else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue)
      throw UsageError(
        description: "--\(option) \(text): \(known.joined(separator: " or ")) is needed"
          + known.suggestion(for: text))
    }
    return choice
  }
}
