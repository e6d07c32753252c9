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
      "Where they go: a file that ends in .npz, .csv or .jsonl; - for CSV on standard output.",
      valueName: "path"))
  var output = "-"

  func run() throws {
    guard (1...1_000_000).contains(points), (2...1_000_000).contains(vocabulary),
      points * vocabulary <= 50_000_000
    else {
      throw UsageError(
        description:
          "--points \(points) --vocabulary \(vocabulary): at least 1 point and 2 tokens are"
          + " needed, and at most 50 million numbers")
    }
    let all = PointKind.allCases.map(\.rawValue)
    let chosen = try kinds.map { list in
      try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
        PointKind.allCases[try all.place(of: String(word), kind: "kind of points")]
      }
    }
    let query = QueryPoints(
      count: points, size: vocabulary, kinds: chosen ?? PointKind.standard, seed: seed)
    let isArchive = output.hasSuffix(".npz")
    let bytes =
      try isArchive
      ? PointsFile.npz(query)
      : PointsFile.table(query, format: FormatOptions<Answer>.format(byEndingOf: output))
    let file = try OutputFile(output)
    try file.write(bytes)
    try file.commit()
  }
}
