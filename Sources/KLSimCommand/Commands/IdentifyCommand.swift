// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// Says which objective has given gradients.
struct IdentifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Which objective your loss descends, by its gradients.",
    discussion: """
      Reads teacher_logits or p, z, and g, the gradient of a loss in z, points × tokens: arrays of an NPZ or \
      safetensors file, or columns of a CSV file beside context and token. Fits every objective of the catalog, \
      its numbers and one factor for all points, and names those whose residual ‖g − c m‖/‖g‖ is within the \
      tolerance; else a sum of up to three; else the nearest, and that it is none of these.
      """)

  @Argument(
    help: ArgumentHelp("The points, as 'klsim points' writes them, with g.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "The objective that the loss is meant to be, up to a positive factor; exit code 1 if it is not.",
      valueName: "spec"))
  var expect: String?

  @Option(
    help: ArgumentHelp(
      "The largest residual of an objective that is named. (default: 1e-9; 64 roundings of arrays of less"
        + " precision, at most 0.03; 1.5 standard errors of the mean of draws, at most 0.1)",
      valueName: "x"))
  var tolerance: Double?

  @Option(help: ArgumentHelp("How many of the nearest objectives the table has.", valueName: "n"))
  var nearest = 5

  @Option(help: AnswerFormat.help)
  var format = AnswerFormat.text

  func run() throws {
    guard tolerance.map({ $0 > 0 && $0 < 1 }) ?? true else {
      throw UsageError(description: "--tolerance: a number above 0 and below 1 is needed")
    }
    guard nearest >= 0 else {
      throw UsageError(description: "--nearest \(nearest): a number of at least 0 is needed")
    }
    let reader = NumberFile.telling
    let expected = try expect.map { try Catalog.objective($0, reader: reader) }
    let (points, roundoff) = try PointsFile.read(file, reader: reader, kernels: .chosen())
    let found = Identification(
      points,
      tolerance: tolerance
        ?? max(
          1e-9, min(64 * roundoff, 0.03),
          min(
            IdentificationReport.standardErrors * points.samplingError, IdentificationReport.noise)
        ))
    let report = IdentificationReport(
      found, expected: expected, roundoff: roundoff, nearest: nearest)
    switch format {
    case .text: try Terminal.output(report.text)
    case .json: try Terminal.output(report.json)
    }
    guard report.isAsExpected else { throw ExitCode.failure }
  }
}
