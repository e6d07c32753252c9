// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles

/// Makes points at which a loss can be asked for its gradient.
struct PointsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "points",
    abstract: "Points at which to ask your loss for its gradient, for identify.",
    discussion: """
      Writes teacher_logits, p and z, points × tokens. Ask your loss at each for its gradient in z, save that \
      beside them as g, and let 'klsim identify' say which objective it is.
      """)

  @Option(help: ArgumentHelp("How many points.", valueName: "n"))
  var points = 29

  @Option(help: ArgumentHelp("How many tokens. A prime tells 1/V from 1/T².", valueName: "n"))
  var vocabulary = 17

  @Option(
    help: ArgumentHelp(
      "Kinds of points, which take turns: \(PointKind.allCases.map(\.rawValue).joined(separator: ", "))."
        + " (default: all but zeros)",
      valueName: "kinds"))
  var kinds: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the points.", valueName: "s"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Where they go: a file that ends in .npz, .csv or .csv.gz; - for CSV on standard output.",
      valueName: "path"))
  var output = "-"

  func run() throws {
    let (mostTokens, mostNumbers) = (GradientPoints.mostTokens, GradientPoints.mostNumbers)
    guard points >= 1, (2...mostTokens).contains(vocabulary), points <= mostNumbers / vocabulary
    else {
      throw UsageError(
        description:
          "--points \(points) --vocabulary \(vocabulary): at least 1 point and 2 tokens are"
          + " needed, and at most \(mostTokens) tokens and \(mostNumbers) numbers, points × tokens")
    }
    let isArchive = output.hasSuffix(".npz")
    guard isArchive || [nil, "csv"].contains(RowFormat.ending(of: output)) else {
      throw UsageError(
        description:
          "--output \(output): points are written to a file that ends in .npz, .csv or .csv.gz")
    }
    let all = PointKind.allCases.map(\.rawValue)
    let chosen = try kinds.map { list in
      try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
        PointKind.allCases[try all.place(of: String(word), kind: "kind of points")]
      }
    }
    let file = try OutputFile(output)
    let query = QueryPoints(
      count: points, size: vocabulary, kinds: chosen ?? PointKind.standard, seed: seed)
    try file.write(isArchive ? PointsFile.npz(query) : PointsFile.csv(query))
    try file.commit()
  }
}
